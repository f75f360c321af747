/** Timers that fire when the test says that time has passed. */
import { type Micros, microsOf } from '../../src/market/time.ts'
import type { Scheduler } from '../../src/recorder/scheduler.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly action: () => void
}

export class ManualScheduler implements Scheduler {
  private milliseconds = 0
  private made = 0
  private timers: Timer[] = []

  readonly after = (milliseconds: number, action: () => void): (() => void) => {
    const timer = { at: this.milliseconds + milliseconds, order: this.made++, action }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** How many timers wait: each keeps a real process from ending. */
  get waiting(): number {
    return this.timers.length
  }

  /** Microseconds that have passed, on a clock that began at one second. */
  readonly now = (): Micros => microsOf(1_000_000 + this.milliseconds * 1000)

  /** Lets time pass; due timers fire in order, those they set included. */
  pass(milliseconds: number): void {
    const end = this.milliseconds + milliseconds
    for (;;) {
      const [due] = this.timers
        .filter(({ at }) => at <= end)
        .sort((left, right) => left.at - right.at || left.order - right.order)
      if (due === undefined) break
      this.timers = this.timers.filter((timer) => timer !== due)
      this.milliseconds = Math.max(this.milliseconds, due.at)
      due.action()
    }
    this.milliseconds = end
  }
}
