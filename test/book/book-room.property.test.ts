import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { LevelBook } from '../../src/book/level-book.ts'
import { OrderBook } from '../../src/book/order-book.ts'
import { OrderIds } from '../../src/market/order-ids.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'

/** A Lehmer generator: the same run every time. */
const newDice = (seed: number): ((sides: number) => number) => {
  let state = seed
  return (sides) => {
    state = (state * 48_271) % 2_147_483_647
    return state % sides
  }
}

const sideOf = (number: number): 'bid' | 'ask' => (number % 2 === 0 ? 'bid' : 'ask')

describe('the room a book takes', () => {
  it('is what it was when all orders have left, in whatever order', () => {
    const fresh = new OrderBook()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 2000 }), (orders, seed) => {
        const dice = newDice(seed)
        const book = new OrderBook()
        const resting = Array.from({ length: orders }, (_, order) => order)
        for (const order of resting) book.open(order, sideOf(order), priceOf(dice(2000)), sizeOf(1), 0)
        expect(book.orderCapacity).toBeGreaterThanOrEqual(orders)
        expect(book.orderCapacity).toBeLessThan(Math.max(2 * orders, fresh.orderCapacity + 1))
        while (resting.length > 0) {
          const place = dice(resting.length)
          const order = resting[place] ?? -1
          resting[place] = resting.at(-1) ?? -1
          resting.pop()
          expect(book.remove(order)).toBe(true)
        }
        expect(book.orderCapacity).toBe(fresh.orderCapacity)
        expect(book.levelCapacity).toBe(fresh.levelCapacity)
      }),
      { numRuns: 30 },
    )
  })

  it('shrinks while some orders stay, which keep their places', () => {
    const book = new OrderBook()
    for (let order = 0; order < 20_000; order++)
      book.open(order, sideOf(order), priceOf(order), sizeOf(order + 1), 0)
    const room = [book.orderCapacity, book.levelCapacity]
    for (let order = 19_999; order >= 10; order--) book.remove(order)
    expect(book.orderCapacity).toBeLessThanOrEqual((room[0] ?? 0) / 64)
    expect(book.levelCapacity).toBeLessThanOrEqual((room[1] ?? 0) / 64)
    for (let order = 0; order < 10; order++)
      expect(book.orderAt(order)).toEqual({ order, side: sideOf(order), price: order, size: order + 1 })
    expect(book.orders('ask').map(({ order }) => order)).toEqual([1, 3, 5, 7, 9])
    expect(book.top('bid').map(({ price }) => price)).toEqual([8, 6, 4, 2, 0])
  })

  it('stays the same over a long drift of the price', () => {
    const dice = newDice(11)
    const book = new OrderBook()
    const ids = new OrderIds()
    const open: string[] = []
    const rooms: number[] = []
    for (let number = 0; number < 200_000; number++) {
      if (open.length >= 500) {
        const order = ids.find(open.shift() ?? '')
        expect(book.remove(order)).toBe(true)
        ids.release(order)
      }
      const id = String(number)
      open.push(id)
      book.open(ids.add(id), sideOf(number), priceOf(Math.floor(number / 10) + dice(300)), sizeOf(1), 0)
      if (number % 20_000 === 19_999) rooms.push(book.orderCapacity, book.levelCapacity)
    }
    expect(new Set(rooms).size).toBeLessThanOrEqual(2)
    expect(Math.max(...rooms)).toBeLessThanOrEqual(1024)
    expect(book.orderCount('bid') + book.orderCount('ask')).toBe(500)
  })

  it('shrinks in a book by level too', () => {
    const book = new LevelBook()
    const fresh = book.levelCapacity
    for (let price = 0; price < 5000; price++) book.set('bid', priceOf(price), sizeOf(price + 1), 1)
    for (let price = 4999; price >= 5; price--) book.set('bid', priceOf(price), sizeOf(0), undefined)
    expect(book.levelCapacity).toBe(fresh)
    expect(book.top('bid').map(({ size }) => size)).toEqual([5, 4, 3, 2, 1])
    book.set('bid', priceOf(2), sizeOf(9), 1)
    expect(book.sizeAt('bid', priceOf(2))).toBe(9)
  })
})
