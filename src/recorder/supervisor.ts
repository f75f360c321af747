/**
 * Supervises the processes of all pairs: which there are, how they do, when all of it stops, pauses, goes on. Knows
 * nothing of stores and venues; forking is a capability.
 */
import { changesOf, type PairChanges, pairsOf } from './pair-changes.ts'
import type { PairConfig } from './pair-messages.ts'
import { StagedStart } from './staged-start.ts'
import type { StreamStatus } from './stream-status.ts'
import { SupervisedPair } from './supervised-pair.ts'
import type { SupervisedPairOptions } from './supervised-pair-options.ts'
import type { StreamConfig } from './thread-messages.ts'
import { VenueGrants } from './venue-grants.ts'

/** A process that has not begun its work by then no longer keeps the next one from starting. */
const START_PATIENCE = 15_000
/** A stream that does not deliver by then does not keep the others from being taken over. */
const READY_LIMIT = 120_000

const NO_CHANGES: PairChanges = { added: [], removed: [], changed: [], resumed: [] }

export interface SupervisorOptions extends Omit<
  SupervisedPairOptions,
  'onNews' | 'onNoRoom' | 'onOver' | 'starts' | 'turnsToStop' | 'grants'
> {
  readonly pairs: readonly PairConfig[]
  /** How many processes may be starting at any time. */
  readonly startsAtOnce: number
  /** A full disk pauses all pairs instead of ending the one that met it. */
  readonly pausesWithoutRoom?: boolean
  /** Every stream that is to be taken over delivers, or had its time to. Called once at most. */
  readonly onReady?: () => void
}

export interface SupervisorOutcome {
  /** Sentences of what could not be recorded; empty: all went well. */
  readonly failures: readonly string[]
  /** At least one of them because the disk is full. */
  readonly hasNoRoom: boolean
  readonly streams: readonly StreamStatus[]
}

export class Supervisor {
  /** Settles when every pair's process has ended for good. */
  readonly outcome: Promise<SupervisorOutcome>
  private readonly options: SupervisorOptions
  private readonly starts: StagedStart<object>
  private readonly grants: VenueGrants
  private pairs: readonly SupervisedPair[]
  private isStopping = false
  private pausedBy: string | undefined
  private hasEverDelivered = false
  /** Other recorders are still to be told that this one is ready to go on. */
  private takesOver: boolean
  private cancelReady: () => void = () => undefined
  private settle: (outcome: SupervisorOutcome) => void = () => undefined

  constructor(options: SupervisorOptions) {
    this.options = options
    this.outcome = new Promise((resolve) => (this.settle = resolve))
    const { startsAtOnce: atOnce, scheduler } = options
    this.starts = new StagedStart({ atOnce, patience: START_PATIENCE, scheduler })
    this.grants = new VenueGrants(scheduler, options.now)
    this.pairs = options.pairs.map((config) => this.supervise(config))
    this.takesOver = options.pairs.some(({ takesOver }) => takesOver)
  }

  start(): void {
    if (this.pausedBy === undefined) for (const pair of this.pairs) pair.begin()
    if (this.takesOver)
      this.cancelReady = this.options.scheduler.after(READY_LIMIT, () => {
        if (this.pairs.some(({ streams }) => streams.ready.size > 0)) this.tellReady()
      })
  }

  private tellReady(): void {
    if (!this.takesOver || this.isStopping) return
    this.takesOver = false
    this.cancelReady()
    this.options.onReady?.()
  }

  /** Whether any stream has delivered. */
  get hasDelivered(): boolean {
    return this.hasEverDelivered
  }

  /** Why nothing is recorded just now, one sentence; undefined: it is. */
  get pauseReason(): string | undefined {
    return this.pausedBy
  }

  status(): readonly StreamStatus[] {
    return this.pairs.flatMap(({ streams }) => streams.statuses.all())
  }

  /** How often the process of each pair was started again. */
  restarts(): ReadonlyMap<string, number> {
    return new Map(this.pairs.map(({ pair, restarts }) => [pair, restarts]))
  }

  /** Asks every process to flush, seal and end. May be called more than once. */
  stop(): void {
    if (this.isStopping) return
    this.isStopping = true
    for (const pair of this.pairs) pair.stop()
    this.endIfOver()
  }

  /** Ends every process at once; journals keep what was written. */
  kill(): void {
    this.isStopping = true
    for (const pair of this.pairs) pair.kill()
  }

  /** Flushes and ends every process, and waits for `resume`. `reason`: one sentence. */
  pause(reason: string): void {
    if (this.isStopping || this.pausedBy !== undefined) return
    this.pausedBy = reason
    for (const pair of this.pairs) pair.stop()
  }

  /** Somebody may have filled the disk faster than anyone could look. */
  private pauseWithoutRoom(sentence: string): void {
    const { pausesWithoutRoom, writeLog } = this.options
    if (pausesWithoutRoom !== true || this.isStopping || this.pausedBy !== undefined) return
    const reason = `${sentence} Recording is paused until there is room.`
    writeLog({ level: 'error', about: undefined, message: reason })
    this.pause(reason)
  }

  /** Records again after a pause. */
  resume(): void {
    if (this.isStopping || this.pausedBy === undefined) return
    this.pausedBy = undefined
    for (const pair of this.pairs) if (!pair.isLeaving) pair.begin()
  }

  /** Records these pairs from now on. Those at work whose settings stay notice nothing; those given up are tried again. */
  reconfigure(configs: readonly PairConfig[]): PairChanges {
    const changes: PairChanges[] = []
    const known = new Map(this.pairs.map((supervised) => [supervised.pair, supervised]))
    for (const wanted of configs) {
      // Streams are taken over at the start alone.
      const config = { ...wanted, takesOver: false }
      const supervised = known.get(config.pair) ?? this.add(config)
      const isNew = !known.has(config.pair) || supervised.isLeaving
      const change = isNew
        ? { ...NO_CHANGES, added: pairsOf(config.streams) }
        : changesOf(supervised.wanted, config, this.givenUp(supervised))
      if (Object.values(change).every(({ length }) => length === 0)) continue
      changes.push(change)
      supervised.isLeaving = false
      supervised.wanted = config
      if (this.pausedBy === undefined && !this.isStopping) supervised.begin()
    }
    for (const supervised of known.values()) {
      if (supervised.isLeaving || configs.some(({ pair }) => pair === supervised.pair)) continue
      changes.push({ ...NO_CHANGES, removed: pairsOf(supervised.wanted.streams) })
      this.remove(supervised)
    }
    return {
      added: changes.flatMap(({ added }) => added),
      removed: changes.flatMap(({ removed }) => removed),
      changed: changes.flatMap(({ changed }) => changed),
      resumed: changes.flatMap(({ resumed }) => resumed),
    }
  }

  /** Streams that are tried again. In one process with others they are given up alone. */
  private givenUp({ isOver, streams, wanted }: SupervisedPair): readonly StreamConfig[] {
    if (this.pausedBy !== undefined) return []
    if (isOver) return wanted.streams
    return wanted.mode === 'light' ? streams.ended : []
  }

  private supervise(config: PairConfig): SupervisedPair {
    const supervised = new SupervisedPair(config, {
      ...this.options,
      starts: this.starts,
      grants: this.grants,
      // Where many end at once, each of them gets less of the processors.
      turnsToStop: () => (this.isStopping ? Math.ceil(this.pairs.length / this.options.startsAtOnce) : 1),
      onNews: () => {
        this.hasEverDelivered ||= supervised.hasStarted
        this.giveUpIfNothingStarts()
        if (this.pairs.every(({ streams }) => streams.areReady)) this.tellReady()
      },
      onNoRoom: (sentence) => {
        this.pauseWithoutRoom(sentence)
      },
      onOver: () => {
        if (supervised.isLeaving) this.forget(supervised)
        this.endIfOver()
      },
    })
    return supervised
  }

  private add(config: PairConfig): SupervisedPair {
    const supervised = this.supervise(config)
    this.pairs = [...this.pairs, supervised]
    return supervised
  }

  private remove(supervised: SupervisedPair): void {
    supervised.isLeaving = true
    if (supervised.isOver) this.forget(supervised)
    else supervised.stop()
  }

  private forget(supervised: SupervisedPair): void {
    this.pairs = this.pairs.filter((other) => other !== supervised)
  }

  /** Every stream failed to start and none ever did: there is nothing to wait for. */
  private giveUpIfNothingStarts(): void {
    if (this.hasEverDelivered || this.isStopping) return
    if (this.pairs.some(({ streams }) => streams.couldNotStart.size < streams.statuses.size)) return
    for (const pair of this.pairs) pair.giveUp()
    this.stop()
  }

  private endIfOver(): void {
    if (this.pausedBy !== undefined && !this.isStopping) return
    if (this.pairs.some(({ isOver }) => !isOver)) return
    this.cancelReady()
    this.grants.stop()
    this.settle({
      failures: this.pairs.flatMap(({ failures }) => failures),
      hasNoRoom: this.pairs.some(({ hasNoRoom }) => hasNoRoom),
      streams: this.status(),
    })
  }
}
