/** How long a process that died waits until it is started again, and when it is not any more. */
import { Backoff } from '../transport/backoff.ts'

const RESTART_DELAYS = { first: 500, most: 30_000 }
/** A process that lived shorter than this, in milliseconds, crashed quickly … */
export const QUICK_CRASH = 60_000
/** … and after so many quick crashes in a row its pair is given up. */
export const MOST_QUICK_CRASHES = 5

export class RestartDelays {
  private readonly delays: Backoff
  private quickCrashes = 0
  private isQuick = false

  constructor(random: () => number) {
    this.delays = new Backoff({ ...RESTART_DELAYS, random })
  }

  /** What was before does not count. */
  begin(): void {
    this.quickCrashes = 0
  }

  noteLaunched(): void {
    this.isQuick = true
  }

  /** The process has lived for QUICK_CRASH. */
  noteLived(): void {
    this.isQuick = false
  }

  /** Milliseconds to wait, now that it has died; undefined: it is given up. */
  next(): number | undefined {
    this.quickCrashes = this.isQuick ? this.quickCrashes + 1 : 1
    if (this.quickCrashes === 1) this.delays.reset()
    return this.quickCrashes >= MOST_QUICK_CRASHES ? undefined : this.delays.next()
  }
}
