/** What makes frames of Coinbase small in chunks: an order's later messages repeat what earlier ones said of it. */
import type { ColumnHints, FollowHint } from '../../log/column-hints.ts'

const ORDER = ['order_id']
const PARTIES = ['maker_order_id', 'taker_order_id']

/** Messages with names. */
const NAMED: readonly FollowHint[] = [
  ...['price', 'old_price', 'new_price'].map((path): FollowHint => ({
    group: 'price',
    path,
    ids: ORDER,
    effect: 'tell',
  })),
  { group: 'price', path: 'price', ids: ['maker_order_id'], effect: 'tell' },
  ...['size', 'remaining_size', 'old_size', 'new_size'].map((path): FollowHint => ({
    group: 'size',
    path,
    ids: ORDER,
    effect: 'tell',
  })),
  { group: 'size', path: 'size', ids: PARTIES, effect: 'take' },
]

const tell = (group: string, path: string, within: string): FollowHint => ({
  group,
  path,
  ids: ['3'],
  effect: 'tell',
  within,
})

/** Rows of `level3`, by position. */
const ROWS: readonly FollowHint[] = [
  tell('price', '5', '"open"'),
  tell('size', '6', '"open"'),
  tell('price', '4', '"change"'),
  tell('size', '5', '"change"'),
  tell('price', '5', '"match"'),
  { group: 'size', path: '6', ids: ['3', '4'], effect: 'take', within: '"match"' },
]

/** Rows of a level-3 body: price, size, order. */
const BODY = ['bids', 'asks'].flatMap((side): FollowHint[] => [
  { group: 'price', path: `${side}[].0`, ids: [`${side}[].2`], effect: 'tell' },
  { group: 'size', path: `${side}[].1`, ids: [`${side}[].2`], effect: 'tell' },
])

export const COLUMN_HINTS: ColumnHints = { numberIds: [], follows: [...NAMED, ...ROWS, ...BODY] }
