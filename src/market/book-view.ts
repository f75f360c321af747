/**
 * How a book is read, whatever its kind. Books implement it; decoders use it for the venue's checksums. The cost of each
 * read is stated; n: levels or orders looked at, m: levels of the side. Nothing here changes the book, and what a
 * `forEach…` calls must not either.
 */
import type { OrderHandle } from './order-ids.ts'
import type { Price, Size } from './price.ts'
import type { BookSide } from './side.ts'
import type { Micros } from './time.ts'

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

/** The best levels of a side as columns of the caller, to be used again and again. All three have one length. */
export interface LevelColumns {
  /** In 10^-priceScale. */
  readonly prices: Float64Array
  /** In 10^-sizeScale. */
  readonly sizes: Float64Array
  /** -1 where the venue does not tell. */
  readonly orderCounts: Float64Array
}

/** Columns for so many levels. */
export const newLevelColumns = (depth: number): LevelColumns => ({
  prices: new Float64Array(depth),
  sizes: new Float64Array(depth),
  orderCounts: new Float64Array(depth),
})

/** What taking a size from one side of the book comes to. Nothing is taken. */
export interface Sweep {
  /** What of the wanted size rests there. */
  readonly filled: number
  /** What is not there: more than 0 when the book is too thin. */
  readonly missing: number
  /** The price of the last level taken from; undefined when nothing is filled. */
  readonly worst: Price | undefined
  /**
   * The average price of what is filled, in units of prices and fractions of them: a double, near to the true value by
   * some 15 digits; undefined when nothing is filled.
   */
  readonly average: number | undefined
  /** Levels taken from, the last one perhaps in part. */
  readonly levels: number
}

/** The levels of two sides. Sizes summed over levels are exact below 2^53 units and the nearest doubles above. */
export interface PricedView {
  /** `orders`: by order (L3). `levels`: by price (L2). */
  readonly kind: 'orders' | 'levels'
  readonly priceScale: number
  readonly sizeScale: number
  /** Receive time of the last entry applied, in microseconds since the Unix epoch; 0 where the book was told none. */
  readonly now: Micros
  /** Undefined where the side is empty. Constant cost. */
  readonly best: (side: BookSide) => Price | undefined
  /**
   * Between best bid and best ask, in units of prices: a whole number or a half. Undefined unless both sides have a level.
   * Constant cost.
   */
  readonly mid: () => number | undefined
  /**
   * Best ask less best bid, in units of prices: negative in a crossed book, as during an auction. Undefined unless both sides
   * have a level. Constant cost.
   */
  readonly spread: () => number | undefined
  /** True when the best bid is at or above the best ask. Constant cost. */
  readonly isCrossed: () => boolean
  /** Constant cost. */
  readonly levelCount: (side: BookSide) => number
  /** The best n levels, best first; all of them when n is left out. Cost n, with an object a level. */
  readonly top: (side: BookSide, n?: number) => readonly LevelView[]
  /**
   * Writes the best levels into the caller's columns, best first, as many as they hold; how many were written. Cost n, no
   * object made.
   */
  readonly readTop: (side: BookSide, into: LevelColumns) => number
  /** The total size at a price; zero where there is no level. Cost of a search: constant near the best price, else log m. */
  readonly sizeAt: (side: BookSide, price: Price) => Size
  /** The level at a price; undefined where there is none. Cost of a search and an object. */
  readonly levelAt: (side: BookSide, price: Price) => LevelView | undefined
  /** The total size at this price and better ones. Cost n, the levels summed. */
  readonly sizeTo: (side: BookSide, price: Price) => number
  /** The total size of the best n levels. Cost n. */
  readonly sizeOfBest: (side: BookSide, n: number) => number
  /**
   * Price and average price for a size taken from this side (`ask`: what a buyer pays), and how far down it reaches. A size
   * that is not positive takes nothing. Cost n, the levels taken from, and an object.
   */
  readonly sweep: (side: BookSide, size: number) => Sweep
  /**
   * Calls with each level, best first, until it returns false; orderCount is -1 where the venue does not tell. Cost n, no
   * object made.
   */
  readonly forEachLevel: (
    side: BookSide,
    visit: (price: Price, size: Size, orderCount: number) => unknown,
  ) => void
}

export interface BookView extends PricedView {
  /** Whether the order of orders at one price is the venue's real queue. */
  readonly queueKnown: boolean
  /** Orders resting on a side; 0 for a book by levels. Constant cost. */
  readonly orderCount: (side: BookSide) => number
  /**
   * Orders of the best price first, each price in queue order; at most n. Empty for a book by levels. Cost n, with an object
   * an order.
   */
  readonly orders: (side: BookSide, n?: number) => readonly OrderView[]
  /** The orders at one price in queue order; empty where there is no level. Cost of a search, and n with an object an order. */
  readonly ordersAtPrice: (side: BookSide, price: Price) => readonly OrderView[]
  /** The resting order; undefined when it does not rest. Constant cost, an object. */
  readonly orderAt: (order: OrderHandle) => OrderView | undefined
  /** Whether the order rests. Constant cost. */
  readonly has: (order: OrderHandle) => boolean
  /**
   * The total size in the queue before this order; undefined when it does not rest. Without a known queue: before it by
   * rank. Cost n, the orders ahead.
   */
  readonly sizeAhead: (order: OrderHandle) => Size | undefined
  /** How many orders stand in the queue before this one; undefined when it does not rest. Cost n, the orders ahead. */
  readonly ordersAhead: (order: OrderHandle) => number | undefined
  /**
   * When the order came: receive time of the entry that opened it, changes of it do not count. For an order that came with a
   * snapshot the time of that snapshot: see `isOpeningSeen`. Undefined when it does not rest. Constant cost.
   */
  readonly openedAt: (order: OrderHandle) => Micros | undefined
  /** False for an order that came with a snapshot, which is older than `openedAt` says; and when it does not rest. Constant cost. */
  readonly isOpeningSeen: (order: OrderHandle) => boolean
  /** `now` less `openedAt`, in microseconds: the least age of an order whose opening was not seen. Constant cost. */
  readonly orderAge: (order: OrderHandle) => number | undefined
  /**
   * Calls with each order, best price first, each price in queue order, until it returns false. Nothing is called for a book
   * by levels. Cost n, no object made.
   */
  readonly forEachOrder: (
    side: BookSide,
    visit: (order: OrderHandle, price: Price, size: Size) => unknown,
  ) => void
  /** The levels as they stand, for good; the best n of each side where n is given. Cost n of copying. */
  readonly freeze: (n?: number) => PricedView
  /** Watches the best levels of both sides for changes; `depth` at least 1. See DepthWatch. */
  readonly watch: (depth: number) => DepthWatch
}

/**
 * Tells whether one of the best n levels came, went, or got another size or order count. It costs a book one comparison a
 * change, whatever the depth and however many watch. It belongs to one book: where a stream's book becomes another object,
 * a new watch is needed.
 */
export interface DepthWatch {
  readonly depth: number
  /**
   * Whether something changed among the best n levels since `reset`, or since the watch was made; changes that took each
   * other back count. Constant cost.
   */
  readonly isChanged: (side: BookSide) => boolean
  /** From here on changes count anew, on both sides. Cost: the depth. */
  readonly reset: () => void
  /** The book forgets the watch, which tells nothing new from here on. */
  readonly close: () => void
}
