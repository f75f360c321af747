/** Levels as a book had them at one moment, for good: what `freeze` gives. Bids stand in front of asks, best first. */
import { type LevelColumns, newLevelColumns, type PricedView } from '../market/book-view.ts'
import type { BookSide } from '../market/side.ts'
import type { Micros } from '../market/time.ts'
import { LevelReads, type LinkedLevels } from './level-reads.ts'
import { NONE } from './level-table.ts'

export class FrozenLevels extends LevelReads {
  readonly kind: 'orders' | 'levels'
  readonly priceScale: number
  readonly sizeScale: number
  readonly now: Micros
  protected readonly levels: LinkedLevels
  private readonly bids: number
  private readonly asks: number

  /** The best n levels of each side. */
  constructor(book: PricedView, n: number) {
    super()
    this.kind = book.kind
    this.priceScale = book.priceScale
    this.sizeScale = book.sizeScale
    this.now = book.now
    const depth = n > 0 ? Math.ceil(n) : 0
    this.bids = Math.min(depth, book.levelCount('bid'))
    this.asks = Math.min(depth, book.levelCount('ask'))
    const columns = newLevelColumns(this.bids + this.asks)
    const part = (from: number, to: number): LevelColumns => ({
      prices: columns.prices.subarray(from, to),
      sizes: columns.sizes.subarray(from, to),
      orderCounts: columns.orderCounts.subarray(from, to),
    })
    const count = this.bids + this.asks
    book.readTop('bid', part(0, this.bids))
    book.readTop('ask', part(this.bids, count))
    const worse = Int32Array.from(columns.prices, (_, level) => level + 1)
    for (const end of [this.bids, count]) if (end > 0) worse[end - 1] = NONE
    this.levels = { ...columns, worse }
  }

  levelCount(side: BookSide): number {
    return side === 'bid' ? this.bids : this.asks
  }

  protected bestOf(side: BookSide): number {
    if (this.levelCount(side) === 0) return NONE
    return side === 'bid' ? 0 : this.bids
  }

  protected find(side: BookSide, price: number): number {
    const { prices } = this.levels
    const sign = side === 'bid' ? 1 : -1
    let low = side === 'bid' ? 0 : this.bids
    let high = low + this.levelCount(side) - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = prices[middle] ?? 0
      if (found === price) return middle
      if (found * sign > price * sign) low = middle + 1
      else high = middle - 1
    }
    return NONE
  }
}
