/** How a book is read, whatever its kind. Books implement it; decoders use it for the venue's checksums. */
import type { OrderHandle } from './order-ids.ts'
import type { Price, Size } from './price.ts'
import type { BookSide } from './side.ts'

/** One price level. */
export interface LevelView {
  readonly price: Price
  /** Total size resting at this price. */
  readonly size: Size
  /** Orders resting at this price; undefined where the venue does not tell. */
  readonly orderCount: number | undefined
}

/** One resting order. */
export interface OrderView {
  readonly order: OrderHandle
  readonly side: BookSide
  readonly price: Price
  readonly size: Size
}

export interface BookView {
  /** `orders`: by order (L3). `levels`: by price (L2). */
  readonly kind: 'orders' | 'levels'
  readonly priceScale: number
  readonly sizeScale: number
  /** Whether the order of orders at one price is the venue's real queue. */
  readonly queueKnown: boolean
  readonly best: (side: BookSide) => Price | undefined
  readonly levelCount: (side: BookSide) => number
  /** The best n levels, best first; all of them when n is left out. */
  readonly top: (side: BookSide, n?: number) => readonly LevelView[]
  /** The total size at a price; zero where there is no level. */
  readonly sizeAt: (side: BookSide, price: Price) => Size
  /** Orders of the best price first, each price in queue order; at most n. Empty for a book by levels. */
  readonly orders: (side: BookSide, n?: number) => readonly OrderView[]
}
