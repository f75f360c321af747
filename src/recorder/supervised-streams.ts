/**
 * What a pair's process told of each of its streams: which deliver, which could not start, which have ended. A stream that
 * begins anew is known by what is told behind its new beginning alone. What follows for the process is SupervisedPair's.
 */
import type { StreamId } from '../market/instrument.ts'
import { streamChange } from './pair-changes.ts'
import type { FromPair, StreamChange } from './pair-messages.ts'
import { PairStatuses } from './pair-statuses.ts'
import type { StreamConfig } from './thread-messages.ts'

export class SupervisedStreams {
  readonly statuses: PairStatuses
  /** Why streams that never delivered could not start yet. */
  readonly couldNotStart = new Map<StreamId, string>()
  /** Streams that deliver, or would if they were this recorder's. */
  readonly ready = new Set<StreamId>()
  /** Why streams have ended before their time. */
  readonly endings = new Map<StreamId, string>()
  private configs: readonly StreamConfig[]
  /** Are to begin in a process at work: until it says so, what it tells of them is of their past. */
  private readonly awaited = new Set<StreamId>()

  /** `now`: milliseconds that only grow. */
  constructor(configs: readonly StreamConfig[], now: () => number) {
    this.configs = configs
    this.statuses = new PairStatuses(now)
    this.statuses.begin(configs)
  }

  /** Streams that have ended before their time and are wanted still. */
  get ended(): readonly StreamConfig[] {
    return this.configs.filter(({ stream }) => this.endings.has(stream))
  }

  get haveAllEnded(): boolean {
    return this.ended.length === this.configs.length
  }

  /** Every one delivers, or would if it were this recorder's, or has ended. */
  get areReady(): boolean {
    return this.configs.every(({ stream }) => this.ready.has(stream) || this.endings.has(stream))
  }

  /** Nothing is known of these streams yet, and of others nothing any more. */
  begin(configs: readonly StreamConfig[]): void {
    this.configs = configs
    this.couldNotStart.clear()
    this.ready.clear()
    this.launch()
    this.statuses.begin(configs)
  }

  /** Another process begins with all of them. */
  launch(): void {
    this.endings.clear()
    this.awaited.clear()
  }

  /** The process at work is to record these: the answer is what it must be told. Those that had ended are tried again. */
  change(configs: readonly StreamConfig[]): StreamChange {
    const change = streamChange(this.configs, configs, new Set(this.endings.keys()))
    this.configs = configs
    for (const stream of change.leaves) this.forget(stream)
    for (const config of change.begins) {
      this.forget(config.stream)
      this.awaited.add(config.stream)
      this.statuses.beginOne(config)
    }
    return change
  }

  hear(message: FromPair): void {
    switch (message.kind) {
      case 'status':
        this.statuses.take(message.streams.filter(({ stream }) => !this.awaited.has(stream)))
        return
      case 'begun':
        this.awaited.delete(message.stream)
        return
      case 'left':
        if (!this.isWanted(message.stream)) this.statuses.remove(message.stream)
        return
      case 'ready':
      case 'started':
        if (this.isAtWork(message.stream)) this.ready.add(message.stream)
        return
      case 'could-not-start':
        if (this.isAtWork(message.stream)) this.couldNotStart.set(message.stream, message.sentence)
        return
      case 'ended':
        if (this.isAtWork(message.stream)) this.endings.set(message.stream, message.sentence)
        return
      // Of the process.
      case 'failed':
      case 'ask':
      case 'log':
    }
  }

  /** The process is gone: the streams that it had not ended yet, and that nobody wants any more. */
  dropLeaving(): readonly StreamId[] {
    const leaving = this.statuses.streams.filter((stream) => !this.isWanted(stream))
    for (const stream of leaving) this.statuses.remove(stream)
    return leaving
  }

  /** The process has ended as it was told to, before it began with some. */
  stopAwaited(): void {
    for (const stream of this.awaited) this.statuses.lose('stopped', stream)
    this.awaited.clear()
  }

  private isWanted(stream: StreamId): boolean {
    return this.configs.some((config) => config.stream === stream)
  }

  /** It is wanted, and what is told of it is not of its past. */
  private isAtWork(stream: StreamId): boolean {
    return !this.awaited.has(stream) && this.isWanted(stream)
  }

  private forget(stream: StreamId): void {
    this.couldNotStart.delete(stream)
    this.ready.delete(stream)
    this.endings.delete(stream)
    this.awaited.delete(stream)
  }
}
