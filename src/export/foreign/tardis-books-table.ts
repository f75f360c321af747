/** `book_snapshot_N`: the best levels at every change of them, or at every instant of an interval; of usable books alone. */
import type { LevelColumns } from '../../market/book-view.ts'
import { booksTo } from '../../replay/derived/books.ts'
import type { ScaledColumn } from '../columns/columns.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { optionalColumn, PRICE, SIZE } from '../tables/common-columns.ts'
import { withStates } from '../tables/stream-states.ts'
import type { Table } from '../tables/table.ts'
import { tardisColumns, TardisHeads } from './tardis-columns.ts'

const FIRST_SIDE = ['asks', 'bids'] as const

const nameOf = (side: string, level: number, what: string): string => `${side}[${String(level)}].${what}`

interface LevelTarget {
  readonly price: ScaledColumn
  readonly amount: ScaledColumn
}

const targetsOf = (rows: RowBuffer, side: string, levels: number): readonly LevelTarget[] =>
  Array.from({ length: levels }, (_, level) => ({
    price: rows.scaled(nameOf(side, level, 'price')),
    amount: rows.scaled(nameOf(side, level, 'amount')),
  }))

export const tardisBooksTable: Table = {
  define: ({ streams, levels }) => ({
    kind: 'books',
    doc: '',
    columns: [
      ...tardisColumns(streams),
      ...Array.from({ length: levels }, (_, level) => level).flatMap((level) =>
        FIRST_SIDE.flatMap((side) => [
          optionalColumn(nameOf(side, level, 'price'), PRICE, 'quote currency', 'The price of the level.'),
          optionalColumn(nameOf(side, level, 'amount'), SIZE, 'base currency', 'The total size there.'),
        ]),
      ),
    ],
  }),
  visitor: (rows, { levels, every }) => {
    const heads = new TardisHeads(rows)
    const asks = targetsOf(rows, 'asks', levels)
    const bids = targetsOf(rows, 'bids', levels)
    const books = booksTo({ levels, every }, (book) => {
      if (!book.isValid || !rows.begin(book.time)) return
      const { row } = rows
      if (every === undefined) heads.put(row, book.stream)
      else heads.putAt(row, book.stream, book.time, book.time)
      const putSide = (targets: readonly LevelTarget[], columns: LevelColumns, count: number): void => {
        targets.forEach(({ price, amount }, level) => {
          if (level >= count) return
          price.put(row, columns.prices[level] ?? 0, book.priceScale)
          amount.put(row, columns.sizes[level] ?? 0, book.sizeScale)
        })
      }
      putSide(asks, book.asks, book.askCount)
      putSide(bids, book.bids, book.bidCount)
      rows.end()
    })
    return withStates(heads, books)
  },
}
