/** The best levels of books: at every instant of an interval or at every change, wide or long. Rows are `booksTo`'s. */
import type { LevelColumns } from '../../market/book-view.ts'
import { type BookRow, booksTo } from '../../replay/derived/books.ts'
import type { IntegerColumn, ScaledColumn } from '../columns/columns.ts'
import type { ColumnDefinition } from '../columns/definition.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, commonColumns, FLAG, INTEGER, optionalColumn, PRICE, REASONS, SIDES, SIZE, TIME } from './common-columns.ts' // prettier-ignore
import { StreamRows } from './stream-rows.ts'
import { withStates } from './stream-states.ts'
import type { Table, TableOptions } from './table.ts'

const headColumns = (streams: readonly string[]): readonly ColumnDefinition[] => [
  ...commonColumns(streams),
  column('time', TIME, 'µs UTC', 'The instant: the book after all entries received up to it; at every change: when that was received.'),
  column('verified', FLAG, '', "A proof of the venue (its sequence, its checksum) holds for the book."),
  optionalColumn('reason', categoryOf(REASONS), '', 'Why the book may not be used; its levels are absent then.'),
] // prettier-ignore

const WIDE = ['bid', 'ask'] as const

const wideColumns = (levels: number): readonly ColumnDefinition[] =>
  Array.from({ length: levels }, (_, index) => index + 1).flatMap((level) =>
    WIDE.flatMap((side) => [
      optionalColumn(`${side}_price_${String(level)}`, PRICE, 'quote currency', `Price of ${side} level ${String(level)}, 1 the best.`),
      optionalColumn(`${side}_size_${String(level)}`, SIZE, 'base currency', `Total size at ${side} level ${String(level)}.`),
      optionalColumn(`${side}_orders_${String(level)}`, INTEGER, 'orders', `Orders at ${side} level ${String(level)}; absent where the venue does not tell.`),
    ]),
  ) // prettier-ignore

const longColumns = (): readonly ColumnDefinition[] => [
  column('side', categoryOf(SIDES), '', 'The side of the book.'),
  column('level', INTEGER, '', '1 is the best; 0: the book has no level on this side, or may not be used.'),
  optionalColumn('price', PRICE, 'quote currency', 'The price of the level.'),
  optionalColumn('size', SIZE, 'base currency', 'The total size at this price.'),
  optionalColumn('orders', INTEGER, 'orders', 'Orders at this price; absent where the venue does not tell.'),
]

/** Where the values of one level go. */
interface LevelTarget {
  readonly price: ScaledColumn
  readonly size: ScaledColumn
  readonly orders: IntegerColumn
}

const putLevel = (
  target: LevelTarget,
  row: number,
  { priceScale, sizeScale }: BookRow,
  columns: LevelColumns,
  index: number,
): void => {
  target.price.put(row, columns.prices[index] ?? 0, priceScale)
  target.size.put(row, columns.sizes[index] ?? 0, sizeScale)
  const orders = columns.orderCounts[index] ?? -1
  target.orders.put(row, orders < 0 ? undefined : orders)
}

const targetsOf = (rows: RowBuffer, side: string, levels: number): readonly LevelTarget[] =>
  Array.from({ length: levels }, (_, index) => ({
    price: rows.scaled(`${side}_price_${String(index + 1)}`),
    size: rows.scaled(`${side}_size_${String(index + 1)}`),
    orders: rows.integers(`${side}_orders_${String(index + 1)}`),
  }))

type PutHead = (row: number, book: BookRow) => void

const newPutHead = (rows: RowBuffer, streams: StreamRows): PutHead => {
  const times = rows.integers('time')
  const verified = rows.bytes('verified')
  const reasons = rows.bytes('reason')
  return (row, book) => {
    const { exchangeTime } = streams.stateOf(book.stream)
    streams.of(book.stream).putTold(row, book.seq, book.receiveTime, exchangeTime, book.isValid)
    times.put(row, book.time)
    verified.put(row, book.isVerified ? 1 : 0)
    reasons.putWord(row, book.invalidReason)
  }
}

const newWide = (rows: RowBuffer, putHead: PutHead, levels: number): ((book: BookRow) => void) => {
  const bids = targetsOf(rows, 'bid', levels)
  const asks = targetsOf(rows, 'ask', levels)
  const putSide = (
    row: number,
    book: BookRow,
    targets: readonly LevelTarget[],
    columns: LevelColumns,
    count: number,
  ): void => {
    targets.forEach((target, index) => {
      if (index < count) putLevel(target, row, book, columns, index)
    })
  }
  return (book) => {
    if (!rows.begin(book.time)) return
    const { row } = rows
    putHead(row, book)
    putSide(row, book, bids, book.bids, book.bidCount)
    putSide(row, book, asks, book.asks, book.askCount)
    rows.end()
  }
}

const newLong = (rows: RowBuffer, putHead: PutHead): ((book: BookRow) => void) => {
  const sides = rows.bytes('side')
  const places = rows.integers('level')
  const target = { price: rows.scaled('price'), size: rows.scaled('size'), orders: rows.integers('orders') }
  const putSide = (book: BookRow, side: number, columns: LevelColumns, count: number): void => {
    for (let index = 0; index < Math.max(1, count); index++) {
      if (!rows.begin(book.time)) return
      const { row } = rows
      putHead(row, book)
      sides.put(row, side)
      places.put(row, index < count ? index + 1 : 0)
      if (index < count) putLevel(target, row, book, columns, index)
      rows.end()
    }
  }
  return (book) => {
    putSide(book, 0, book.bids, book.bidCount)
    putSide(book, 1, book.asks, book.askCount)
  }
}

export const booksTable: Table = {
  usualEvery: 1_000_000,
  define: ({ streams, levels, layout }: TableOptions) => ({
    kind: 'books',
    doc: 'The best levels of the book, at every instant of an interval or whenever one of them changed. Wide: a row a book; long: a row a level.',
    columns: [...headColumns(streams), ...(layout === 'wide' ? wideColumns(levels) : longColumns())],
  }),
  visitor: (rows, { levels, every, layout }) => {
    const streams = new StreamRows(rows)
    const putHead = newPutHead(rows, streams)
    const onRow = layout === 'wide' ? newWide(rows, putHead, levels) : newLong(rows, putHead)
    return withStates(streams, booksTo({ levels, every }, onRow))
  },
}
