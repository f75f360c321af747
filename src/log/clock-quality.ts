/** How far the times of a run can be trusted: what a recorder notes of its clocks in `clock` entries. Shapes alone. */

/** Times from venue to receipt, by the recorder's clock: microseconds; below 0 where the venue's clock is ahead. */
export interface LatencyFigures {
  /** Frames measured: those that carry a time of the venue, and not one of more than a minute ago. */
  readonly count: number
  readonly least: number
  /** Half of them, 90 % and 99 % took at most this: exact to 1/16. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly most: number
  readonly last: number
}

/** The machine's wall clock, held against its monotonic one since the process began. */
export interface WallClockFigures {
  /** For how long it was watched. */
  readonly seconds: number
  /** How often it was set, forward or back, by at least 10 ms at once. */
  readonly steps: number
  /** The step that was furthest from 0, in microseconds; 0: there was none. */
  readonly largestStep: number
  /** How much faster it runs than the monotonic clock, steps left out: parts per million; null: watched too shortly. */
  readonly drift: number | null
}

/** Payload of a `clock` entry that sums up: the figures of the run so far, or of all of it where it is the run's last one. */
export interface ClockQuality extends WallClockFigures {
  readonly latency: LatencyFigures | null
}
