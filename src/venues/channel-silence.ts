/**
 * How long each channel of a connection has said nothing while others of it went on. It is about what a live feed asks for:
 * no book depends on it, and no keyframe holds it. What a silent channel leads to is its venue's.
 */
import type { Micros } from '../market/time.ts'

const UNSEEN = -1

export class ChannelSilence {
  private readonly cap: number
  /** Microseconds by channel; UNSEEN: it never spoke, and need not. */
  private readonly silent: number[]
  private last = 0

  /**
   * `cap`: microseconds that one pause between two frames counts for at most. A reader that was held up finds what came
   * meanwhile all at once: the time it was away is no silence.
   */
  constructor(channels: number, cap: number) {
    this.silent = new Array<number>(channels).fill(UNSEEN)
    this.cap = cap
  }

  /** A frame of any channel came. */
  pass(now: Micros): void {
    const { silent } = this
    const passed = this.last === 0 ? 0 : Math.min(now - this.last, this.cap)
    this.last = now
    for (let channel = 0; channel < silent.length; channel++) {
      const before = silent[channel] ?? UNSEEN
      if (before >= 0) silent[channel] = before + passed
    }
  }

  /** It was of this channel. */
  note(channel: number): void {
    this.silent[channel] = 0
  }

  /** It need not speak again. */
  forget(channel: number): void {
    this.silent[channel] = UNSEEN
  }

  /** Microseconds; 0 for a channel that never spoke. */
  of(channel: number): number {
    return Math.max(0, this.silent[channel] ?? 0)
  }
}
