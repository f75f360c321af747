/** Statistics of a flow: entropy, quantiles, clustering. */

export interface LevelUpdate {
  readonly side: string
  /** Whole units: of what size does not matter. */
  readonly price: number
  /** As on the wire. */
  readonly size: string
  /** Microseconds. */
  readonly time: number
}

/** Bits a symbol, of the frequencies alone. */
export const entropy = (symbols: readonly string[]): number => {
  const counts = new Map<string, number>()
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / symbols.length) * Math.log2(count / symbols.length)
  return bits
}

export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(share * sorted.length)] ?? NaN
}

export const stepsOf = (values: readonly number[]): readonly number[] =>
  values.slice(1).map((value, index) => value - (values[index] ?? NaN))

/** Variance of the counts per window of so many mean gaps, over their mean: 1 where nothing clusters. */
export const dispersion = (times: readonly number[], gaps: number): number => {
  const [first = NaN, last = NaN] = [times[0], times.at(-1)]
  const window = ((last - first) / times.length) * gaps
  const counts = new Array<number>(Math.floor(times.length / gaps)).fill(0)
  for (const time of times) {
    const index = Math.floor((time - first) / window)
    if (index < counts.length) counts[index] = (counts[index] ?? 0) + 1
  }
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean
}
