/** What books by order and books by level have in common: two ordered sides with scales, and how they are read. */
import type { LevelView } from '../market/book-view.ts'
import { type Price, type Size, sizeOf } from '../market/price.ts'
import type { BookSide } from '../market/side.ts'
import { BookScales } from './book-scales.ts'
import { type LevelScales, type LinkedLevel, PriceLevels } from './price-levels.ts'

/** Best first where the order matters, and the order in which state is saved. */
export const BOOK_SIDES: readonly BookSide[] = ['bid', 'ask']

interface ViewedLevel<Self> extends LinkedLevel<Self> {
  orderCount: number | undefined
}

export abstract class PricedSides<Level extends ViewedLevel<Level>> {
  protected readonly bids = new PriceLevels<Level>('bid')
  protected readonly asks = new PriceLevels<Level>('ask')
  protected readonly scales = new BookScales()

  get priceScale(): number {
    return this.scales.current.price
  }

  get sizeScale(): number {
    return this.scales.current.size
  }

  /** What the last `rescale` asked for; the content's own scales differ from it where that was refused. */
  get instrumentScales(): LevelScales {
    return this.scales.wanted
  }

  /** Whether the content is in the instrument's scales. */
  get isConverted(): boolean {
    return this.scales.isConverted
  }

  protected side(side: BookSide): PriceLevels<Level> {
    return side === 'bid' ? this.bids : this.asks
  }

  /** True when the best bid is at or above the best ask. */
  isCrossed(): boolean {
    const bid = this.bids.best
    const ask = this.asks.best
    return bid !== undefined && ask !== undefined && bid.price >= ask.price
  }

  best(side: BookSide): Price | undefined {
    return this.side(side).best?.price
  }

  levelCount(side: BookSide): number {
    return this.side(side).count
  }

  top(side: BookSide, n = Infinity): readonly LevelView[] {
    const views: LevelView[] = []
    let level = this.side(side).best
    for (; level !== undefined && views.length < n; level = level.worse) {
      views.push({ price: level.price, size: level.size, orderCount: level.orderCount })
    }
    return views
  }

  sizeAt(side: BookSide, price: Price): Size {
    return this.side(side).find(price)?.size ?? sizeOf(0)
  }
}
