/** A book by price levels (L2): absolute sizes per price, as the venue tells them. Knows no orders. */
import type { BookView, OrderView } from '../market/book-view.ts'
import { decimalText } from '../market/decimal.ts'
import { type Price, priceOf, type Size, sizeOf } from '../market/price.ts'
import type { BookSide } from '../market/side.ts'
import type { StateReader, StateWriter } from '../market/state-bytes.ts'
import type { BookFault } from './integrity.ts'
import { NONE } from './level-table.ts'
import { BOOK_SIDES, PricedSides } from './priced-sides.ts'

const NO_ORDERS: readonly OrderView[] = []

const unknown = (): undefined => undefined
const isNot = (): boolean => false

export class LevelBook extends PricedSides implements BookView {
  readonly kind = 'levels'
  readonly queueKnown = false
  private ignoredDeletes = 0

  /** Deletes of levels that were not there, which venues do send; never reset. */
  get unknownDeletes(): number {
    return this.ignoredDeletes
  }

  /** Empties the book, for the rows of a venue's snapshot. */
  clear(): void {
    this.dropLevels()
    this.scales.startAfresh()
  }

  /** As OrderBook's. */
  rescale(priceScale: number, sizeScale: number): BookFault | undefined {
    return this.rescaleLevels(priceScale, sizeScale)
  }

  /**
   * The level's size becomes this; zero deletes it, if it is there. `contradiction`: a negative size, or an order count
   * that is none.
   */
  set(side: BookSide, price: Price, size: Size, orderCount: number | undefined): BookFault | undefined {
    const levels = this.side(side)
    if (size === 0) {
      this.delete(levels.find(price), side)
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
    const level = levels.findOrAdd(price)
    this.levels.sizes[level] = size
    this.levels.orderCounts[level] = orderCount ?? -1
    this.touched(levels, level)
    return undefined
  }

  private delete(level: number, side: BookSide): void {
    if (level === NONE) {
      this.ignoredDeletes++
      return
    }
    const levels = this.side(side)
    this.touched(levels, level)
    levels.erase(level)
    if (this.levels.isSparse) this.packLevels()
  }

  readonly has = isNot
  readonly isOpeningSeen = isNot
  readonly orderAt = unknown
  readonly sizeAhead = unknown
  readonly ordersAhead = unknown
  readonly openedAt = unknown
  readonly orderAge = unknown

  orderCount(): number {
    return 0
  }

  orders(): readonly OrderView[] {
    return NO_ORDERS
  }

  ordersAtPrice(): readonly OrderView[] {
    return NO_ORDERS
  }

  readonly forEachOrder = unknown

  save(writer: StateWriter): void {
    this.scales.save(writer)
    writer.uint(this.ignoredDeletes)
    const { prices, sizes, orderCounts, worse } = this.levels
    for (const side of BOOK_SIDES) {
      const columns: number[][] = [[], [], []]
      const [savedPrices = [], savedSizes = [], savedCounts = []] = columns
      for (let level = this.side(side).best; level !== NONE; level = worse[level] ?? NONE) {
        savedPrices.push(prices[level] ?? 0)
        savedSizes.push(sizes[level] ?? 0)
        // One more than the count; 0 stands for none.
        savedCounts.push((orderCounts[level] ?? 0) + 1)
      }
      for (const column of columns) writer.numbers(column)
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
