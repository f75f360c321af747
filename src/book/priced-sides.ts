/** What books by order and books by level have in common: two ordered sides with scales, watches and the clock. */
import type { DepthWatch, PricedView } from '../market/book-view.ts'
import type { BookSide } from '../market/side.ts'
import { type Micros, microsOf } from '../market/time.ts'
import { BookScales } from './book-scales.ts'
import { DepthWatches } from './depth-watches.ts'
import { FrozenLevels } from './frozen-levels.ts'
import type { BookFault } from './integrity.ts'
import { LevelReads } from './level-reads.ts'
import { LevelTable } from './level-table.ts'
import { PriceLevels } from './price-levels.ts'

/** Best first where the order matters, and the order in which state is saved. */
export const BOOK_SIDES: readonly BookSide[] = ['bid', 'ask']

export abstract class PricedSides extends LevelReads {
  /** Receive time of the entry being applied, for the one who applies entries to set; never saved by a book by level. */
  now: Micros = microsOf(0)
  protected readonly levels = new LevelTable()
  protected readonly bids = new PriceLevels('bid', this.levels)
  protected readonly asks = new PriceLevels('ask', this.levels)
  protected readonly scales = new BookScales()
  private readonly watches = new DepthWatches(this.levels, this.bids, this.asks)

  get priceScale(): number {
    return this.scales.current.price
  }

  get sizeScale(): number {
    return this.scales.current.size
  }

  /** What the last `rescale` asked for; the content's own scales differ from it where that was refused. */
  get instrumentScales(): { readonly price: number; readonly size: number } {
    return this.scales.wanted
  }

  /** Whether the content is in the instrument's scales. */
  get isConverted(): boolean {
    return this.scales.isConverted
  }

  /** Levels that there is room for: grows by doubling, and shrinks. */
  get levelCapacity(): number {
    return this.levels.capacity
  }

  protected side(side: BookSide): PriceLevels {
    return side === 'bid' ? this.bids : this.asks
  }

  protected bestOf(side: BookSide): number {
    return this.side(side).best
  }

  protected find(side: BookSide, price: number): number {
    return this.side(side).find(price)
  }

  levelCount(side: BookSide): number {
    return this.side(side).count
  }

  freeze(n = Infinity): PricedView {
    return new FrozenLevels(this, n)
  }

  watch(depth: number): DepthWatch {
    return this.watches.open(depth)
  }

  /** Must be told of each level that came, changed, or is about to go. */
  protected touched(side: PriceLevels, level: number): void {
    const rank = (this.levels.prices[level] ?? 0) * side.sign
    if (rank >= side.watchedFrom) this.watches.changed(side === this.bids ? 'bid' : 'ask', rank)
  }

  protected dropLevels(): void {
    this.watches.allChanged()
    this.levels.clear()
    this.bids.clear()
    this.asks.clear()
  }

  /** Gives up unused room for levels, which get other numbers. */
  protected packLevels(): void {
    const { bids, asks } = this
    const bidCount = bids.count
    const askCount = asks.count
    this.levels.pack([bids.best, asks.best])
    bids.become(bidCount > 0 ? 0 : -1, bidCount)
    asks.become(askCount > 0 ? bidCount : -1, askCount)
  }

  protected rescaleLevels(priceScale: number, sizeScale: number): BookFault | undefined {
    const fault = this.scales.rescale(priceScale, sizeScale, this.levels, [this.bids, this.asks])
    if (fault === undefined) this.watches.allChanged()
    return fault
  }
}
