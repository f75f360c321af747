/**
 * Supervises the processes of all pairs: starts them, starts them again with back-off when they die, collects how they
 * do, stops them. Knows nothing of stores and venues; forking is a capability.
 */
import type { StreamId } from '../market/instrument.ts'
import { Backoff } from '../transport/backoff.ts'
import type { FromPair, PairConfig, ToPair } from './pair-messages.ts'
import type { WriteLog } from './recorder-log.ts'
import type { Scheduler } from './scheduler.ts'
import { emptyStatus, type StreamStatus } from './stream-status.ts'

const RESTART_DELAYS = { first: 500, most: 30_000 }
/** A process that lived shorter than this crashed quickly … */
const QUICK_CRASH = 60_000
/** … and after so many quick crashes in a row its pair is given up. */
const MOST_QUICK_CRASHES = 5
/** A process that has not flushed and sealed by then is killed; its journal keeps what it had. */
const STOP_TIMEOUT = 60_000
/** A process at work tells its status several times a second; one that is silent for so long hangs. */
const SILENCE_LIMIT = 20_000
/** A stream that does not deliver by then does not keep the others from being taken over. */
const READY_LIMIT = 120_000

/** A pair's process. */
export interface PairProcess {
  readonly tell: (message: ToPair) => void
  readonly onMessage: (listener: (message: FromPair) => void) => void
  /** `how`: the exit code or the signal, for people. */
  readonly onExit: (listener: (how: string, isClean: boolean) => void) => void
  readonly kill: () => void
}

export interface SupervisorOptions {
  readonly pairs: readonly PairConfig[]
  readonly fork: (pair: string) => PairProcess
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly writeLog: WriteLog
  /** Every stream that is to be taken over delivers, or had its time to. */
  readonly onReady?: () => void
}

export interface SupervisorOutcome {
  /** Sentences of what could not be recorded; empty: all went well. */
  readonly failures: readonly string[]
  readonly streams: readonly StreamStatus[]
}

interface SupervisedPair {
  readonly config: PairConfig
  readonly delays: Backoff
  process: PairProcess | undefined
  quickCrashes: number
  isQuick: boolean
  /** It has begun its work: before that there is nothing an unclean end could lose. */
  hasSpoken: boolean
  isOver: boolean
  cancelTimers: (() => void)[]
  /** Ends the wait for its next word. */
  cancelSilence: () => void
  /** How often it was started again. */
  restarts: number
}

export class Supervisor {
  /** Settles when every pair's process has ended for good. */
  readonly outcome: Promise<SupervisorOutcome>
  private readonly options: SupervisorOptions
  private readonly pairs: readonly SupervisedPair[]
  private readonly statuses = new Map<StreamId, StreamStatus>()
  private readonly couldNotStart = new Map<StreamId, string>()
  private readonly endedStreams = new Set<StreamId>()
  private readonly failures: string[] = []
  private readonly readyStreams = new Set<StreamId>()
  private isReady = false
  private hasStarted = false
  private isStopping = false
  private settle: (outcome: SupervisorOutcome) => void = () => undefined

  constructor(options: SupervisorOptions) {
    this.options = options
    this.outcome = new Promise((resolve) => (this.settle = resolve))
    this.pairs = options.pairs.map((config) => ({
      config,
      delays: new Backoff({ ...RESTART_DELAYS, random: options.random }),
      process: undefined,
      quickCrashes: 0,
      isQuick: false,
      hasSpoken: false,
      isOver: false,
      cancelTimers: [],
      cancelSilence: () => undefined,
      restarts: 0,
    }))
    for (const { streams } of options.pairs)
      for (const { stream } of streams) this.statuses.set(stream, emptyStatus(stream))
  }

  start(): void {
    for (const pair of this.pairs) this.launch(pair)
    if (this.options.pairs.some(({ takesOver }) => takesOver))
      this.options.scheduler.after(READY_LIMIT, () => {
        this.tellReady()
      })
  }

  private tellReady(): void {
    if (this.isReady || this.isStopping) return
    this.isReady = true
    this.options.onReady?.()
  }

  /** Whether any stream has delivered. */
  get hasDelivered(): boolean {
    return this.hasStarted
  }

  status(): readonly StreamStatus[] {
    return [...this.statuses.values()]
  }

  /** How often the process of each pair was started again. */
  restarts(): ReadonlyMap<string, number> {
    return new Map(this.pairs.map(({ config, restarts }) => [config.pair, restarts]))
  }

  /** Asks every process to flush, seal and end. May be called more than once. */
  stop(): void {
    if (this.isStopping) return
    this.isStopping = true
    for (const pair of this.pairs) {
      for (const cancel of pair.cancelTimers) cancel()
      if (pair.process !== undefined) this.stopProcess(pair, pair.process)
      else if (!pair.isOver) {
        this.failures.push(
          `${pair.config.pair}: its process had died and was not started again; the next start stores what its journal holds.`,
        )
        this.end(pair)
      }
    }
  }

  /** Ends every process at once; journals keep what was written. */
  kill(): void {
    this.isStopping = true
    for (const { process } of this.pairs) process?.kill()
  }

  private launch(pair: SupervisedPair): void {
    const { config } = pair
    const process = (pair.process = this.options.fork(config.pair))
    pair.isQuick = true
    pair.hasSpoken = false
    const noLongerQuick = this.options.scheduler.after(QUICK_CRASH, () => {
      pair.isQuick = false
    })
    pair.cancelTimers = [noLongerQuick]
    process.onMessage((message) => {
      this.hear(pair, process, message)
    })
    process.onExit((how, isClean) => {
      pair.cancelSilence()
      for (const cancel of pair.cancelTimers) cancel()
      pair.process = undefined
      this.exited(pair, how, isClean)
    })
    process.tell({ kind: 'record', config })
  }

  private hear(pair: SupervisedPair, process: PairProcess, message: FromPair): void {
    pair.hasSpoken = true
    this.expectMore(pair, process)
    switch (message.kind) {
      case 'status':
        for (const status of message.streams) this.statuses.set(status.stream, status)
        return
      case 'log':
        this.options.writeLog(message.line)
        return
      case 'ready':
        this.readyStreams.add(message.stream)
        if (this.readyStreams.size === this.statuses.size) this.tellReady()
        return
      case 'started':
        this.hasStarted = true
        return
      case 'could-not-start':
        this.couldNotStart.set(message.stream, message.sentence)
        this.giveUpIfNothingStarts()
        return
      case 'ended':
        this.failures.push(`${message.stream}: ${message.sentence}`)
        this.endedStreams.add(message.stream)
        if (!pair.config.streams.every(({ stream }) => this.endedStreams.has(stream))) return
        pair.isOver = true
        this.stopProcess(pair, process)
        return
      case 'failed':
        if (!pair.isOver) this.failures.push(`${pair.config.pair}: ${message.sentence}`)
        pair.isOver = true
        this.stopProcess(pair, process)
    }
  }

  /** Replaces a process whose main thread is stuck. */
  private expectMore(pair: SupervisedPair, process: PairProcess): void {
    pair.cancelSilence()
    if (this.isStopping || pair.isOver) return
    pair.cancelSilence = this.options.scheduler.after(SILENCE_LIMIT, () => {
      const seconds = String(SILENCE_LIMIT / 1000)
      const message = `The process of ${pair.config.pair} has said nothing for ${seconds} s and is killed; its journal keeps what it recorded.`
      this.options.writeLog({ level: 'error', about: pair.config.pair, message })
      process.kill()
    })
  }

  private stopProcess(pair: SupervisedPair, process: PairProcess): void {
    pair.cancelSilence()
    process.tell({ kind: 'stop' })
    const cancel = this.options.scheduler.after(STOP_TIMEOUT, () => {
      const message = 'The process did not end in time and is killed; its journal keeps what it recorded.'
      this.options.writeLog({ level: 'error', about: pair.config.pair, message })
      process.kill()
    })
    pair.cancelTimers.push(cancel)
  }

  /** Every stream failed to start and none ever did: there is nothing to wait for. */
  private giveUpIfNothingStarts(): void {
    if (this.hasStarted || this.isStopping || this.couldNotStart.size < this.statuses.size) return
    for (const sentence of this.couldNotStart.values()) this.failures.push(sentence)
    this.stop()
  }

  private exited(pair: SupervisedPair, how: string, isClean: boolean): void {
    const { config, delays } = pair
    const { writeLog, scheduler } = this.options
    if (this.isStopping || pair.isOver) {
      if (!isClean && pair.hasSpoken && !pair.isOver)
        this.failures.push(`${config.pair}: its process did not end cleanly (${how}).`)
      this.end(pair)
      return
    }
    pair.quickCrashes = pair.isQuick ? pair.quickCrashes + 1 : 1
    if (pair.quickCrashes === 1) delays.reset()
    if (pair.quickCrashes >= MOST_QUICK_CRASHES) {
      const crashes = String(MOST_QUICK_CRASHES)
      this.failures.push(
        `${config.pair}: its process crashed ${crashes} times in a row (${how}) and is given up; what it recorded is kept. ` +
          `Free memory and disk, then run the same command again; if it crashes still, report what stands above.`,
      )
      this.end(pair)
      return
    }
    const delay = delays.next()
    const message = `The process of ${config.pair} died (${how}); it starts again in ${(delay / 1000).toFixed(1)} s.`
    writeLog({ level: 'error', about: config.pair, message })
    pair.cancelTimers = [
      scheduler.after(delay, () => {
        pair.restarts++
        this.launch(pair)
      }),
    ]
  }

  private end(pair: SupervisedPair): void {
    pair.isOver = true
    if (this.pairs.some(({ isOver, process }) => !isOver || process !== undefined)) return
    this.settle({ failures: this.failures, streams: this.status() })
  }
}
