/** What came, left and traded at each price, interval by interval, such that it adds up. The sums are `orderFlowTo`'s. */
import { orderFlowTo } from '../../replay/derived/order-flow.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, commonColumns, optionalColumn, PRICE, REASONS, SIDES, SIZE, TIME } from './common-columns.ts' // prettier-ignore
import { StreamRows } from './stream-rows.ts'
import { withStates } from './stream-states.ts'
import type { Table } from './table.ts'

const USUAL_EVERY = 60_000_000

const SUMS = ['before', 'added', 'cancelled', 'traded', 'changed', 'grown', 'shrunk', 'after'] as const

const SUM_DOCS: Readonly<Record<(typeof SUMS)[number], string>> = {
  before: 'The total size at this price when the span began.',
  added: 'Came with new orders.',
  cancelled: 'Left with orders that were cancelled.',
  traded: 'Was taken by trades, or left with orders that were filled.',
  changed: 'Net growth by amendments; negative: orders shrank or moved away.',
  grown: 'Came where the venue does not say why.',
  shrunk: 'Left where the venue does not say why.',
  after:
    'The total size when the span ended: before + added - cancelled - traded + changed + grown - shrunk.',
}

const flowColumns = (rows: RowBuffer) => ({
  starts: rows.integers('start_time'),
  ends: rows.integers('end_time'),
  sides: rows.bytes('side'),
  prices: rows.scaled('price'),
  endings: rows.bytes('ended_by'),
})

export const flowTable: Table = {
  usualEvery: USUAL_EVERY,
  define: ({ streams }) => ({
    kind: 'flow',
    doc: 'What happened at each price in each interval, of usable books alone; an interval is cut where a book begins or breaks. valid: the row tells of a whole interval.',
    columns: [
      ...commonColumns(streams),
      column('start_time', TIME, 'µs UTC', 'The span begins behind this instant.'),
      column('end_time', TIME, 'µs UTC', 'The span ends with this instant.'),
      column('side', categoryOf(SIDES), '', 'The side of the book.'),
      column('price', PRICE, 'quote currency', 'The price of the level.'),
      ...SUMS.map((name) => column(name, SIZE, 'base currency', SUM_DOCS[name])),
      optionalColumn('ended_by', categoryOf(REASONS), '', 'Why the book could not be used any more at the end of the span.'),
    ], // prettier-ignore
  }),
  visitor: (rows, { every = USUAL_EVERY }) => {
    const streams = new StreamRows(rows)
    const columns = flowColumns(rows)
    const sums = SUMS.map((name) => [name, rows.scaled(name)] as const)
    const flow = orderFlowTo({ every }, (span) => {
      if (!span.hasBook) return
      const { seq, receiveTime, exchangeTime } = streams.stateOf(span.stream)
      span.forEachLevel((level) => {
        if (!rows.begin(span.start)) return
        const { row } = rows
        streams.of(span.stream).putTold(row, seq, receiveTime, exchangeTime, span.isWhole)
        columns.starts.put(row, span.start)
        columns.ends.put(row, span.end)
        columns.sides.put(row, level.side === 'bid' ? 0 : 1)
        columns.prices.put(row, level.price, span.priceScale)
        for (const [name, target] of sums) target.put(row, level[name], span.sizeScale)
        columns.endings.putWord(row, span.endedBy)
        rows.end()
      })
    })
    return withStates(streams, flow)
  },
}
