/** What a client of a stored Coinbase stream gets first where it joins in the middle: the book by levels, the schema, the last match. */
import { type BookKeeper, type BookView, decimalText, microsToIso } from '../../src/index.ts'
import type { Subscription } from '../venues/coinbase-channels.ts'
import { LEVEL3_SCHEMA } from '../venues/coinbase-render.ts'
import { lastMatchOf } from './coinbase-recorded-trades.ts'
import type { PlayContext } from './play-group.ts'
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

/** The first frame of a level channel. */
export const levelSnapshotOf = (product: string, keeper: BookKeeper): string => {
  const book = keeper.book()
  const time = microsToIso(keeper.summary().lastReceiveTime)
  return `{"type":"snapshot","product_id":"${product}","asks":[${rowsOf(book, 'ask')}],"bids":[${rowsOf(book, 'bid')}],"time":"${time}"}`
}

/** Nothing where a play begins with its stream: what is needed is in its frames. */
export const sendOpeningBooks = async (
  venue: StoredVenue,
  { start }: RunningPlay,
  items: readonly Subscription[],
  { trades, sender: { send } }: PlayContext,
): Promise<void> => {
  for (const { channel, product } of items) {
    const index = venue.indexOf(product)
    const place = index === undefined ? 0 : (start[index] ?? 0)
    const book = index === undefined ? undefined : venue.books[index]
    if (place === 0 || book === undefined) continue
    if (channel === 'level3') send(LEVEL3_SCHEMA)
    if (channel === 'matches' && index !== undefined) {
      const last = (await trades.at(index, place, product)).at(-1)
      if (last !== undefined) send(lastMatchOf(last))
    }
    if (channel !== 'level2' && channel !== 'level2_batch') continue
    const text = await book.at(place, ({ keeper }) =>
      keeper.summary().valid && keeper.book().kind === 'levels'
        ? levelSnapshotOf(product, keeper)
        : undefined,
    )
    if (text !== undefined) send(text)
  }
}
