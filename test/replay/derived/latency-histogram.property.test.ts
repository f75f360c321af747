import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { LatencyHistogram } from '../../../src/replay/derived/latency-histogram.ts'

const figuresOf = (values: readonly number[]) => {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.add(value)
  return histogram.figures()
}

describe('LatencyHistogram', () => {
  it('tells quantiles to 1/16, and the ends exactly', () => {
    const values = fc.array(
      fc.oneof(fc.integer({ min: -60_000_000, max: 60_000_000 }), fc.integer({ min: 0, max: 5000 })),
      { minLength: 1, maxLength: 300 },
    )
    fc.assert(
      fc.property(values, (measured) => {
        const figures = figuresOf(measured)
        const sorted = [...measured].sort((one, other) => one - other)
        if (figures === null) throw new Error('something was measured')
        expect([figures.count, figures.least, figures.most, figures.last]).toEqual([
          measured.length,
          sorted[0],
          sorted.at(-1),
          measured.at(-1),
        ])
        for (const [share, told] of [
          [0.5, figures.p50],
          [0.9, figures.p90],
          [0.99, figures.p99],
        ] as const) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? NaN
          if (exact < 0) expect(told).toBe(Math.min(0, figures.most))
          else {
            expect(told).toBeGreaterThanOrEqual(exact)
            expect(told).toBeLessThanOrEqual(exact + exact / 16)
          }
        }
      }),
    )
  })

  it('counts nothing of long ago, nothing of the far future, nothing that is no time', () => {
    expect(figuresOf([60_000_001, -60_000_001, NaN, Infinity])).toBeNull()
    expect(figuresOf([])).toBeNull()
  })
})
