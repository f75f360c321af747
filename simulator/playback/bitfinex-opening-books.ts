/** A stored Bitfinex book as the content of a channel's snapshot: bids, then asks, best first. */
import type { BookKeeper, BookView } from '../../src/index.ts'
import { numberText } from '../venues/bitfinex-checksum.ts'
import type { RecordedChannel } from './bitfinex-survey.ts'

type Side = 'bid' | 'ask'

const SIDES: readonly Side[] = ['bid', 'ask']

/** As sent: negative for asks. */
const amountOf = (book: BookView, side: Side, size: number): string =>
  `${side === 'ask' ? '-' : ''}${numberText(size, book.sizeScale)}`

const orderRows = (keeper: BookKeeper, side: Side, length: number): readonly string[] => {
  const book = keeper.book()
  return book
    .orders(side, length)
    .map(
      ({ order, price, size }) =>
        `[${keeper.orderId(order)},${numberText(price, book.priceScale)},${amountOf(book, side, size)}]`,
    )
}

const levelRows = (keeper: BookKeeper, side: Side, length: number): readonly string[] => {
  const book = keeper.book()
  return book
    .top(side, length)
    .map(
      ({ price, size, orderCount }) =>
        `[${numberText(price, book.priceScale)},${String(orderCount ?? 1)},${amountOf(book, side, size)}]`,
    )
}

/** So many rows a side of the book as it stands. */
export const bookContent = (keeper: BookKeeper, length: number): string => {
  const rows = keeper.book().kind === 'orders' ? orderRows : levelRows
  return `[${SIDES.flatMap((side) => rows(keeper, side, length)).join(',')}]`
}

/** Undefined where the book is not valid: a recorded snapshot will follow. `time`: milliseconds. */
export const openingContent = (
  { channel, precision }: RecordedChannel,
  keeper: BookKeeper,
): { readonly content: string; readonly time: number } | undefined => {
  const { valid, lastReceiveTime } = keeper.summary()
  const time = Math.floor(lastReceiveTime / 1000)
  const isByOrder = keeper.book().kind === 'orders'
  if (channel !== 'book' || !valid || isByOrder !== (precision === 'R0')) return undefined
  return { content: bookContent(keeper, Infinity), time }
}
