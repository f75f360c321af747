import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { LevelBook } from '../../src/book/level-book.ts'
import { OrderBook } from '../../src/book/order-book.ts'
import { type BookView, newLevelColumns, type PricedView } from '../../src/market/book-view.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import type { BookSide } from '../../src/market/side.ts'
import { microsOf } from '../../src/market/time.ts'

interface Row {
  readonly side: BookSide
  readonly price: number
  readonly size: number
}

interface ModelLevel {
  readonly price: number
  readonly size: number
  readonly orderCount: number
}

const SIDES = ['bid', 'ask'] as const

const row: fc.Arbitrary<Row> = fc.record({
  side: fc.constantFrom<BookSide>('bid', 'ask'),
  price: fc.integer({ min: -3, max: 25 }),
  size: fc.integer({ min: 1, max: 30 }),
})
// Empty, one-sided and crossed books are among them.
const rows = fc.array(row, { maxLength: 40, size: 'max' })

const modelOf = (all: readonly Row[], side: BookSide): readonly ModelLevel[] => {
  const levels = new Map<number, ModelLevel>()
  for (const each of all) {
    if (each.side !== side) continue
    const { size = 0, orderCount = 0 } = levels.get(each.price) ?? {}
    levels.set(each.price, { price: each.price, size: size + each.size, orderCount: orderCount + 1 })
  }
  return [...levels.values()].sort((a, b) => (side === 'ask' ? a.price - b.price : b.price - a.price))
}

const orderBookOf = (all: readonly Row[]): OrderBook => {
  const book = new OrderBook()
  for (const [order, { side, price, size }] of all.entries())
    book.open(order, side, priceOf(price), sizeOf(size), 0)
  return book
}

const levelBookOf = (all: readonly Row[]): LevelBook => {
  const book = new LevelBook()
  for (const side of SIDES)
    for (const { price, size, orderCount } of modelOf(all, side))
      book.set(side, priceOf(price), sizeOf(size), orderCount)
  return book
}

/** Every read of one side against the plain rows. */
const expectSide = (book: PricedView, side: BookSide, model: readonly ModelLevel[]): void => {
  expect(book.top(side)).toEqual(model)
  expect(book.levelCount(side)).toBe(model.length)
  expect(book.best(side)).toBe(model[0]?.price)
  const columns = newLevelColumns(4)
  const count = book.readTop(side, columns)
  const read = Array.from({ length: count }, (_, index) => ({
    price: columns.prices[index],
    size: columns.sizes[index],
    orderCount: columns.orderCounts[index],
  }))
  expect(read).toEqual(model.slice(0, 4))
  const sign = side === 'bid' ? 1 : -1
  for (let price = -4; price <= 26; price++) {
    const level = model.find((each) => each.price === price)
    expect(book.levelAt(side, priceOf(price))).toEqual(level)
    expect(book.sizeAt(side, priceOf(price))).toBe(level?.size ?? 0)
    const reached = model.filter((each) => each.price * sign >= price * sign)
    expect(book.sizeTo(side, priceOf(price))).toBe(reached.reduce((sum, { size }) => sum + size, 0))
  }
  for (const n of [-1, 0, 1, 3, Infinity])
    expect(book.sizeOfBest(side, n)).toBe(
      model.slice(0, Math.max(0, n)).reduce((sum, { size }) => sum + size, 0),
    )
  const seen: unknown[] = []
  book.forEachLevel(side, (price, size, orderCount) => {
    seen.push({ price, size, orderCount })
    return seen.length < 3
  })
  expect(seen).toEqual(model.slice(0, 3))
}

const expectSweep = (book: PricedView, side: BookSide, model: readonly ModelLevel[], size: number): void => {
  // Unit by unit, so that nothing is shared with the real one.
  const units = model.flatMap(({ price, size: there }) => Array.from({ length: there }, () => price))
  const taken = units.slice(0, Math.max(0, size))
  const { filled, missing, worst, average, levels } = book.sweep(side, size)
  expect(filled).toBe(taken.length)
  expect(missing).toBe(Math.max(0, size) - taken.length)
  expect(worst).toBe(taken.at(-1))
  expect(levels).toBe(new Set(taken).size)
  if (taken.length === 0) expect(average).toBeUndefined()
  else expect(average).toBeCloseTo(taken.reduce((sum, price) => sum + price, 0) / taken.length, 9)
}

const expectBook = (book: PricedView, all: readonly Row[], sizes: readonly number[]): void => {
  const bids = modelOf(all, 'bid')
  const asks = modelOf(all, 'ask')
  expectSide(book, 'bid', bids)
  expectSide(book, 'ask', asks)
  for (const size of sizes) {
    expectSweep(book, 'bid', bids, size)
    expectSweep(book, 'ask', asks, size)
  }
  const [bid] = bids
  const [ask] = asks
  const isWhole = bid !== undefined && ask !== undefined
  expect(book.mid()).toBe(isWhole ? (bid.price + ask.price) / 2 : undefined)
  expect(book.spread()).toBe(isWhole ? ask.price - bid.price : undefined)
  expect(book.isCrossed()).toBe(isWhole && bid.price >= ask.price)
}

const sizes = fc.array(fc.integer({ min: -2, max: 400 }), { minLength: 1, maxLength: 5 })

describe('the reads of books', () => {
  it('are those of the plain rows, by order, by level and frozen', () => {
    fc.assert(
      fc.property(rows, sizes, (all, wanted) => {
        for (const book of [orderBookOf(all), levelBookOf(all)]) {
          expectBook(book, all, wanted)
          expectBook(book.freeze(), all, wanted)
        }
      }),
    )
  })

  it('freeze a book for good, and only so deep as wanted', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 9 }), (all, depth) => {
        const book = orderBookOf(all)
        book.now = microsOf(77)
        const frozen = book.freeze(depth)
        const expected = SIDES.map((side) => modelOf(all, side).slice(0, depth))
        book.clear(true)
        book.open(1, 'bid', priceOf(1000), sizeOf(1), 0)
        expect(SIDES.map((side) => frozen.top(side))).toEqual(expected)
        expect(SIDES.map((side) => frozen.levelCount(side))).toEqual(expected.map(({ length }) => length))
        expect(frozen.sizeAt('bid', priceOf(1000))).toBe(0)
        expect([frozen.kind, frozen.now, frozen.priceScale]).toEqual(['orders', 77, 0])
      }),
    )
  })

  it('visit orders in the order of levels and queues, as long as they are told to', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 45 }), (all, most) => {
        const book = orderBookOf(all)
        for (const side of SIDES) {
          const seen: unknown[] = []
          book.forEachOrder(side, (order, price, size) => {
            seen.push({ order, side, price, size })
            return seen.length < most
          })
          expect(seen).toEqual(book.orders(side, most))
        }
      }),
    )
  })

  it('know no orders in a book by level', () => {
    const book: BookView = levelBookOf([{ side: 'bid', price: 3, size: 1 }])
    book.forEachOrder('bid', () => {
      throw new Error('there are none')
    })
    expect(book.ordersAtPrice('bid', priceOf(3))).toEqual([])
    expect([book.orderCount('bid'), book.has(0), book.isOpeningSeen(0)]).toEqual([0, false, false])
    expect([book.orderAt(0), book.openedAt(0), book.orderAge(0)]).toEqual([undefined, undefined, undefined])
    expect([book.sizeAhead(0), book.ordersAhead(0)]).toEqual([undefined, undefined])
  })

  it('weigh prices that pass 2^53 together', () => {
    const book = new LevelBook()
    const far = Number.MAX_SAFE_INTEGER
    book.set('ask', priceOf(far - 2), sizeOf(1e9), undefined)
    book.set('ask', priceOf(far), sizeOf(1e9), undefined)
    expect(book.sweep('ask', 2e9)).toEqual({
      filled: 2e9,
      missing: 0,
      worst: far,
      average: far - 1,
      levels: 2,
    })
    book.set('bid', priceOf(far - 1), sizeOf(1), undefined)
    expect(book.mid()).toBe(far - 1.5)
  })
})
