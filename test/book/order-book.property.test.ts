import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bookDigest } from '../../src/book/digest.ts'
import type { BookFault } from '../../src/book/integrity.ts'
import { OrderBook } from '../../src/book/order-book.ts'
import type { InvalidReason } from '../../src/market/event.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import type { BookSide } from '../../src/market/side.ts'
import { StateReader, StateWriter } from '../../src/market/state-bytes.ts'
import { microsOf } from '../../src/market/time.ts'
import { NaiveOrderBook } from './naive-order-book.ts'

type Operation =
  | { kind: 'open'; handle: number; side: BookSide; price: number; size: number; rank: number }
  | {
      kind: 'change'
      handle: number
      price: number | 'same'
      size: number | 'same'
      claim: 'none' | 'right' | 'price' | 'size'
    }
  | { kind: 'reduce'; handle: number; by: number }
  | { kind: 'remove'; handle: number }
  | { kind: 'clear'; queueKnown: boolean }
  | { kind: 'rescale'; price: number; size: number }
  | { kind: 'reload' }
  | { kind: 'time'; by: number }
  | { kind: 'end of snapshot' }

/** With the numbers that `same` stands for. */
type Resolved =
  Exclude<Operation, { kind: 'change' }> | (Operation & { kind: 'change'; price: number; size: number })

const idOf = (handle: number): string => `order-${String(handle)}`

const handle = fc.integer({ min: 0, max: 12 })
const price = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -2, max: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER) },
)
const size = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1, 2 ** 52),
  },
)
const side = fc.constantFrom<BookSide>('bid', 'ask')
const rank = fc.oneof(fc.constant(0), fc.integer({ min: -2, max: 3 }))

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ kind: fc.constant('open'), handle, side, price, size, rank }) },
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constant('change'),
      handle,
      price: fc.oneof(price, fc.constant('same' as const)),
      size: fc.oneof(size, size, fc.constant('same' as const)),
      claim: fc.constantFrom('none', 'none', 'right', 'right', 'price', 'size'),
    }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('reduce'), handle, by: size }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('remove'), handle: fc.integer({ min: -1, max: 14 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear'), queueKnown: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('rescale'),
      price: fc.integer({ min: 0, max: 5 }),
      size: fc.integer({ min: 0, max: 16 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reload') }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('time'), by: fc.nat({ max: 2 ** 50 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end of snapshot') }) },
)

const saved = (book: OrderBook): Uint8Array => {
  const writer = new StateWriter()
  book.save(writer)
  return writer.finish()
}

const reloaded = (book: OrderBook): OrderBook => {
  const copy = new OrderBook()
  copy.restore(new StateReader(saved(book)))
  return copy
}

/** A model and a book that take the same operations. */
class Pair {
  readonly model = new NaiveOrderBook()
  book = new OrderBook()

  apply(named: Operation): void {
    const operation = this.resolve(named)
    const expected = this.applyToModel(operation)
    const found = this.applyToBook(operation)
    if (typeof expected === 'boolean') {
      expect(found).toBe(expected)
      return
    }
    const fault = found as BookFault | undefined
    expect(fault?.reason).toBe(expected)
    if (fault !== undefined) expect(fault.detail).toMatch(/\w+ .*\w/)
  }

  private resolve(operation: Operation): Resolved {
    if (operation.kind !== 'change') return operation
    const order = this.model.find(operation.handle)
    const price = operation.price === 'same' ? Number(order?.price ?? 1n) : operation.price
    const size = operation.size === 'same' ? Number(order?.size ?? 1n) : operation.size
    return { ...operation, price, size }
  }

  private claims(operation: Resolved & { kind: 'change' }): [bigint | undefined, bigint | undefined] {
    const order = this.model.find(operation.handle)
    const wrongPrice = operation.claim === 'price' ? 1n : 0n
    const wrongSize = operation.claim === 'size' ? 1n : 0n
    if (operation.claim === 'none') return [undefined, undefined]
    return [(order?.price ?? 0n) + wrongPrice, (order?.size ?? 0n) + wrongSize]
  }

  private oldClaims: [bigint | undefined, bigint | undefined] = [undefined, undefined]

  private applyToModel(operation: Resolved): InvalidReason | undefined | boolean {
    const { model } = this
    switch (operation.kind) {
      case 'open':
        return model.open(
          operation.handle,
          operation.side,
          BigInt(operation.price),
          BigInt(operation.size),
          operation.rank,
        )
      case 'change':
        this.oldClaims = this.claims(operation)
        return model.change(
          operation.handle,
          BigInt(operation.price),
          BigInt(operation.size),
          ...this.oldClaims,
        )
      case 'reduce':
        return model.reduce(operation.handle, BigInt(operation.by))
      case 'remove':
        return model.remove(operation.handle)
      case 'clear':
        model.clear(operation.queueKnown)
        return undefined
      case 'rescale':
        return model.rescale(operation.price, operation.size)
      case 'reload':
        return undefined
      case 'time':
        model.now = Math.min(model.now + operation.by, 2 ** 52)
        return undefined
      case 'end of snapshot':
        model.isInSnapshot = false
        return undefined
    }
  }

  private applyToBook(operation: Resolved): BookFault | undefined | boolean {
    const { book } = this
    switch (operation.kind) {
      case 'open':
        return book.open(
          operation.handle,
          operation.side,
          priceOf(operation.price),
          sizeOf(operation.size),
          operation.rank,
        )
      case 'change': {
        const [oldPrice, oldSize] = this.oldClaims
        return book.change(
          operation.handle,
          priceOf(operation.price),
          sizeOf(operation.size),
          oldPrice === undefined ? undefined : priceOf(Number(oldPrice)),
          oldSize === undefined ? undefined : sizeOf(Number(oldSize)),
        )
      }
      case 'reduce':
        return book.reduce(operation.handle, sizeOf(operation.by))
      case 'remove':
        return book.remove(operation.handle)
      case 'clear':
        book.clear(operation.queueKnown)
        return undefined
      case 'rescale':
        return book.rescale(operation.price, operation.size)
      case 'reload':
        this.book = reloaded(book)
        expect(saved(this.book)).toEqual(saved(book))
        return undefined
      case 'time':
        book.now = microsOf(this.model.now)
        return undefined
      case 'end of snapshot':
        book.endSnapshot()
        return undefined
    }
  }

  expectEqual(): void {
    const { book, model } = this
    expect(bookDigest(book, idOf)).toBe(model.digest(idOf))
    expect({ price: book.priceScale, size: book.sizeScale }).toEqual(model.scales)
    expect(book.queueKnown).toBe(model.queueKnown)
    for (const side of ['bid', 'ask'] as const) this.expectEqualSide(side)
    const bid = book.best('bid')
    const ask = book.best('ask')
    expect(book.isCrossed()).toBe(bid !== undefined && ask !== undefined && bid >= ask)
  }

  private expectEqualSide(side: BookSide): void {
    const { book, model } = this
    const orders = model
      .side(side)
      .map((order) => ({ order: order.handle, side, price: Number(order.price), size: Number(order.size) }))
    const levels = model.levels(side)
    expect(book.orders(side)).toEqual(orders)
    expect(book.orders(side, 3)).toEqual(orders.slice(0, 3))
    expect(book.orderCount(side)).toBe(orders.length)
    expect(book.top(side)).toEqual(levels)
    expect(book.top(side, 2)).toEqual(levels.slice(0, 2))
    expect(book.levelCount(side)).toBe(levels.length)
    expect(book.best(side)).toBe(levels[0]?.price)
    for (const level of levels) {
      const queue = orders.filter((order) => order.price === level.price)
      expect(book.sizeAt(side, priceOf(level.price))).toBe(level.size)
      expect(book.ordersAtPrice(side, priceOf(level.price))).toEqual(queue)
      let ahead = 0
      for (const [index, order] of queue.entries()) {
        expect(book.orderAt(order.order)).toEqual(order)
        expect(book.ordersAhead(order.order)).toBe(index)
        expect(book.sizeAhead(order.order)).toBe(ahead)
        const { openedAt = -1, isOpeningSeen } = model.find(order.order) ?? {}
        expect(book.openedAt(order.order)).toBe(openedAt)
        expect(book.orderAge(order.order)).toBe(model.now - openedAt)
        expect(book.isOpeningSeen(order.order)).toBe(isOpeningSeen)
        ahead += order.size
      }
    }
  }
}

describe('OrderBook', () => {
  it('equals a sorted array under any operations, faults included', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 60, size: 'max' }), (operations) => {
        const pair = new Pair()
        for (const each of operations) {
          pair.apply(each)
          pair.expectEqual()
        }
      }),
      { numRuns: 150 },
    )
  })

  it('goes on after a restore as if never saved, at every cut', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 2, maxLength: 40, size: 'max' }),
        fc.nat(),
        (operations, where) => {
          const cut = where % operations.length
          const whole = new Pair()
          const halved = new Pair()
          for (const [index, each] of operations.entries()) {
            whole.apply(each)
            if (index === cut) halved.apply({ kind: 'reload' })
            halved.apply(each)
          }
          halved.expectEqual()
          expect(saved(halved.book)).toEqual(saved(whole.book))
        },
      ),
    )
  })

  it('refuses a saved book cut anywhere', () => {
    const book = new OrderBook()
    book.clear(true)
    book.rescale(2, 8)
    book.open(0, 'bid', priceOf(-5), sizeOf(7), 0)
    book.open(300, 'ask', priceOf(Number.MAX_SAFE_INTEGER), sizeOf(1), 207_784_125_004)
    const bytes = saved(book)
    expect(bytes.length).toBeGreaterThan(10)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => {
        new OrderBook().restore(new StateReader(bytes.subarray(0, length)))
      }).toThrow(RangeError)
    }
  })
})
