/** A clock for paces that stands still until a test moves it. */
import type { PaceClock } from '../../src/replay/pacing.ts'

export class ManualPaceClock implements PaceClock {
  private time = 0
  private readonly waiting = new Map<() => void, number>()

  readonly now = (): number => this.time

  readonly schedule = (milliseconds: number, call: () => void): (() => void) => {
    this.waiting.set(call, this.time + milliseconds)
    return () => {
      this.waiting.delete(call)
    }
  }

  /** Timers that were not called off. */
  get timers(): number {
    return this.waiting.size
  }

  /** Moves on, and calls what has become due, in order of time. */
  advance(milliseconds: number): void {
    this.time += milliseconds
    const due = [...this.waiting].filter(([, at]) => at <= this.time).sort((one, other) => one[1] - other[1])
    for (const [call] of due) {
      this.waiting.delete(call)
      call()
    }
  }
}
