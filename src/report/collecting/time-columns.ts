/** The range of a report cut into columns of equal width: however long it is, there are no more of them. */
import { type Micros, microsOf } from '../../market/time.ts'

const MOST_COLUMNS = 480

export class TimeColumns {
  /** The first and the last instant of the range. */
  readonly start: Micros
  readonly end: Micros
  /** Microseconds of one column. */
  readonly width: number
  readonly count: number

  constructor(start: Micros, end: Micros) {
    this.start = start
    this.end = microsOf(Math.max(start, end))
    const span = this.end - start
    this.width = Math.max(1, Math.ceil((span + 1) / MOST_COLUMNS))
    this.count = Math.floor(span / this.width) + 1
  }

  /** The column that holds an instant; the nearest one where it lies outside. */
  at(time: number): number {
    return Math.min(this.count - 1, Math.max(0, Math.floor((time - this.start) / this.width)))
  }

  /** Where a column begins; that of `count` is where the last one ends. */
  startOf(column: number): Micros {
    return microsOf(this.start + column * this.width)
  }

  /** How far into the range an instant lies: 0 … 1 of all columns. */
  share(time: number): number {
    return Math.min(1, Math.max(0, (time - this.start) / (this.width * this.count)))
  }
}
