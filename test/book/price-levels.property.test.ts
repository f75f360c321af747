import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type LinkedLevel, PriceLevels } from '../../src/book/price-levels.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'

interface Level extends LinkedLevel<Level> {
  readonly name: number
}

const walk = (levels: PriceLevels<Level>): readonly number[] => {
  const prices: number[] = []
  let last: Level | undefined
  for (let level = levels.best; level !== undefined; level = level.worse) {
    expect(level.better).toBe(last)
    prices.push(level.price)
    last = level
  }
  return prices
}

describe('PriceLevels', () => {
  it('links its levels from best to worst, whatever comes and goes', () => {
    // A price that is there goes, one that is not comes: long runs grow and shrink trees of some hundred levels.
    const price = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.maxSafeInteger())
    fc.assert(
      fc.property(
        fc.constantFrom('bid' as const, 'ask' as const),
        fc.array(price, { minLength: 1, maxLength: 600, size: 'max' }),
        (side, prices) => {
          const levels = new PriceLevels<Level>(side)
          const model = new Map<number, Level>()
          for (const [name, each] of prices.entries()) {
            const known = levels.find(priceOf(each))
            expect(known).toBe(model.get(each))
            if (known !== undefined) {
              levels.erase(known)
              model.delete(each)
              continue
            }
            const level: Level = {
              name,
              price: priceOf(each),
              size: sizeOf(1),
              better: undefined,
              worse: undefined,
            }
            levels.insert(level)
            model.set(each, level)
          }
          const sorted = [...model.keys()].sort((a, b) => (side === 'ask' ? a - b : b - a))
          expect(walk(levels)).toEqual(sorted)
          expect(levels.count).toBe(model.size)
          for (const level of model.values()) levels.erase(level)
          expect(levels.best).toBeUndefined()
          expect(levels.count).toBe(0)
        },
      ),
    )
  })

  it('finds its levels at finer scales and keeps taking new ones between them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), (prices) => {
        const levels = new PriceLevels<Level>('ask')
        const add = (price: number): void => {
          levels.insert({
            name: price,
            price: priceOf(price),
            size: sizeOf(3),
            better: undefined,
            worse: undefined,
          })
        }
        for (const price of prices) add(price)
        levels.rescale({ price: 0, size: 0 }, { price: 1, size: 2 })
        for (const price of prices) {
          expect(levels.find(priceOf(price * 10))?.name).toBe(price)
          expect(levels.find(priceOf(price * 10))?.size).toBe(300)
          add(price * 10 + 5)
        }
        const sorted = prices.flatMap((price) => [price * 10, price * 10 + 5]).sort((a, b) => a - b)
        expect(walk(levels)).toEqual(sorted)
        levels.clear()
        expect(walk(levels)).toEqual([])
        expect(levels.find(priceOf((prices[0] ?? 0) * 10))).toBeUndefined()
      }),
    )
  })
})
