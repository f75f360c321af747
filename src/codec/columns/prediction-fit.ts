/** How well each prediction fits the numbers of slots that are stored alike: the choice of predictors. */
import { CLOCK, CLOCK_STEP, FIELD, GROUP, RAW, SLOPE, SLOT } from './slot-family.ts'
import { bucketBits, bucketOf } from './token-table.ts'

const BUCKETS = 128
/** Ranges of the numbers that remain where no group knew a value. */
const FALLBACK = 9
const CANDIDATES = 10
/** What a range costs in the table. */
const RANGE_BITS = 24
const MOST_LAGS = 4096
/** Lags at these places of their order are tried as what is taken off all. */
const BASE_SHARES = [1 / 64, 1 / 16, 1 / 2, 15 / 16]

/** How often numbers that remain fall into which range, by prediction. Shared by slots that are stored alike. */
export class Fit {
  private readonly counts = new Int32Array(CANDIDATES * BUCKETS)
  private readonly lags: number[] = []
  /** Microseconds in one unit; 0: the numbers are no times near their receive times. */
  unit = -1
  hasGroup = false
  maySlope = true
  seen = 0

  add(predictor: number, residual: number): void {
    const at = predictor * BUCKETS + bucketOf(residual)
    this.counts[at] = (this.counts[at] ?? 0) + 1
  }

  addFallback(residual: number): void {
    this.add(FALLBACK, residual)
  }

  addLag(lag: number): void {
    if (this.lags.length < MOST_LAGS) this.lags.push(lag)
  }

  private cost(predictor: number): number {
    let total = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) total += this.counts[predictor * BUCKETS + bucket] ?? 0
    let bits = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = this.counts[predictor * BUCKETS + bucket] ?? 0
      if (count > 0) bits += count * (bucketBits(bucket) + Math.log2(total / count)) + RANGE_BITS
    }
    return bits
  }

  /** What is best taken off every lag. */
  base(): number {
    const sorted = this.lags.slice().sort((one, other) => one - other)
    const tried = BASE_SHARES.map((share) => sorted[Math.floor(sorted.length * share)] ?? 0)
    return tried.reduce((best, base) => (this.clockCost(base) < this.clockCost(best) ? base : best), 0)
  }

  private clockCost(base: number): number {
    const counts = new Int32Array(BUCKETS)
    for (const lag of this.lags) {
      const bucket = bucketOf(lag - base)
      counts[bucket] = (counts[bucket] ?? 0) + 1
    }
    let bits = 0
    counts.forEach((count, bucket) => {
      if (count > 0) bits += count * (bucketBits(bucket) + Math.log2(this.lags.length / count))
    })
    return (bits * this.seen) / Math.max(1, this.lags.length) + RANGE_BITS * 2
  }

  /** The prediction that leaves the fewest bits. */
  best(): number {
    if (this.seen === 0) return this.hasGroup ? GROUP : FIELD
    let chosen = RAW
    let least = this.cost(RAW)
    const consider = (predictor: number, bits: number): void => {
      if (bits >= least) return
      chosen = predictor
      least = bits
    }
    consider(SLOT, this.cost(SLOT))
    consider(FIELD, this.cost(FIELD))
    if (this.maySlope) consider(SLOPE, this.cost(SLOPE))
    if (this.hasGroup) consider(GROUP, this.cost(GROUP) + this.cost(FALLBACK))
    if (this.unit > 0) {
      consider(CLOCK_STEP, this.cost(CLOCK_STEP))
      consider(CLOCK, this.clockCost(this.base()))
    }
    return chosen
  }
}
