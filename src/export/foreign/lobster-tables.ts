/** LOBSTER's message file and its order book file: numbers without names, the rows of both belonging together. */
import type { ScaledColumn } from '../columns/columns.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { column, INTEGER, PRICE, SIZE, TIME } from '../tables/common-columns.ts'
import type { Table } from '../tables/table.ts'
import { type LobsterEvent, lobsterEventsTo } from './lobster-events.ts'

/** In place of the price where there is no level; of asks, negative of bids. */
const NO_LEVEL = 9_999_999_999

export const lobsterMessagesTable: Table = {
  define: () => ({
    kind: 'events',
    doc: '',
    columns: [
      column('time', TIME, 's', 'Since midnight, UTC.'),
      column(
        'type',
        INTEGER,
        '',
        '1 submitted, 2 reduced, 3 deleted, 4 executed, 7 the book may not be used.',
      ),
      column('order', INTEGER, '', 'The number of the order.'),
      column('size', SIZE, 'base currency', 'The size.'),
      column('price', PRICE, 'quote currency', 'The price.'),
      column('direction', INTEGER, '', '1: an order to buy, -1: to sell.'),
    ],
  }),
  visitor: (rows, { levels }) => {
    const times = rows.integers('time')
    const types = rows.integers('type')
    const orders = rows.integers('order')
    const sizes = rows.scaled('size')
    const prices = rows.scaled('price')
    const directions = rows.integers('direction')
    return lobsterEventsTo(levels, (event) => {
      const { state, isHalt } = event
      if (!rows.begin(state.receiveTime)) return
      const { row } = rows
      times.put(row, event.time)
      types.put(row, event.type)
      orders.put(row, event.order)
      sizes.put(row, event.size, state.sizeScale)
      if (isHalt) prices.put(row, event.isResumed ? 1 : -1, prices.scale)
      else prices.put(row, event.price, state.priceScale)
      directions.put(row, event.side === 'bid' ? 1 : -1)
      rows.end()
    })
  },
}

interface LevelTarget {
  readonly price: ScaledColumn
  readonly size: ScaledColumn
}

const targetsOf = (rows: RowBuffer, side: string, levels: number): readonly LevelTarget[] =>
  Array.from({ length: levels }, (_, level) => ({
    price: rows.scaled(`${side}_price_${String(level + 1)}`),
    size: rows.scaled(`${side}_size_${String(level + 1)}`),
  }))

const putSide = (
  targets: readonly LevelTarget[],
  row: number,
  { columns, count }: LobsterEvent['bids'],
  { priceScale, sizeScale }: LobsterEvent['state'],
  none: number,
): void => {
  targets.forEach(({ price, size }, level) => {
    const isThere = level < count
    if (isThere) price.put(row, columns.prices[level] ?? 0, priceScale)
    else price.put(row, none, price.scale)
    size.put(row, isThere ? (columns.sizes[level] ?? 0) : 0, sizeScale)
  })
}

const bookColumns = (levels: number) =>
  Array.from({ length: levels }, (_, index) => String(index + 1)).flatMap((level) =>
    ['ask', 'bid'].flatMap((side) => [
      column(`${side}_price_${level}`, PRICE, 'quote currency', 'The price of the level.'),
      column(`${side}_size_${level}`, SIZE, 'base currency', 'The total size there.'),
    ]),
  )

export const lobsterBooksTable: Table = {
  define: ({ levels }) => ({
    kind: 'books',
    doc: '',
    // Times are written by the message file alone.
    columns: bookColumns(levels),
  }),
  visitor: (rows, { levels }) => {
    const asks = targetsOf(rows, 'ask', levels)
    const bids = targetsOf(rows, 'bid', levels)
    return lobsterEventsTo(levels, (event) => {
      const { state } = event
      if (!rows.begin(state.receiveTime)) return
      const { row } = rows
      putSide(asks, row, event.asks, state, NO_LEVEL)
      putSide(bids, row, event.bids, state, -NO_LEVEL)
      rows.end()
    })
  },
}
