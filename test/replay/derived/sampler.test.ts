import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { microsOf } from '../../../src/market/time.ts'
import { Sampler } from '../../../src/replay/derived/sampler.ts'

describe('Sampler', () => {
  it('names every multiple of the interval once, before the first entry behind it', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (interval, gaps) => {
        const sampler = new Sampler(interval)
        let time = 1000
        const seen: number[] = []
        for (const gap of gaps) {
          time += gap
          for (const instant of sampler.due(microsOf(time))) {
            expect(instant).toBeLessThan(time)
            seen.push(instant)
          }
        }
        const first = 1000 + (gaps[0] ?? 0)
        const expected: number[] = []
        for (let at = Math.ceil(first / interval) * interval; at < time; at += interval) expected.push(at)
        expect(seen).toEqual(expected)
      }),
    )
  })
})
