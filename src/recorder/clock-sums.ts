/** Sums up now and then, and at a run's end, how the clocks have been in it. Where that is written is its user's affair. */
import type { ClockQuality, LatencyFigures, WallClockFigures } from '../log/clock-quality.ts'
import type { Scheduler } from './scheduler.ts'

/** Milliseconds: what a crash can leave out of the figures. */
const INTERVAL = 300_000

/** How the machine's clocks stand; `offset`: microseconds that the wall clock is ahead of the recorder's. */
export type ClockFigures = { readonly offset: number } & WallClockFigures

export interface ClockSumsOptions {
  readonly scheduler: Scheduler
  readonly clockFigures: () => ClockFigures
  readonly latency: () => LatencyFigures | null
  readonly write: (offset: number, quality: ClockQuality) => void
}

export class ClockSums {
  private readonly options: ClockSumsOptions
  private cancel: () => void = () => undefined

  constructor(options: ClockSumsOptions) {
    this.options = options
  }

  begin(): void {
    this.cancel = this.options.scheduler.after(INTERVAL, () => {
      this.writeSum()
      this.begin()
    })
  }

  /** The run's last one. */
  end(): void {
    this.cancel()
    this.writeSum()
  }

  private writeSum(): void {
    const { clockFigures, latency, write } = this.options
    const { offset, ...wallClock } = clockFigures()
    write(offset, { ...wallClock, latency: latency() })
  }
}
