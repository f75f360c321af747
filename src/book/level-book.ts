/** A book by price levels (L2): absolute sizes per price, as the venue tells them. Knows no orders. */
import type { BookView, OrderView } from '../market/book-view.ts'
import { decimalText } from '../market/decimal.ts'
import { type Price, priceOf, type Size, sizeOf } from '../market/price.ts'
import type { BookSide } from '../market/side.ts'
import type { StateReader, StateWriter } from '../market/state-bytes.ts'
import type { BookFault } from './integrity.ts'
import type { LinkedLevel } from './price-levels.ts'
import { BOOK_SIDES, PricedSides } from './priced-sides.ts'

const NO_ORDERS: readonly OrderView[] = []

interface SizedLevel extends LinkedLevel<SizedLevel> {
  orderCount: number | undefined
}

export class LevelBook extends PricedSides<SizedLevel> implements BookView {
  readonly kind = 'levels'
  readonly queueKnown = false
  private ignoredDeletes = 0

  /** Deletes of levels that were not there, which venues do send; never reset. */
  get unknownDeletes(): number {
    return this.ignoredDeletes
  }

  /** Empties the book, for the rows of a venue's snapshot. */
  clear(): void {
    this.bids.clear()
    this.asks.clear()
    this.scales.startAfresh()
  }

  /** As OrderBook's. */
  rescale(priceScale: number, sizeScale: number): BookFault | undefined {
    return this.scales.rescale(priceScale, sizeScale, this.bids, this.asks)
  }

  /**
   * The level's size becomes this; zero deletes it, if it is there. `contradiction`: a negative size, or an order count
   * that is none.
   */
  set(side: BookSide, price: Price, size: Size, orderCount: number | undefined): BookFault | undefined {
    const levels = this.side(side)
    const level = levels.find(price)
    if (size === 0) {
      if (level === undefined) this.ignoredDeletes++
      else levels.erase(level)
      return undefined
    }
    const isCount =
      orderCount === undefined ||
      (Number.isInteger(orderCount) && orderCount >= 0 && orderCount < Number.MAX_SAFE_INTEGER)
    if (!(size > 0) || !isCount) {
      const at = decimalText(price, this.priceScale)
      const told = `${decimalText(size, this.sizeScale)} in ${String(orderCount)} orders`
      return { reason: 'contradiction', detail: `the level at ${at} was set to ${told}` }
    }
    if (level === undefined) {
      levels.insert({ price, size, orderCount, better: undefined, worse: undefined })
    } else {
      level.size = size
      level.orderCount = orderCount
    }
    return undefined
  }

  orders(): readonly OrderView[] {
    return NO_ORDERS
  }

  save(writer: StateWriter): void {
    this.scales.save(writer)
    writer.uint(this.ignoredDeletes)
    for (const side of BOOK_SIDES) {
      const prices: number[] = []
      const sizes: number[] = []
      const counts: number[] = []
      for (let level = this.side(side).best; level !== undefined; level = level.worse) {
        prices.push(level.price)
        sizes.push(level.size)
        // One more than the count; 0 stands for none.
        counts.push(level.orderCount === undefined ? 0 : level.orderCount + 1)
      }
      for (const column of [prices, sizes, counts]) writer.numbers(column)
    }
  }

  /** Becomes the book that was saved. Throws RangeError when the bytes are cut. */
  restore(reader: StateReader): void {
    this.clear()
    this.scales.restore(reader)
    this.ignoredDeletes = reader.uint()
    for (const side of BOOK_SIDES) {
      const prices = reader.numbers()
      const sizes = reader.numbers()
      const counts = reader.numbers()
      if (sizes.length !== prices.length || counts.length !== prices.length)
        throw new RangeError('the columns of a saved book do not fit together')
      for (let level = 0; level < prices.length; level++) {
        const count = counts[level] ?? 0
        const size = sizeOf(sizes[level] ?? 0)
        this.set(side, priceOf(prices[level] ?? 0), size, count === 0 ? undefined : count - 1)
      }
    }
  }
}
