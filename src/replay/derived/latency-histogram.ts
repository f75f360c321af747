/** Counts durations in buckets that grow with them: a distribution in little memory. Knows nothing of what was measured. */
import type { LatencyFigures } from '../../log/clock-quality.ts'

/** Microseconds; more than this is no way from venue to receipt: a trade of the past, a clock that is wrong by far. */
const MOST_MICROS = 60_000_000
/** 16 buckets for each doubling. */
const BITS = 4
const HALF = 2 ** BITS
const BUCKETS = (31 - Math.clz32(MOST_MICROS) - BITS) * HALF + 2 * HALF

/** How many were at least `from` and less than `to` microseconds. */
export interface LatencyBucket {
  readonly from: number
  readonly to: number
  readonly count: number
}

export class LatencyHistogram {
  private readonly counts = new Float64Array(BUCKETS)
  /** How many were below zero: the clocks disagree. */
  below = 0
  /** How many were no way from venue to receipt, and are in no other figure. */
  beyond = 0
  private count = 0
  private least = Infinity
  private most = -Infinity
  private last = 0

  /** Whole microseconds. */
  add(micros: number): void {
    if (!(micros <= MOST_MICROS && micros >= -MOST_MICROS)) {
      this.beyond++
      return
    }
    this.count++
    this.last = micros
    if (micros < this.least) this.least = micros
    if (micros > this.most) this.most = micros
    if (micros < 0) {
      this.below++
      return
    }
    const shift = Math.max(0, 31 - Math.clz32(micros) - BITS)
    const bucket = shift * HALF + (micros >>> shift)
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }

  /** The upper border of the bucket in which this share is reached, never outside what was measured. */
  private quantile(share: number): number {
    const wanted = Math.ceil(share * this.count)
    let seen = this.below
    if (seen >= wanted) return Math.min(0, this.most)
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.counts[bucket] ?? 0
      if (seen >= wanted) return Math.max(this.least, Math.min(this.most, upperBorder(bucket)))
    }
    return this.most
  }

  /** Those from zero on, in order; `merged` (a power of two up to 16) neighbours are one. Empty ones are left out. */
  buckets(merged = 1): readonly LatencyBucket[] {
    const found: LatencyBucket[] = []
    for (let first = 0; first < BUCKETS; first += merged) {
      let count = 0
      for (let bucket = first; bucket < first + merged; bucket++) count += this.counts[bucket] ?? 0
      const from = first === 0 ? 0 : upperBorder(first - 1) + 1
      if (count > 0) found.push({ from, to: upperBorder(first + merged - 1) + 1, count })
    }
    return found
  }

  /** Null: nothing was measured. */
  figures(): LatencyFigures | null {
    const { count, least, most, last } = this
    if (count === 0) return null
    const [p50, p90, p99] = [this.quantile(0.5), this.quantile(0.9), this.quantile(0.99)]
    return { count, least, p50, p90, p99, most, last }
  }
}

const upperBorder = (bucket: number): number => {
  const shift = Math.max(0, Math.floor(bucket / HALF) - 1)
  return (bucket - shift * HALF + 1) * 2 ** shift - 1
}
