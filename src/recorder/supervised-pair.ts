/**
 * One pair under supervision: its process from start to end, started again with back-off when it dies, replaced when it
 * hangs, or started with other settings. What becomes of the whole recording is the Supervisor's.
 */
import { canGoOn } from './pair-changes.ts'
import type { FromPair, PairConfig, PairProcess } from './pair-messages.ts'
import type { LogLevel } from './recorder-log.ts'
import { MOST_QUICK_CRASHES, QUICK_CRASH, RestartDelays } from './restart-delays.ts'
import type { StreamState } from './stream-status.ts'
import type { SupervisedPairOptions } from './supervised-pair-options.ts'
import { SupervisedStreams } from './supervised-streams.ts'

/** A process that has not flushed and sealed by then is killed; its journal keeps what it had. Longer where many end at once. */
const STOP_TIMEOUT = 60_000
/** A process at work tells its status several times a second; one that is silent for so long hangs. */
const SILENCE_LIMIT = 20_000

const BEGINNING: readonly StreamState[] = ['starting', 'connecting']

export class SupervisedPair {
  /** What `begin` starts it with. */
  wanted: PairConfig
  /** It is not to be recorded any more. */
  isLeaving = false
  /** How often its process was started again after it had died. */
  restarts = 0
  /** Its process has ended, and none is started until `begin`. */
  isOver = true
  /** Any of its streams has delivered. */
  hasStarted = false
  /** One of them: because the disk is full. */
  hasNoRoom = false
  readonly streams: SupervisedStreams
  private readonly options: SupervisedPairOptions
  private readonly delays: RestartDelays
  /** Sentences of what became of its process. */
  private ownFailures: string[] = []
  private process: PairProcess | undefined
  /** Its process was started since `begin`. */
  private wasLaunched = false
  /** It has begun its work: before that there is nothing an unclean end could lose. */
  private hasSpoken = false
  /** Its process is to end. `asked`: nobody is surprised; `failed`: it said itself that it cannot go on. */
  private ending: 'asked' | 'failed' | undefined
  /** Another process is started once the one at hand has ended. */
  private beginsAgain = false
  /** What the process at hand was started with. */
  private config: PairConfig
  private cancelTimers: (() => void)[] = []
  /** Ends the wait for its next word. */
  private cancelSilence: () => void = () => undefined

  constructor(config: PairConfig, options: SupervisedPairOptions) {
    this.config = this.wanted = config
    this.options = options
    this.streams = new SupervisedStreams(config.streams, options.now)
    this.delays = new RestartDelays(options.random)
  }

  get pair(): string {
    return this.wanted.pair
  }

  /** Sentences of what could not be recorded. */
  get failures(): readonly string[] {
    const ended = [...this.streams.endings].map(([stream, sentence]) => `${stream}: ${sentence}`)
    return [...ended, ...this.ownFailures]
  }

  /**
   * Starts its process: at once, or when the one at work has flushed and ended. One that records the same but for its streams
   * goes on, in mode `light`, and is told which.
   */
  begin(): void {
    if (this.process !== undefined) {
      if (this.ending === undefined && canGoOn(this.config, this.wanted)) this.change(this.process)
      else {
        this.beginsAgain = true
        this.askToEnd(this.process)
      }
      return
    }
    this.cancel()
    this.options.starts.leave(this)
    this.config = this.wanted
    this.beginsAgain = this.wasLaunched = false
    this.ending = undefined
    this.isOver = false
    this.ownFailures = []
    this.hasNoRoom = false
    this.delays.begin()
    this.streams.begin(this.config.streams)
    this.launchInTurn()
  }

  private change(process: PairProcess): void {
    this.config = this.wanted
    this.hasNoRoom = false
    process.tell({ kind: 'change', ...this.streams.change(this.config.streams) })
  }

  /** Asks its process to flush, seal and end. */
  stop(): void {
    this.beginsAgain = false
    if (this.process !== undefined) this.askToEnd(this.process)
    else if (!this.isOver) {
      this.cancel()
      this.options.starts.leave(this)
      this.streams.statuses.lose(this.wasLaunched ? 'failed' : 'stopped')
      if (this.wasLaunched)
        this.ownFailures.push(
          `${this.config.pair}: its process had died and was not started again; the next start stores what its journal holds.`,
        )
      this.end()
    }
  }

  /** None of its streams ever started, and nobody waits for it any more: why is what could not be recorded. */
  giveUp(): void {
    for (const sentence of this.streams.couldNotStart.values()) this.ownFailures.push(sentence)
  }

  /** Ends its process at once; its journal keeps what was written. */
  kill(): void {
    this.beginsAgain = false
    this.ending ??= 'asked'
    this.options.starts.leave(this)
    this.process?.kill()
  }

  private cancel(): void {
    this.cancelSilence()
    for (const cancel of this.cancelTimers) cancel()
    this.cancelTimers = []
  }

  private log(level: LogLevel, message: string): void {
    this.options.writeLog({ level, about: this.config.pair, message })
  }

  private launchInTurn(): void {
    this.options.starts.add(this, () => {
      this.launch()
    })
  }

  private launch(): void {
    const { config, options } = this
    this.wasLaunched = true
    this.streams.launch()
    const process = (this.process = options.fork(config.pair))
    this.delays.noteLaunched()
    this.hasSpoken = false
    const noLongerQuick = options.scheduler.after(QUICK_CRASH, () => {
      this.delays.noteLived()
    })
    this.cancelTimers = [noLongerQuick]
    process.onMessage((message) => {
      this.hear(process, message)
    })
    process.onExit((how, isClean) => {
      this.cancel()
      this.process = undefined
      options.starts.leave(this)
      this.exited(how, isClean)
    })
    process.tell({ kind: 'record', config })
  }

  private hear(process: PairProcess, message: FromPair): void {
    this.hasSpoken = true
    this.expectMore(process)
    this.streams.hear(message)
    switch (message.kind) {
      case 'status':
        if (message.streams.every(({ state }) => !BEGINNING.includes(state))) this.options.starts.leave(this)
        return
      case 'log':
        this.options.writeLog(message.line)
        return
      case 'ask':
        this.grant(process, message)
        return
      case 'begun':
      case 'left':
        return
      case 'started':
        this.hasStarted = true
        this.options.onNews()
        return
      case 'ready':
      case 'could-not-start':
        if (this.streams.areReady) this.options.starts.leave(this)
        this.options.onNews()
        return
      case 'ended':
        if (this.streams.haveAllEnded) this.fail(process, undefined)
        break
      case 'failed':
        this.fail(process, message.sentence)
    }
    if (message.hasNoRoom !== true) return
    this.hasNoRoom = true
    this.options.onNoRoom(message.sentence)
  }

  private grant(process: PairProcess, { stream, what }: FromPair & { readonly kind: 'ask' }): void {
    const config = this.config.streams.find((each) => each.stream === stream)
    if (config === undefined) return
    this.options.grants.askFor(config, what, () => {
      process.tell({ kind: 'granted', stream, what })
    })
  }

  private fail(process: PairProcess, sentence: string | undefined): void {
    if (this.ending !== 'failed' && sentence !== undefined)
      this.ownFailures.push(`${this.config.pair}: ${sentence}`)
    this.ending = 'failed'
    this.tellToEnd(process)
  }

  /** Replaces a process whose main thread is stuck. */
  private expectMore(process: PairProcess): void {
    this.cancelSilence()
    if (this.ending !== undefined) return
    this.cancelSilence = this.options.scheduler.after(SILENCE_LIMIT, () => {
      this.log(
        'error',
        `The process of ${this.config.pair} has said nothing for ${String(SILENCE_LIMIT / 1000)} s and is killed; its journal keeps what it recorded.`,
      )
      process.kill()
    })
  }

  private askToEnd(process: PairProcess): void {
    if (this.ending !== undefined) return
    this.ending = 'asked'
    this.tellToEnd(process)
  }

  private tellToEnd(process: PairProcess): void {
    this.cancelSilence()
    process.tell({ kind: 'stop' })
    const cancel = this.options.scheduler.after(STOP_TIMEOUT * this.options.turnsToStop(), () => {
      this.log('error', 'The process did not end in time and is killed; its journal keeps what it recorded.')
      process.kill()
    })
    this.cancelTimers.push(cancel)
  }

  private exited(how: string, isClean: boolean): void {
    if (this.ending === undefined) {
      this.died(how)
      return
    }
    if (isClean) this.streams.stopAwaited()
    else this.streams.statuses.lose('failed')
    if (!isClean && this.hasSpoken && this.ending === 'asked')
      this.ownFailures.push(`${this.config.pair}: its process did not end cleanly (${how}).`)
    if (this.beginsAgain) this.begin()
    else this.end()
  }

  private died(how: string): void {
    const { config, delays } = this
    this.streams.statuses.lose('starting')
    for (const stream of this.streams.dropLeaving())
      this.log(
        'error',
        `${stream} was to be recorded no more, and its process died before it had stored everything; the next start with it stores what its journal holds.`,
      )
    const delay = delays.next()
    if (delay === undefined) {
      const sentence =
        `${config.pair}: its process crashed ${String(MOST_QUICK_CRASHES)} times in a row (${how}) and is given up; what it recorded is kept. ` +
        `Free memory and disk, then run the same command again (or send SIGHUP where other pairs go on); if it crashes still, report what stands above.`
      this.ownFailures.push(sentence)
      this.log('error', sentence.slice(config.pair.length + 2))
      this.streams.statuses.lose('failed')
      this.end()
      return
    }
    this.log(
      'error',
      `The process of ${config.pair} died (${how}); it starts again in ${(delay / 1000).toFixed(1)} s.`,
    )
    this.cancelTimers = [
      this.options.scheduler.after(delay, () => {
        this.restarts++
        this.launchInTurn()
      }),
    ]
  }

  private end(): void {
    this.ending = undefined
    this.isOver = true
    this.options.onOver()
  }
}
