/** Seeded random numbers: integer arithmetic only, so the same seed gives the same numbers on every machine. */

// Quantiles of the exponential distribution of mean 1000, in 64 steps: a table, because Math.log may differ by engine.
const EXPONENTIAL = [
  8, 24, 40, 56, 73, 90, 107, 125, 143, 161, 179, 198, 217, 237, 257, 277, 298, 319, 341, 363, 386, 409, 433,
  458, 483, 508, 535, 562, 589, 618, 647, 678, 709, 741, 774, 809, 845, 882, 920, 960, 1002, 1045, 1091, 1138,
  1188, 1241, 1297, 1356, 1418, 1485, 1556, 1633, 1717, 1808, 1908, 2019, 2144, 2287, 2454, 2655, 2906, 3243,
  3753, 4852,
] as const

/** Spreads a 32-bit number over all 32 bits; a bijection. */
export const mix32 = (value: number): number => {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A seed of its own for every name: FNV-1a over the text, mixed with the seed. */
export const seedFor = (seed: number, name: string): number => {
  let hash = 0x811c9dc5 ^ mix32(seed)
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return mix32(hash)
}

/** A generator (sfc32) that owns its state. */
export class Rng {
  private a: number
  private b: number
  private c: number
  private counter = 1

  /** `seed`: any whole number; its low 32 bits count. */
  constructor(seed: number) {
    this.a = mix32(seed ^ 0x9e3779b9)
    this.b = mix32(seed ^ 0x243f6a88)
    this.c = mix32(seed ^ 0xb7e15162)
    for (let round = 0; round < 12; round++) this.next()
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A whole number from 0 to `limit` - 1; the limit is at most 2^50. */
  below(limit: number): number {
    return Math.floor((this.next() * limit) / 4294967296)
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** True `perMille` times of a thousand. */
  chance(perMille: number): boolean {
    return this.below(1000) < perMille
  }

  pick<A>(items: readonly [A, ...A[]]): A {
    return items[this.below(items.length)] ?? items[0]
  }

  /** A whole number with about this mean, most below it, some far above; the mean is at most 10^9. */
  exponential(mean: number): number {
    return Math.floor((mean * (EXPONENTIAL[this.below(EXPONENTIAL.length)] ?? 0)) / 1000)
  }
}
