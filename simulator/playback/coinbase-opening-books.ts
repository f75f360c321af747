/** What a client of a stored Coinbase stream gets first where it joins in the middle: the book by levels, or the schema. */
import { type BookKeeper, type BookView, decimalText, microsToIso } from '../../src/index.ts'
import type { Subscription } from '../venues/coinbase-channels.ts'
import { LEVEL3_SCHEMA } from '../venues/coinbase-render.ts'
import type { RunningPlay } from './play-stage.ts'
import type { StoredVenue } from './stored-venue.ts'

const rowsOf = (book: BookView, side: 'bid' | 'ask'): string =>
  book
    .top(side)
    .map(
      ({ price, size }) =>
        `["${decimalText(price, book.priceScale)}","${decimalText(size, book.sizeScale)}"]`,
    )
    .join(',')

const snapshotOf = (product: string, keeper: BookKeeper): string => {
  const book = keeper.book()
  const time = microsToIso(keeper.summary().lastReceiveTime)
  return `{"type":"snapshot","product_id":"${product}","asks":[${rowsOf(book, 'ask')}],"bids":[${rowsOf(book, 'bid')}],"time":"${time}"}`
}

/** Nothing where a play begins with its stream: what is needed is in its frames. */
export const sendOpeningBooks = async (
  venue: StoredVenue,
  { start }: RunningPlay,
  items: readonly Subscription[],
  send: (text: string) => void,
): Promise<void> => {
  for (const { channel, product } of items) {
    const index = venue.indexOf(product)
    const place = index === undefined ? 0 : (start[index] ?? 0)
    const book = index === undefined ? undefined : venue.books[index]
    if (place === 0 || book === undefined) continue
    if (channel === 'level3') send(LEVEL3_SCHEMA)
    if (channel !== 'level2' && channel !== 'level2_batch') continue
    const text = await book.at(place, ({ keeper }) =>
      keeper.summary().valid && keeper.book().kind === 'levels' ? snapshotOf(product, keeper) : undefined,
    )
    if (text !== undefined) send(text)
  }
}
