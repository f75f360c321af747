/** Trades summed by intervals of time, by volume or by number. What a bar holds and whether it is whole is `barsTo`'s. */
import { type Price } from '../../market/price.ts'
import { barsTo } from '../../replay/derived/bars.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { column, commonColumns, INTEGER, optionalColumn, PRICE, TIME } from './common-columns.ts'
import { StreamRows } from './stream-rows.ts'
import { withStates } from './stream-states.ts'
import type { Table } from './table.ts'

const USUAL_EVERY = 60_000_000
const VOLUME = { kind: 'total', of: 'size' } as const

const barColumns = (rows: RowBuffer) => ({
  starts: rows.integers('start_time'),
  ends: rows.integers('end_time'),
  trades: rows.integers('trades'),
  volumes: rows.totals('volume'),
  buys: rows.totals('buy_volume'),
  sells: rows.totals('sell_volume'),
  turnovers: rows.totals('turnover'),
  vwaps: rows.doubles('vwap'),
})

export const barsTable: Table = {
  usualEvery: USUAL_EVERY,
  define: ({ streams }) => ({
    kind: 'bars',
    doc: 'Trades summed by intervals of receive time, those without trades included, or by volume or number of trades. valid: the bar is whole and the book could be used all the time, no trade is missing.',
    columns: [
      ...commonColumns(streams),
      column('start_time', TIME, 'µs UTC', 'The interval begins behind this instant; by volume or trades: when the first trade was received.'),
      column('end_time', TIME, 'µs UTC', 'The interval ends with this instant; by volume or trades: when its last trade was received, or what broke it off.'),
      column('trades', INTEGER, 'trades', 'How many trades.'),
      optionalColumn('open', PRICE, 'quote currency', 'Price of the first trade; absent without trades, never filled.'),
      optionalColumn('high', PRICE, 'quote currency', 'The highest price.'),
      optionalColumn('low', PRICE, 'quote currency', 'The lowest price.'),
      optionalColumn('close', PRICE, 'quote currency', 'Price of the last trade.'),
      column('volume', VOLUME, 'base currency', 'Sum of the sizes.'),
      column('buy_volume', VOLUME, 'base currency', 'What takers bought of it.'),
      column('sell_volume', VOLUME, 'base currency', 'What takers sold of it; where nobody tells who took, a trade is in neither.'),
      column('turnover', { kind: 'total', of: 'turnover' }, 'quote currency', 'Sum of price times size.'),
      optionalColumn('vwap', { kind: 'number' }, 'quote currency', 'Turnover by volume, the nearest double; absent without trades.'),
    ], // prettier-ignore
  }),
  visitor: (rows, { every = USUAL_EVERY, barRule = { by: 'time', every } }) => {
    const streams = new StreamRows(rows)
    const columns = barColumns(rows)
    const prices = (['open', 'high', 'low', 'close'] as const).map(
      (name) => [name, rows.scaled(name)] as const,
    )
    const bars = barsTo(barRule, (bar) => {
      if (!rows.begin(bar.start)) return
      const { row } = rows
      const { seq, receiveTime, exchangeTime } = streams.stateOf(bar.stream)
      streams.of(bar.stream).putTold(row, seq, receiveTime, exchangeTime, bar.isWhole)
      columns.starts.put(row, bar.start)
      columns.ends.put(row, bar.end)
      columns.trades.put(row, bar.trades)
      for (const [name, target] of prices) {
        const price: Price | undefined = bar[name]
        if (price !== undefined) target.put(row, price, bar.priceScale)
      }
      columns.volumes.put(row, bar.volume, bar.sizeScale)
      columns.buys.put(row, bar.buyVolume, bar.sizeScale)
      columns.sells.put(row, bar.sellVolume, bar.sizeScale)
      columns.turnovers.put(row, bar.turnover, bar.priceScale + bar.sizeScale)
      const vwap = bar.vwap()
      if (vwap !== undefined) columns.vwaps.put(row, Number(vwap), 0)
      rows.end()
    })
    return withStates(streams, bars)
  },
}
