/**
 * Holds a replay back: to the pace at which it was received, or a multiple of it; paused, and let go entry by entry. Owns
 * when an entry is due; what the time is comes from a clock that it is given.
 */
import type { Micros } from '../market/time.ts'
import type { Pace } from './replay-options.ts'

/** The clock that a pace waits by. */
export interface PaceClock {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Calls once after so many milliseconds, at most LONGEST_WAIT; the answer calls it off. */
  readonly schedule: (milliseconds: number, call: () => void) => () => void
}

/** No timer can be longer. */
const LONGEST_WAIT = 2 ** 31 - 1
/** What is due within a millisecond is due: timers are no finer. */
const TOLERANCE = 1

export class ReplayPace implements Pace {
  private readonly clock: PaceClock
  private speed: number
  /** Receive time that the replay had reached at an instant of the clock; undefined before the first entry. */
  private anchor: { readonly at: number; readonly time: number } | undefined
  private isHeld = false
  /** Entries that may pass while it is paused. */
  private steps = 0
  private wake: (() => void) | undefined

  /** `speed`: 1 is real time, 10 ten times as fast, Infinity as fast as possible. Throws RangeError for no such number. */
  constructor(clock: PaceClock, speed: number) {
    this.clock = clock
    this.speed = checked(speed)
  }

  get isPaused(): boolean {
    return this.isHeld
  }

  /** No entry passes from here on. */
  pause(): void {
    this.anchorNow()
    this.isHeld = true
    this.changed()
  }

  /** Goes on from where it was paused, as if no time had passed. */
  resume(): void {
    this.anchorNow()
    this.isHeld = false
    this.steps = 0
    this.changed()
  }

  /** Lets so many entries pass while it is paused, without waiting for their time. */
  step(entries = 1): void {
    if (!this.isHeld) return
    this.steps += entries
    this.changed()
  }

  /** See the constructor. */
  setSpeed(speed: number): void {
    this.anchorNow()
    this.speed = checked(speed)
    this.changed()
  }

  due(time: Micros, signal: AbortSignal | undefined): Promise<void> | undefined {
    return this.pass(time) ? undefined : this.wait(time, signal)
  }

  /** Milliseconds until the entry is due by the clock. */
  private left(time: Micros): number {
    const { anchor, speed, clock } = this
    if (anchor === undefined || speed === Infinity) return 0
    return (time - anchor.time) / 1000 / speed - (clock.now() - anchor.at)
  }

  private pass(time: Micros): boolean {
    if (this.isHeld) {
      if (this.steps === 0) return false
      this.steps--
      if (this.anchor === undefined || time > this.anchor.time) this.anchor = { at: this.clock.now(), time }
      return true
    }
    this.anchor ??= { at: this.clock.now(), time }
    return this.left(time) < TOLERANCE
  }

  private async wait(time: Micros, signal: AbortSignal | undefined): Promise<void> {
    while (signal?.aborted !== true && !this.pass(time))
      await new Promise<void>((resolve) => {
        const callOff = this.isHeld
          ? undefined
          : this.clock.schedule(Math.min(Math.max(this.left(time), 0), LONGEST_WAIT), () => {
              this.changed()
            })
        const end = (): void => {
          this.wake = undefined
          callOff?.()
          signal?.removeEventListener('abort', end)
          resolve()
        }
        this.wake = end
        signal?.addEventListener('abort', end)
      })
  }

  private changed(): void {
    this.wake?.()
  }

  /** From here on time is counted from now; while it is paused none passes. */
  private anchorNow(): void {
    const { anchor, clock, speed } = this
    if (anchor === undefined) return
    const at = clock.now()
    const passed = this.isHeld || speed === Infinity ? 0 : (at - anchor.at) * 1000 * speed
    this.anchor = { at, time: anchor.time + passed }
  }
}

const checked = (speed: number): number => {
  if (speed > 0) return speed
  throw new RangeError(`no speed of a replay: ${String(speed)}`)
}
