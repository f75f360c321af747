import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { LevelTable, NONE } from '../../src/book/level-table.ts'
import { PriceLevels } from '../../src/book/price-levels.ts'
import type { BookSide } from '../../src/market/side.ts'

/** The prices from best to worst, as linked; the links backward must agree. */
const walk = (levels: PriceLevels, table: LevelTable): readonly number[] => {
  const prices: number[] = []
  let last = NONE
  for (let level = levels.best; level !== NONE; level = table.worse[level] ?? NONE) {
    const isLinked = table.better[level] === last && levels.find(table.prices[level] ?? 0) === level
    if (!isLinked) throw new Error(`level ${String(level)} is not where its links say`)
    prices.push(table.prices[level] ?? 0)
    last = level
  }
  return prices
}

const sorted = (prices: Iterable<number>, side: BookSide): readonly number[] =>
  [...prices].sort((a, b) => (side === 'ask' ? a - b : b - a))

const side = fc.constantFrom<BookSide>('bid', 'ask')

describe('PriceLevels', () => {
  it('links its levels from best to worst, whatever comes and goes', () => {
    // A price that is there goes, one that is not comes: long runs make many pages and join them again.
    const price = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.maxSafeInteger())
    fc.assert(
      fc.property(side, fc.array(price, { minLength: 1, maxLength: 900, size: 'max' }), (ofSide, prices) => {
        const table = new LevelTable()
        const levels = new PriceLevels(ofSide, table)
        const model = new Map<number, number>()
        for (const each of prices) {
          const known = levels.find(each)
          expect(known).toBe(model.get(each) ?? NONE)
          if (known === NONE) {
            const level = levels.findOrAdd(each)
            expect([table.sizes[level], table.orderCounts[level]]).toEqual([0, 0])
            expect(levels.findOrAdd(each)).toBe(level)
            model.set(each, level)
          } else {
            levels.erase(known)
            model.delete(each)
          }
        }
        expect(walk(levels, table)).toEqual(sorted(model.keys(), ofSide))
        expect(levels.count).toBe(model.size)
        for (const level of model.values()) levels.erase(level)
        expect(levels.best).toBe(NONE)
        expect(levels.count).toBe(0)
        expect(table.count).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('stays in order when whole stretches of the side come and go, from either end', () => {
    const stretch = fc.record({
      from: fc.integer({ min: 0, max: 3000 }),
      length: fc.integer({ min: 1, max: 700 }),
      isBackward: fc.boolean(),
      comes: fc.boolean(),
    })
    fc.assert(
      fc.property(
        side,
        fc.array(stretch, { minLength: 1, maxLength: 12, size: 'max' }),
        (ofSide, stretches) => {
          const table = new LevelTable()
          const levels = new PriceLevels(ofSide, table)
          const model = new Set<number>()
          for (const { from, length, isBackward, comes } of stretches) {
            for (let index = 0; index < length; index++) {
              const price = isBackward ? from + length - 1 - index : from + index
              if (comes) {
                levels.findOrAdd(price)
                model.add(price)
              } else if (model.delete(price)) {
                levels.erase(levels.find(price))
              }
            }
            expect(walk(levels, table)).toEqual(sorted(model, ofSide))
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  it('takes over levels that are linked already, and new ones between them', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -2000, max: 2000 }), { minLength: 1, maxLength: 500 }),
        (prices) => {
          const table = new LevelTable()
          const levels = new PriceLevels('ask', table)
          for (const price of prices) levels.findOrAdd(price)
          for (let level = levels.best; level !== NONE; level = table.worse[level] ?? NONE)
            table.prices[level] = (table.prices[level] ?? 0) * 10
          levels.become(levels.best, levels.count)
          for (const price of prices) levels.findOrAdd(price * 10 + 5)
          const expected = sorted(
            prices.flatMap((price) => [price * 10, price * 10 + 5]),
            'ask',
          )
          expect(walk(levels, table)).toEqual(expected)
          table.clear()
          levels.clear()
          expect(walk(levels, table)).toEqual([])
          expect(levels.find((prices[0] ?? 0) * 10)).toBe(NONE)
        },
      ),
    )
  })
})
