/** What makes frames of Bitfinex small in chunks: orders are named by numbers, and deleted by the number they came with. */
import type { ColumnHints } from '../../log/column-hints.ts'

/** Order numbers have long been above it; prices in the same place of `P0` books stay below. */
const LEAST_ORDER = 1_000_000_000

export const COLUMN_HINTS: ColumnHints = {
  numberIds: [
    { path: '1.0', set: 'order', least: LEAST_ORDER },
    { path: '1[].0', set: 'order', least: LEAST_ORDER },
  ],
  follows: [
    { group: 'price', path: '1.1', ids: ['1.0'], effect: 'tell' },
    { group: 'price', path: '1[].1', ids: ['1[].0'], effect: 'tell' },
    { group: 'amount', path: '1.2', ids: ['1.0'], effect: 'tell' },
    { group: 'amount', path: '1[].2', ids: ['1[].0'], effect: 'tell' },
  ],
}
