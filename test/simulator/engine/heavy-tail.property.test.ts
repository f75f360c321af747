import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  exponential,
  lasting,
  lnOfUniform,
  lognormal,
  patient,
} from '../../../simulator/engine/heavy-tail.ts'
import { Rng } from '../../../simulator/engine/random.ts'

const DRAWS = 200_000

const sorted = (draw: (random: Rng) => number): number[] => {
  const random = new Rng(9)
  return Array.from({ length: DRAWS }, () => draw(random)).sort((one, other) => one - other)
}

const quantile = (values: readonly number[], share: number): number =>
  values[Math.floor(share * values.length)] ?? NaN

/** How fast the share of values above x falls between two quantiles: the exponent of the tail. */
const tail = (values: readonly number[]): number =>
  Math.log10(100) / Math.log10(quantile(values, 0.9999) / quantile(values, 0.99))

describe('heavy tails', () => {
  it('rest on logarithms right to nine digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (units) => {
        const u = units / 2 ** 32
        expect(lnOfUniform(u)).toBeCloseTo(Math.log(u), 6)
      }),
    )
  })

  it('have the exponents and medians that are promised', () => {
    const near = sorted((random) => patient(random, 1000))
    expect(tail(near)).toBeGreaterThan(1.3)
    expect(tail(near)).toBeLessThan(1.7)
    expect(quantile(near, 0.5) / 1000).toBeCloseTo(0.58, 1)
    const long = sorted((random) => lasting(random, 1000))
    expect(tail(long)).toBeGreaterThan(0.5)
    expect(tail(long)).toBeLessThan(0.7)
    expect(quantile(long, 0.5) / 1000).toBeCloseTo(2.15, 1)
  })

  it('spread sizes over octaves, and gaps as an exponential does', () => {
    const sizes = sorted(lognormal)
    expect(quantile(sizes, 0.5)).toBeCloseTo(1.1, 0)
    // One deviation of a bell to each side: 4 octaves.
    expect(Math.log2(quantile(sizes, 0.841) / quantile(sizes, 0.5))).toBeCloseTo(4, 0)
    const gaps = sorted((random) => exponential(random, 1000))
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / DRAWS / 1000).toBeCloseTo(1, 1)
    expect(quantile(gaps, 0.5) / 1000).toBeCloseTo(Math.LN2, 1)
  })
})
