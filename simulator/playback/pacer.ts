/** When the next captured frame is due. */
import { setImmediate, setTimeout } from 'node:timers/promises'

import type { Micros } from '../../src/index.ts'

/** `recorded`: as it was; `max`: as fast as the reader takes it; a number: that many times as fast as recorded. */
export type Pace = 'recorded' | 'max' | number

/** After this many frames others get a turn, even at full speed. */
const TURN = 256

export class Pacer {
  private readonly factor: number
  private readonly signal: AbortSignal
  private firstTime: Micros | undefined
  private startedAt = 0
  private frames = 0

  /** The signal ends a wait at once. */
  constructor(pace: Pace, signal: AbortSignal) {
    this.factor = pace === 'max' ? Infinity : pace === 'recorded' ? 1 : pace
    this.signal = signal
  }

  /** Resolves when a frame captured at this time is due; the first one is due at once. */
  async until(time: Micros): Promise<void> {
    if (++this.frames % TURN === 0) await setImmediate()
    if (this.firstTime === undefined) {
      this.firstTime = time
      this.startedAt = performance.now()
      return
    }
    const due = this.startedAt + (time - this.firstTime) / 1000 / this.factor
    const wait = due - performance.now()
    if (wait > 1) await setTimeout(wait, undefined, { signal: this.signal }).catch(() => undefined)
  }
}
