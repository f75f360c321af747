/** The venue's time of events where it must never fall, nor lie behind the receive time. One for each stream. */
import type { StreamState } from '../../replay/stream-state.ts'

export class VenueClock {
  private last = -Infinity

  /**
   * What the venue tells in order it did in order: a time that falls is raised to the one before, one that lies behind the
   * receive time (clocks differ) is lowered to that, and what has none takes the one before.
   */
  at({ exchangeTime, receiveTime }: StreamState): number {
    const known = exchangeTime ?? (this.last === -Infinity ? receiveTime : this.last)
    this.last = Math.max(this.last, Math.min(known, receiveTime))
    return this.last
  }
}
