/** A product as Coinbase lists it: over REST, alone or among all, and in `status` messages. Owns what its flags mean. */
import * as t from 'io-ts'

import type { ProductState, TradingState } from '../../market/product-state.ts'

export const ListedProduct = t.intersection(
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
type ListedProduct = t.TypeOf<typeof ListedProduct>

/** Restrictions of trading, in the words of the list's fields. */
const RESTRICTIONS = ['trading_disabled', 'auction_mode', 'cancel_only', 'post_only', 'limit_only'] as const

/** What the venue says of it, in its words; undefined: nothing. */
export const wordsOf = (row: ListedProduct): string | undefined => {
  const restrictions = RESTRICTIONS.filter((name) => row[name] === true)
  const words = [row.status, ...restrictions].filter((word) => word !== undefined)
  return words.length === 0 ? undefined : words.join(', ')
}

const tradingOf = (row: ListedProduct): TradingState => {
  if (row.status === 'delisted') return 'delisted'
  if (row.trading_disabled === true || (row.status !== undefined && row.status !== 'online')) return 'paused'
  return RESTRICTIONS.some((name) => row[name] === true) ? 'limited' : 'open'
}

export const productStateOf = (row: ListedProduct): ProductState => ({
  trading: tradingOf(row),
  says: wordsOf(row) ?? '',
  priceIncrement: row.quote_increment ?? null,
  sizeIncrement: row.base_increment ?? null,
})

/** Of a refusal's text: `LOOM-USDC is delisted`, `XXX is not a valid product`. */
export const namesGoneProduct = (text: string): boolean => /is delisted|is not a valid product/.test(text)
