/** Level changes: any book told as an L2 feed. What a change is and why is `levelChangesTo`'s. */
import { levelChangesTo } from '../../replay/derived/level-changes.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, commonColumns, INTEGER, optionalColumn, PRICE, REASONS, SIDES, SIZE } from './common-columns.ts' // prettier-ignore
import { StreamRows } from './stream-rows.ts'
import { withStates } from './stream-states.ts'
import type { Table } from './table.ts'

const KINDS = ['cleared', 'began', 'added', 'traded', 'cancelled', 'changed', 'removed', 'set', 'broke']

const levelColumns = (rows: RowBuffer) => ({
  kinds: rows.bytes('kind'),
  sequences: rows.integers('venue_sequence'),
  sides: rows.bytes('side'),
  prices: rows.scaled('price'),
  sizes: rows.scaled('size'),
  deltas: rows.scaled('delta'),
  causes: rows.bytes('cause'),
})

export const levelsTable: Table = {
  define: ({ streams }) => ({
    kind: 'levels',
    doc: 'Changes of the size at a price, of usable books alone. The rows behind a "cleared" rebuild the levels exactly.',
    columns: [
      ...commonColumns(streams),
      optionalColumn('venue_sequence', INTEGER, '', 'The number that the venue gave it.'),
      column('kind', categoryOf(KINDS), '', 'cleared: a usable book begins, its levels follow as began; broke: it may not be used any more; else why the size changed: an order added, traded, cancelled, changed or removed without a cause, or a level set by a venue that tells levels only.'),
      optionalColumn('side', categoryOf(SIDES), '', 'The side of the book.'),
      optionalColumn('price', PRICE, 'quote currency', 'The price of the level.'),
      optionalColumn('size', SIZE, 'base currency', 'The total size at this price from here on; 0: the level is gone.'),
      optionalColumn('delta', SIZE, 'base currency', 'How much it grew; negative: shrank.'),
      optionalColumn('cause', categoryOf(REASONS), '', 'Why the book may not be used any more.'),
    ], // prettier-ignore
  }),
  visitor: (rows) => {
    const streams = new StreamRows(rows)
    const columns = levelColumns(rows)
    const putBare = (stream: string, kind: string, isValid: boolean, cause: string | undefined): void => {
      const state = streams.stateOf(stream)
      if (!rows.begin(state.receiveTime)) return
      const { row } = rows
      streams.of(stream).putTold(row, state.seq, state.receiveTime, state.exchangeTime, isValid)
      columns.kinds.putWord(row, kind)
      columns.sequences.put(row, state.venueSequence)
      columns.causes.putWord(row, cause)
      rows.end()
    }
    const changes = levelChangesTo({
      began: ({ stream }) => {
        putBare(stream, 'cleared', true, undefined)
      },
      broke: ({ stream }, reason) => {
        putBare(stream, 'broke', false, reason)
      },
      changed: (change) => {
        if (!rows.begin(change.receiveTime)) return
        const { row } = rows
        streams.of(change.stream).putTold(row, change.seq, change.receiveTime, change.exchangeTime, true)
        columns.kinds.putWord(row, change.cause)
        columns.sequences.put(row, streams.stateOf(change.stream).venueSequence)
        columns.sides.put(row, change.side === 'bid' ? 0 : 1)
        columns.prices.put(row, change.price, change.priceScale)
        columns.sizes.put(row, change.size, change.sizeScale)
        columns.deltas.put(row, change.delta, change.sizeScale)
        rows.end()
      },
    })
    return withStates(streams, changes)
  },
}
