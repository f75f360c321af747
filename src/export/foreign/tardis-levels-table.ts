/** `incremental_book_L2`: snapshots and changes of levels, of usable books alone. */
import { type LevelChangeRow, levelChangesTo } from '../../replay/derived/level-changes.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, FLAG, PRICE, SIDES, SIZE } from '../tables/common-columns.ts'
import { withStates } from '../tables/stream-states.ts'
import type { Table } from '../tables/table.ts'
import { tardisColumns, TardisHeads } from './tardis-columns.ts'

const newPut = (rows: RowBuffer, heads: TardisHeads) => {
  const snapshots = rows.bytes('is_snapshot')
  const sides = rows.bytes('side')
  const prices = rows.scaled('price')
  const amounts = rows.scaled('amount')
  return (change: LevelChangeRow, size: number, isSnapshot: boolean): void => {
    if (!rows.begin(change.receiveTime)) return
    const { row } = rows
    heads.put(row, change.stream)
    snapshots.put(row, isSnapshot ? 1 : 0)
    sides.put(row, change.side === 'bid' ? 0 : 1)
    prices.put(row, change.price, change.priceScale)
    amounts.put(row, size, change.sizeScale)
    rows.end()
  }
}

export const tardisLevelsTable: Table = {
  define: ({ streams }) => ({
    kind: 'levels',
    doc: '',
    columns: [
      ...tardisColumns(streams),
      column('is_snapshot', FLAG, '', 'A level of the book that begins: behind a row that is none, all levels known before are void.'),
      column('side', categoryOf(SIDES), '', 'The side of the book.'),
      column('price', PRICE, 'quote currency', 'The price of the level.'),
      column('amount', SIZE, 'base currency', 'The total size at this price; 0: the level is gone.'),
    ], // prettier-ignore
  }),
  visitor: (rows) => {
    const heads = new TardisHeads(rows)
    const put = newPut(rows, heads)
    /** Of each stream whose last row is of a snapshot. */
    const lastOfSnapshot = new Map<string, LevelChangeRow>()
    const end = (stream: string): void => {
      const last = lastOfSnapshot.get(stream)
      // Two snapshots with nothing between them would be read as one.
      if (last !== undefined) put(last, 0, false)
      lastOfSnapshot.delete(stream)
    }
    const changes = levelChangesTo({
      began: ({ stream }) => {
        end(stream)
      },
      broke: ({ stream }) => {
        end(stream)
      },
      changed: (change) => {
        const isSnapshot = change.cause === 'began'
        put(change, change.size, isSnapshot)
        if (isSnapshot) lastOfSnapshot.set(change.stream, change)
        else lastOfSnapshot.delete(change.stream)
      },
    })
    return withStates(heads, changes)
  },
}
