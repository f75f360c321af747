import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Backoff } from '../../src/transport/backoff.ts'

describe('Backoff', () => {
  it('stays between half and the whole of the doubled delay, never above the most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 5000, max: 100_000 }),
        fc.array(fc.double({ min: 0, max: 0.999999, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (first, most, draws) => {
          let at = 0
          const backoff = new Backoff({ first, most, random: () => draws[at++] ?? 0 })
          draws.forEach((_draw, failures) => {
            const ceiling = Math.min(most, first * 2 ** failures)
            const delay = backoff.next()
            expect(delay).toBeGreaterThanOrEqual(Math.floor(ceiling / 2))
            expect(delay).toBeLessThanOrEqual(Math.ceil(ceiling))
          })
        },
      ),
    )
  })

  it('begins again with the first delay after success', () => {
    const backoff = new Backoff({ first: 1000, most: 60_000, random: () => 0.5 })
    const before = [backoff.next(), backoff.next(), backoff.next()]
    backoff.reset()
    expect(before).toEqual([750, 1500, 3000])
    expect(backoff.next()).toBe(750)
  })
})
