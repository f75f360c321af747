import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bookDigest, digestLevelRows, type LevelRow } from '../../src/book/digest.ts'
import { LevelBook } from '../../src/book/level-book.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import type { BookSide } from '../../src/market/side.ts'
import { StateReader, StateWriter } from '../../src/market/state-bytes.ts'

type Operation =
  | { kind: 'set'; side: BookSide; price: number; size: number; orderCount: number | undefined }
  | { kind: 'clear' }
  | { kind: 'rescale'; price: number; size: number }
  | { kind: 'reload' }

type Levels = Map<bigint, { size: bigint; orderCount: number | undefined }>

const LIMIT = BigInt(Number.MAX_SAFE_INTEGER)

class NaiveLevelBook {
  sides: Record<BookSide, Levels> = { bid: new Map(), ask: new Map() }
  scales = { price: 0, size: 0 }
  private wanted = this.scales
  unknownDeletes = 0

  apply(operation: Operation): string | undefined {
    switch (operation.kind) {
      case 'set':
        return this.set(operation)
      case 'clear':
        this.sides = { bid: new Map(), ask: new Map() }
        this.scales = this.wanted
        return undefined
      case 'rescale':
        return this.rescale(operation.price, operation.size)
      case 'reload':
        return undefined
    }
  }

  private set(operation: Operation & { kind: 'set' }): string | undefined {
    const levels = this.sides[operation.side]
    const price = BigInt(operation.price)
    if (operation.size === 0) {
      if (!levels.delete(price)) this.unknownDeletes++
      return undefined
    }
    if (operation.size < 0 || (operation.orderCount ?? 0) < 0) return 'contradiction'
    levels.set(price, { size: BigInt(operation.size), orderCount: operation.orderCount })
    return undefined
  }

  private rescale(price: number, size: number): string | undefined {
    this.wanted = { price, size }
    if (price < this.scales.price || size < this.scales.size) return 'contradiction'
    const priceFactor = 10n ** BigInt(price - this.scales.price)
    const sizeFactor = 10n ** BigInt(size - this.scales.size)
    const finer = { bid: new Map() as Levels, ask: new Map() as Levels }
    for (const side of ['bid', 'ask'] as const) {
      for (const [levelPrice, level] of this.sides[side]) {
        if (levelPrice * priceFactor > LIMIT || level.size * sizeFactor > LIMIT) return 'not-representable'
        finer[side].set(levelPrice * priceFactor, { ...level, size: level.size * sizeFactor })
      }
    }
    this.sides = finer
    this.scales = this.wanted
    return undefined
  }

  rows(side: BookSide): LevelRow[] {
    const direction = side === 'ask' ? 1 : -1
    return [...this.sides[side]]
      .sort(([a], [b]) => direction * Number(a - b))
      .map(([price, level]) => ({
        price: `${String(price)}E-${String(this.scales.price)}`,
        size: `${String(level.size)}E-${String(this.scales.size)}`,
        orderCount: level.orderCount,
      }))
  }
}

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('set'),
      side: fc.constantFrom<BookSide>('bid', 'ask'),
      price: fc.oneof(
        { weight: 20, arbitrary: fc.nat({ max: 20 }) },
        { weight: 1, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
      ),
      size: fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 15, arbitrary: fc.nat({ max: 9 }) },
        { weight: 1, arbitrary: fc.constantFrom(-3, Number.MAX_SAFE_INTEGER) },
      ),
      orderCount: fc.option(fc.integer({ min: -1, max: 20 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('rescale'),
      price: fc.nat({ max: 4 }),
      size: fc.nat({ max: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reload') }) },
)

const saved = (book: LevelBook): Uint8Array => {
  const writer = new StateWriter()
  book.save(writer)
  return writer.finish()
}

const apply = (book: LevelBook, operation: Operation): { book: LevelBook; reason: string | undefined } => {
  switch (operation.kind) {
    case 'set': {
      const { orderCount, price, side, size } = operation
      return { book, reason: book.set(side, priceOf(price), sizeOf(size), orderCount)?.reason }
    }
    case 'clear':
      book.clear()
      return { book, reason: undefined }
    case 'rescale':
      return { book, reason: book.rescale(operation.price, operation.size)?.reason }
    case 'reload': {
      const copy = new LevelBook()
      copy.restore(new StateReader(saved(book)))
      expect(saved(copy)).toEqual(saved(book))
      return { book: copy, reason: undefined }
    }
  }
}

const noOrders = (): string => {
  throw new Error('a book by levels has no orders')
}

describe('LevelBook', () => {
  it('equals a Map under any operations, faults included', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 60, size: 'max' }), (operations) => {
        const model = new NaiveLevelBook()
        let book = new LevelBook()
        for (const each of operations) {
          const expected = model.apply(each)
          const applied = apply(book, each)
          book = applied.book
          expect(applied.reason).toBe(expected)
          expect(bookDigest(book, noOrders)).toBe(digestLevelRows(model.rows('bid'), model.rows('ask')))
          expect(book.unknownDeletes).toBe(model.unknownDeletes)
          expect({ price: book.priceScale, size: book.sizeScale }).toEqual(model.scales)
          for (const side of ['bid', 'ask'] as const) {
            const prices = [...model.sides[side].keys()].map(Number).sort((a, b) => a - b)
            expect(book.best(side)).toBe(side === 'ask' ? prices[0] : prices.at(-1))
            expect(book.levelCount(side)).toBe(prices.length)
            for (const [price, level] of model.sides[side]) {
              expect(book.sizeAt(side, priceOf(Number(price)))).toBe(Number(level.size))
            }
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('knows no orders and no queue', () => {
    const book = new LevelBook()
    book.set('bid', priceOf(3), sizeOf(1), 2)
    book.set('ask', priceOf(3), sizeOf(1), undefined)
    expect(book.orders()).toEqual([])
    expect(book.queueKnown).toBe(false)
    expect(book.isCrossed()).toBe(true)
    expect(book.top('bid')).toEqual([{ price: 3, size: 1, orderCount: 2 }])
    expect(book.top('ask', 0)).toEqual([])
  })
})
