/** A book rendered for people and machines: decimal text, best first. */
import type { Seq } from '../../log/entry.ts'
import type { BookView } from '../../market/book-view.ts'
import { decimalText } from '../../market/decimal.ts'
import type { InvalidReason } from '../../market/event.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { BookSide } from '../../market/side.ts'
import type { Micros } from '../../market/time.ts'
import type { BookKeeper } from '../keeper/book-keeper.ts'

/** One price level; `orders` in queue order, absent for a book by levels. */
export interface RenderedLevel {
  readonly price: string
  readonly size: string
  readonly orders?: readonly { readonly id: string; readonly size: string }[]
  /** How many orders the venue says rest here, where it tells that and no more. */
  readonly orderCount?: number
}

/** A whole book at one instant: what `bookreel book --json` prints. */
export interface RenderedBook {
  readonly stream: StreamId
  /** The last entry applied. */
  readonly seq: Seq
  /** Microseconds; of that entry. */
  readonly receiveTime: Micros
  readonly valid: boolean
  readonly reason: InvalidReason | null
  readonly verified: boolean
  readonly queueKnown: boolean
  readonly midTransaction: boolean
  readonly bids: readonly RenderedLevel[]
  readonly asks: readonly RenderedLevel[]
  readonly digest: string
  readonly digestSeq: Seq
}

/** The best n levels of a side with their orders; all when n is left out. */
export const renderSide = (
  book: BookView,
  side: BookSide,
  orderId: (order: number) => string,
  depth?: number,
): readonly RenderedLevel[] => {
  const { priceScale, sizeScale } = book
  const levels = book.top(side, depth)
  if (book.kind === 'levels') {
    return levels.map((level) => ({
      price: decimalText(level.price, priceScale),
      size: decimalText(level.size, sizeScale),
      ...(level.orderCount === undefined ? {} : { orderCount: level.orderCount }),
    }))
  }
  const wanted = levels.reduce((sum, level) => sum + (level.orderCount ?? 0), 0)
  const orders = book.orders(side, wanted)
  let next = 0
  return levels.map((level) => {
    const count = level.orderCount ?? 0
    const own = orders.slice(next, next + count)
    next += count
    return {
      price: decimalText(level.price, priceScale),
      size: decimalText(level.size, sizeScale),
      orders: own.map(({ order, size }) => ({ id: orderId(order), size: decimalText(size, sizeScale) })),
    }
  })
}

/**
 * The keeper's book as last applied.
 * @internal
 */
export const renderBook = (stream: StreamId, keeper: BookKeeper, depth?: number): RenderedBook => {
  const book = keeper.book()
  const summary = keeper.summary()
  const orderId = (order: number): string => keeper.orderId(order)
  return {
    stream,
    seq: summary.lastSeq,
    receiveTime: summary.lastReceiveTime,
    valid: summary.valid,
    reason: summary.reason,
    verified: summary.verified,
    queueKnown: book.queueKnown,
    midTransaction: keeper.isMidTransaction(),
    bids: renderSide(book, 'bid', orderId, depth),
    asks: renderSide(book, 'ask', orderId, depth),
    ...keeper.digest(),
  }
}
