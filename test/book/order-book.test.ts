import { describe, expect, it } from 'vitest'

import { OrderBook } from '../../src/book/order-book.ts'
import { NO_ORDER } from '../../src/market/order-ids.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import { StateReader, StateWriter } from '../../src/market/state-bytes.ts'

const bookOf = (...sizes: readonly number[]): OrderBook => {
  const book = new OrderBook()
  book.clear(true)
  for (const [order, size] of sizes.entries()) book.open(order, 'bid', priceOf(100), sizeOf(size), 0)
  return book
}

const queue = (book: OrderBook, price = 100): readonly number[] =>
  book.ordersAtPrice('bid', priceOf(price)).map((order) => order.order)

describe('OrderBook', () => {
  it('keeps the place of an order that shrinks', () => {
    const book = bookOf(5, 6, 7)
    expect(book.change(1, priceOf(100), sizeOf(2), priceOf(100), sizeOf(6))).toBeUndefined()
    expect(queue(book)).toEqual([0, 1, 2])
    expect(book.sizeAhead(2)).toBe(7)
    expect(book.sizeAt('bid', priceOf(100))).toBe(14)
  })

  it('keeps the place of an order that is told again as it is', () => {
    const book = bookOf(5, 6)
    expect(book.change(0, priceOf(100), sizeOf(5), undefined, undefined)).toBeUndefined()
    expect(queue(book)).toEqual([0, 1])
  })

  it('sends an order that grows to the tail', () => {
    const book = bookOf(5, 6, 7)
    expect(book.change(0, priceOf(100), sizeOf(6), undefined, undefined)).toBeUndefined()
    expect(queue(book)).toEqual([1, 2, 0])
    expect(book.ordersAhead(0)).toBe(2)
  })

  it('sends an order that changes its price to the tail there, smaller or not', () => {
    const book = bookOf(5, 6)
    book.open(9, 'bid', priceOf(101), sizeOf(1), 0)
    expect(book.change(0, priceOf(101), sizeOf(1), undefined, undefined)).toBeUndefined()
    expect(queue(book, 101)).toEqual([9, 0])
    expect(queue(book)).toEqual([1])
  })

  it('keeps orders of one price by rank, also after amendments', () => {
    const book = new OrderBook()
    book.clear(false)
    for (const rank of [30, 10, 20]) book.open(rank, 'bid', priceOf(100), sizeOf(1), rank)
    expect(queue(book)).toEqual([10, 20, 30])
    book.change(10, priceOf(99), sizeOf(1), undefined, undefined)
    book.change(10, priceOf(100), sizeOf(5), undefined, undefined)
    expect(queue(book)).toEqual([10, 20, 30])
  })

  it('lets a filled order leave, and its level with it', () => {
    const book = bookOf(5)
    expect(book.reduce(0, sizeOf(2))).toBeUndefined()
    expect(book.reduce(0, sizeOf(3))).toBeUndefined()
    expect(book.has(0)).toBe(false)
    expect(book.levelCount('bid')).toBe(0)
    expect(book.best('bid')).toBeUndefined()
    expect(book.remove(0)).toBe(false)
  })

  it('says with facts why it refuses', () => {
    const book = bookOf(5)
    book.rescale(2, 1)
    expect(book.open(0, 'ask', priceOf(1), sizeOf(25), 0)).toEqual({
      reason: 'contradiction',
      detail: 'order 0 opened twice, now with size 2.5',
    })
    expect(book.reduce(0, sizeOf(51))).toEqual({
      reason: 'contradiction',
      detail: 'order 0 has size 5, but was reduced by 5.1',
    })
    expect(book.change(0, priceOf(10_000), sizeOf(1), priceOf(10_001), undefined)).toEqual({
      reason: 'contradiction',
      detail: 'order 0 rests at 100, not at 100.01',
    })
    expect(book.open(1, 'bid', priceOf(10_000), sizeOf(Number.MAX_SAFE_INTEGER), 0)).toEqual({
      reason: 'not-representable',
      detail: 'the total at 100 passes 2^53 units with an order of 900719925474099.1',
    })
  })

  it('takes NO_ORDER for no order', () => {
    const book = bookOf(5)
    expect(book.open(NO_ORDER, 'bid', priceOf(1), sizeOf(1), 0)?.reason).toBe('contradiction')
    expect(book.reduce(NO_ORDER, sizeOf(1))?.reason).toBe('contradiction')
    expect(book.orderAt(NO_ORDER)).toBeUndefined()
    expect(book.sizeAhead(NO_ORDER)).toBeUndefined()
    expect(book.ordersAhead(NO_ORDER)).toBeUndefined()
    expect(book.remove(NO_ORDER)).toBe(false)
  })

  it('is crossed when best bid and best ask meet', () => {
    const book = bookOf(5)
    expect(book.isCrossed()).toBe(false)
    book.open(7, 'ask', priceOf(101), sizeOf(1), 0)
    expect(book.isCrossed()).toBe(false)
    book.open(8, 'ask', priceOf(100), sizeOf(1), 0)
    expect(book.isCrossed()).toBe(true)
  })

  it('takes finer scales that its content did not fit into with the next snapshot', () => {
    const book = bookOf(Number.MAX_SAFE_INTEGER)
    expect(book.rescale(1, 2)?.reason).toBe('not-representable')
    expect([book.priceScale, book.sizeScale]).toEqual([0, 0])
    expect(book.sizeAt('bid', priceOf(100))).toBe(Number.MAX_SAFE_INTEGER)
    const writer = new StateWriter()
    book.save(writer)
    const restored = new OrderBook()
    restored.restore(new StateReader(writer.finish()))
    for (const each of [book, restored]) {
      expect([each.priceScale, each.sizeScale]).toEqual([0, 0])
      each.clear(true)
      expect([each.priceScale, each.sizeScale]).toEqual([1, 2])
      expect(each.rescale(0, 2)?.reason).toBe('contradiction')
    }
  })

  it('lets an order grow as far as its level has room', () => {
    const book = bookOf(Number.MAX_SAFE_INTEGER - 9, 8)
    const grown = (size: number): string | undefined =>
      book.change(0, priceOf(100), sizeOf(size), undefined, undefined)?.reason
    expect(grown(Number.MAX_SAFE_INTEGER - 7)).toBe('not-representable')
    expect(book.sizeAt('bid', priceOf(100))).toBe(Number.MAX_SAFE_INTEGER - 1)
    expect(queue(book)).toEqual([0, 1])
    expect(grown(Number.MAX_SAFE_INTEGER - 8)).toBeUndefined()
    expect(book.sizeAt('bid', priceOf(100))).toBe(Number.MAX_SAFE_INTEGER)
    expect(queue(book)).toEqual([1, 0])
  })
})
