import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { LevelBook } from '../../src/book/level-book.ts'
import { OrderBook } from '../../src/book/order-book.ts'
import type { BookView, DepthWatch, LevelView } from '../../src/market/book-view.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import type { BookSide } from '../../src/market/side.ts'

const SIDES = ['bid', 'ask'] as const

interface Deed {
  readonly kind: 'set' | 'open' | 'change' | 'remove' | 'reduce' | 'reset'
  readonly side: BookSide
  readonly order: number
  readonly price: number
  readonly size: number
}

const deed: fc.Arbitrary<Deed> = fc.record({
  kind: fc.constantFrom('set', 'open', 'open', 'change', 'remove', 'reduce', 'reset'),
  side: fc.constantFrom<BookSide>('bid', 'ask'),
  order: fc.nat({ max: 15 }),
  price: fc.integer({ min: 0, max: 12 }),
  size: fc.nat({ max: 4 }),
})
const deeds = fc.array(deed, { minLength: 1, maxLength: 80, size: 'max' })

const applied = (orders: OrderBook, levels: LevelBook, { kind, side, order, price, size }: Deed): void => {
  if (kind === 'set') levels.set(side, priceOf(price), sizeOf(size), undefined)
  else if (kind === 'open') orders.open(order, side, priceOf(price), sizeOf(size), 0)
  else if (kind === 'change') orders.change(order, priceOf(price), sizeOf(size), undefined, undefined)
  else if (kind === 'reduce') orders.reduce(order, sizeOf(size))
  else if (kind === 'remove') orders.remove(order)
}

/** A watch, and what the levels it watches were. */
class Watched {
  readonly watch: DepthWatch
  private readonly book: BookView
  private before: Record<BookSide, readonly LevelView[]> = { bid: [], ask: [] }
  private isTouched = { bid: false, ask: false }

  constructor(book: BookView, depth: number) {
    this.book = book
    this.watch = book.watch(depth)
    this.note()
  }

  private top(side: BookSide): readonly LevelView[] {
    return this.book.top(side, this.watch.depth)
  }

  private note(): void {
    this.before = { bid: this.top('bid'), ask: this.top('ask') }
    this.isTouched = { bid: false, ask: false }
  }

  reset(): void {
    this.watch.reset()
    this.note()
  }

  /** `all`: every level of the book before and behind the deed. */
  check(before: Record<BookSide, readonly LevelView[]>): void {
    for (const side of SIDES) {
      const now = this.book.top(side)
      // Levels as deep as those that were watched at first.
      const last = this.before[side].at(-1)?.price ?? 0
      const isFull = this.before[side].length >= this.watch.depth
      const isNear = ({ price }: LevelView): boolean =>
        !isFull || (side === 'bid' ? price >= last : price <= last)
      const near = (levels: readonly LevelView[]): string => JSON.stringify(levels.filter(isNear))
      if (near(now) !== near(before[side])) this.isTouched[side] = true
      const differs = JSON.stringify(this.top(side)) !== JSON.stringify(this.before[side])
      // What changed is told, and what is told happened so deep at most.
      if (differs || this.isTouched[side]) expect(this.watch.isChanged(side)).toBe(true)
      else expect(this.watch.isChanged(side)).toBe(false)
    }
  }
}

describe('a watch of the best levels', () => {
  it('tells of every change among them, and of none further down', () => {
    fc.assert(
      fc.property(deeds, fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1 }), (all, depths) => {
        const orders = new OrderBook()
        const levels = new LevelBook()
        const books = [orders, levels] as const
        const watched = books.map((book) => depths.map((depth) => new Watched(book, depth)))
        for (const each of all) {
          const before = books.map((book) => ({ bid: book.top('bid'), ask: book.top('ask') }))
          // A change of an order that tells what is there already says nothing new, but may be told.
          const resting = orders.orderAt(each.order)
          if (each.kind === 'change' && resting?.price === each.price && resting.size === each.size) continue
          if (each.kind === 'reduce' && each.size === 0) continue
          if (each.kind === 'set' && levels.sizeAt(each.side, priceOf(each.price)) === each.size) continue
          applied(orders, levels, each)
          for (const [index, ofBook] of watched.entries())
            for (const watch of ofBook) watch.check(before[index] ?? { bid: [], ask: [] })
          if (each.kind === 'reset') watched.flat()[each.order % watched.flat().length]?.reset()
        }
      }),
    )
  })

  it('tells that a book was emptied or has other scales', () => {
    const book = new OrderBook()
    book.open(1, 'bid', priceOf(5), sizeOf(1), 0)
    const watch = book.watch(1)
    book.rescale(1, 0)
    expect(SIDES.map((side) => watch.isChanged(side))).toEqual([true, true])
    watch.reset()
    expect(SIDES.map((side) => watch.isChanged(side))).toEqual([false, false])
    book.open(2, 'bid', priceOf(49), sizeOf(1), 0)
    expect(watch.isChanged('bid')).toBe(false)
    book.clear(true)
    expect(SIDES.map((side) => watch.isChanged(side))).toEqual([true, true])
  })

  it('is forgotten when it is closed, and refuses no depth', () => {
    const book = new LevelBook()
    const watch = book.watch(3)
    watch.close()
    watch.close()
    watch.reset()
    book.set('ask', priceOf(1), sizeOf(1), undefined)
    expect(watch.isChanged('ask')).toBe(false)
    for (const depth of [0, -1, NaN]) expect(() => book.watch(depth)).toThrow(RangeError)
  })
})
