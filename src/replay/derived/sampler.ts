/** Cuts a merged play into equal steps of receive time: the state at instant T is that after all entries up to T. */
import { type Micros, microsOf } from '../../market/time.ts'

export class Sampler {
  private readonly interval: number
  private next: number | undefined

  /**
   * `interval` in microseconds; instants are its multiples since the epoch. `after`: the time of an entry in front, whose
   * instants another sampler has named; left out: the first entry begins.
   */
  constructor(interval: number, after?: Micros) {
    this.interval = interval
    if (after !== undefined) this.next = Math.ceil(after / interval) * interval
  }

  /** The instants that end before an entry of this time; the first call only sets the beginning. */
  *due(time: Micros): Generator<Micros> {
    if (this.next === undefined) this.next = Math.ceil(time / this.interval) * this.interval
    while (this.next < time) {
      yield microsOf(this.next)
      this.next += this.interval
    }
  }
}
