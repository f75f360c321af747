/** What Coinbase offers, from its public product list. */
import * as t from 'io-ts'

import { isPair } from '../../market/instrument.ts'
import type { OfferedPair, PairList } from '../venue.ts'

const Row = t.intersection(
  [
    t.type({ id: t.string }),
    t.partial({
      status: t.string,
      trading_disabled: t.boolean,
      auction_mode: t.boolean,
      cancel_only: t.boolean,
      post_only: t.boolean,
      limit_only: t.boolean,
      quote_increment: t.string,
      base_increment: t.string,
    }),
  ],
  'ListedProduct',
)

/** Restrictions of trading, in the words of the list's fields. */
const RESTRICTIONS = ['trading_disabled', 'auction_mode', 'cancel_only', 'post_only', 'limit_only'] as const

const offered = (row: t.TypeOf<typeof Row>): OfferedPair => {
  const restrictions = RESTRICTIONS.filter((name) => row[name] === true)
  const words = [row.status, ...restrictions].filter((word) => word !== undefined)
  return {
    pair: row.id,
    symbol: row.id,
    status: words.length === 0 ? undefined : words.join(', '),
    priceIncrement: row.quote_increment,
    sizeIncrement: row.base_increment,
  }
}

/** The REST list of products. */
export const PAIR_LIST: PairList = {
  path: '/products',
  read: (body) => {
    if (!Array.isArray(body)) return undefined
    const pairs: OfferedPair[] = []
    for (const row of body as readonly unknown[]) if (Row.is(row) && isPair(row.id)) pairs.push(offered(row))
    return pairs
  },
}
