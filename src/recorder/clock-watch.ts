/** Watches how the wall clock behaves against the monotonic one: steps and drift. Corrects nothing; see clock.ts. */
import type { WallClockFigures } from '../log/clock-quality.ts'
import { systemTime, type TimeSources } from './clock.ts'

/** A change within one tick that no slewing makes. */
const STEP_MICROS = 10_000
/** Both clocks are read within this, or the reading counts for nothing: something else ran in between. */
const READING_NANOS = 1_000_000n
/** After so many such readings in a row one counts all the same. */
const MOST_PASSED_OVER = 50
/** The wall clock is read in whole milliseconds: over a shorter time that would look like drift. */
const LEAST_SECONDS = 60

export class ClockWatch {
  private readonly sources: TimeSources
  private readonly firstNanos: bigint
  private readonly firstWall: number
  private lastNanos: bigint
  private lag = 0
  private stepped = 0
  private steps = 0
  private largestStep = 0
  private passedOver = 0

  constructor(sources: TimeSources = systemTime) {
    this.sources = sources
    this.firstNanos = this.lastNanos = sources.monotonicNanos()
    this.firstWall = sources.wallMicros()
  }

  /** Wants to be called several times a second. */
  tick(): void {
    const { monotonicNanos, wallMicros } = this.sources
    const before = monotonicNanos()
    const wall = wallMicros()
    if (monotonicNanos() - before > READING_NANOS && this.passedOver++ < MOST_PASSED_OVER) return
    this.passedOver = 0
    this.lastNanos = before
    const lag = wall - this.firstWall - Number(before - this.firstNanos) / 1000
    const change = lag - this.lag
    this.lag = lag
    if (Math.abs(change) < STEP_MICROS) return
    this.steps++
    this.stepped += change
    if (Math.abs(change) > Math.abs(this.largestStep)) this.largestStep = Math.round(change)
  }

  figures(): WallClockFigures {
    const micros = Number(this.lastNanos - this.firstNanos) / 1000
    const seconds = Math.round(micros / 1e6)
    const drift = seconds < LEAST_SECONDS ? null : Math.round(((this.lag - this.stepped) / micros) * 1e7) / 10
    return { seconds, steps: this.steps, largestStep: this.largestStep, drift }
  }
}
