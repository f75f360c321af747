/**
 * When frames of a venue reach us, as a model: what has one venue time comes in one read and shares its stamp; a read
 * comes a fixed time after it and a log-normal jitter later (median 300 µs, a factor of 2.7 at one standard deviation,
 * as a real connection's tail is long), never before the read in front of it.
 */
import { Rng } from '../../simulator/engine/random.ts'

const FIXED = 20_000
const MEDIAN = 300
const TWO_32 = 2 ** 32

export class Latency {
  private readonly random: Rng
  private venueTime = -1
  private last = 0

  constructor(seed: number) {
    this.random = new Rng(seed)
  }

  /** The receive time of the next frame, microseconds; frames come in order. */
  arrival(venueTime: number): number {
    if (venueTime === this.venueTime) return this.last
    this.venueTime = venueTime
    const jitter = Math.round(MEDIAN * Math.exp(this.normal()))
    this.last = Math.max(this.last, venueTime + FIXED + jitter)
    return this.last
  }

  private normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.random.next() + 1) / TWO_32))
    return radius * Math.cos((2 * Math.PI * this.random.next()) / TWO_32)
  }
}
