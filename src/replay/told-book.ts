/** A book told: its content as events, as a venue's snapshot of it would be, and its best prices as text. */
import type { BookView } from '../market/book-view.ts'
import { decimalText } from '../market/decimal.ts'
import type { MarketSink } from '../market/event.ts'
import type { BookSide } from '../market/side.ts'

const SIDES: readonly BookSide[] = ['bid', 'ask']

/** Tells the rows, bids first, orders of a price in queue order; not scales, nor whether the book may be used. */
export const tellContent = (book: BookView, sink: MarketSink): void => {
  sink.bookStarted(book.kind, book.queueKnown)
  for (const side of SIDES) {
    if (book.kind === 'levels')
      for (const { price, size, orderCount } of book.top(side)) sink.levelSet(side, price, size, orderCount)
    else for (const { order, price, size } of book.orders(side)) sink.orderOpened(order, side, price, size, 0)
  }
}

/** `best bid 100.2, best ask 100.1`; 0 where a side is empty. */
export const touchText = (book: BookView): string => {
  const bid = decimalText(book.best('bid') ?? 0, book.priceScale)
  const ask = decimalText(book.best('ask') ?? 0, book.priceScale)
  return `best bid ${bid}, best ask ${ask}`
}

/** The best price of a side; null where it is empty. */
export const bestText = (book: BookView, side: BookSide): string | null => {
  const price = book.best(side)
  return price === undefined ? null : decimalText(price, book.priceScale)
}
