/**
 * What a pair's process last told of its streams, and since when their venues are silent. Times are of the supervisor's own
 * monotonic clock: a wall clock that is set makes nobody look alive.
 */
import type { StreamId } from '../market/instrument.ts'
import { emptyStatus, type StreamState, type StreamStatus } from './stream-status.ts'
import type { StreamConfig } from './thread-messages.ts'

export class PairStatuses {
  private readonly now: () => number
  private readonly told = new Map<StreamId, StreamStatus>()
  /** When each stream's venue was last known to have sent something, or recording the stream began. */
  private readonly heardAt = new Map<StreamId, number>()

  /** `now`: milliseconds that only grow. */
  constructor(now: () => number) {
    this.now = now
  }

  get size(): number {
    return this.told.size
  }

  get streams(): readonly StreamId[] {
    return [...this.told.keys()]
  }

  /** Nothing is known of these streams yet, and of others nothing any more. */
  begin(streams: readonly StreamConfig[]): void {
    this.told.clear()
    this.heardAt.clear()
    for (const config of streams) this.beginOne(config)
  }

  /** Nothing is known of this stream yet. */
  beginOne({ stream, mode }: StreamConfig): void {
    this.told.set(stream, emptyStatus(stream, mode))
    this.heardAt.set(stream, this.now())
  }

  /** It is not recorded any more. */
  remove(stream: StreamId): void {
    this.told.delete(stream)
    this.heardAt.delete(stream)
  }

  take(statuses: readonly StreamStatus[]): void {
    for (const status of statuses) {
      const { stream, state, lastFrameTime } = status
      const isHeard = lastFrameTime !== null && lastFrameTime !== this.told.get(stream)?.lastFrameTime
      // Whoever stands by expects nothing.
      if (isHeard || state === 'standby') this.heardAt.set(stream, this.now())
      this.told.set(stream, status)
    }
  }

  /** Nobody records: what was told last holds no longer, of one stream or of all. How long venues are silent goes on being counted. */
  lose(state: StreamState, only?: StreamId): void {
    for (const [stream, status] of this.told)
      if (only === undefined || stream === only)
        this.told.set(stream, {
          ...status,
          state,
          connections: 0,
          valid: false,
          verified: false,
          reason: status.reason ?? 'run-ended',
          bestBid: null,
          bestAsk: null,
        })
  }

  all(): readonly StreamStatus[] {
    const now = this.now()
    return [...this.told.values()].map((status) => ({
      ...status,
      silence: Math.max(0, now - (this.heardAt.get(status.stream) ?? now)),
    }))
  }
}
