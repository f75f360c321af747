/** Trades, each once. What counts as told twice is `tradesTo`'s. */
import { tradesTo } from '../../replay/derived/trades.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, commonColumns, FLAG, INTEGER, optionalColumn, PRICE, SIZE, TEXT } from './common-columns.ts' // prettier-ignore
import { StreamRows } from './stream-rows.ts'
import { withStates } from './stream-states.ts'
import type { Table } from './table.ts'

const AGGRESSORS = ['buy', 'sell', 'unknown']

const tradeColumns = (rows: RowBuffer) => ({
  sequences: rows.integers('venue_sequence'),
  ids: rows.integers('trade_id'),
  prices: rows.scaled('price'),
  sizes: rows.scaled('size'),
  aggressors: rows.bytes('aggressor'),
  makers: rows.texts('maker_id'),
  breaks: rows.bytes('after_break'),
})

export const tradesTable: Table = {
  define: ({ streams }) => ({
    kind: 'trades',
    doc: 'Trades, each once, whatever the number of times that the venue told it.',
    columns: [
      ...commonColumns(streams),
      optionalColumn('venue_sequence', INTEGER, '', 'The number that the venue gave it.'),
      optionalColumn('trade_id', INTEGER, '', "The venue's id of the trade."),
      column('price', PRICE, 'quote currency', 'The price.'),
      column('size', SIZE, 'base currency', 'The size traded.'),
      column('aggressor', categoryOf(AGGRESSORS), '', 'Who took: buy lifts an ask.'),
      optionalColumn('maker_id', TEXT, '', "The venue's id of the order that rested, where it names it."),
      column('after_break', FLAG, '', 'The book could not be used at some moment since the trade before: trades may be missing in front of this one.'),
    ], // prettier-ignore
  }),
  visitor: (rows) => {
    const streams = new StreamRows(rows)
    const columns = tradeColumns(rows)
    const trades = tradesTo((trade) => {
      if (!rows.begin(trade.receiveTime)) return
      const { row } = rows
      streams
        .of(trade.stream)
        .putTold(row, trade.seq, trade.receiveTime, trade.exchangeTime, trade.isBookValid)
      columns.sequences.put(row, trade.venueSequence)
      columns.ids.put(row, trade.tradeId)
      columns.prices.put(row, trade.price, trade.priceScale)
      columns.sizes.put(row, trade.size, trade.sizeScale)
      columns.aggressors.putWord(row, trade.aggressor)
      columns.breaks.put(row, trade.isAfterBreak ? 1 : 0)
      const maker = trade.makerId()
      if (maker !== undefined) columns.makers.put(row, columns.makers.add(maker))
      rows.end()
    })
    return withStates(streams, trades)
  },
}
