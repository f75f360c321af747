/** `trades`, each once. */
import { tradesTo } from '../../replay/derived/trades.ts'
import { categoryOf, column, INTEGER, optionalColumn, PRICE, SIZE } from '../tables/common-columns.ts'
import type { Table } from '../tables/table.ts'
import { tardisColumns, TardisHeads } from './tardis-columns.ts'

export const tardisTradesTable: Table = {
  define: ({ streams }) => ({
    kind: 'trades',
    doc: '',
    columns: [
      ...tardisColumns(streams),
      optionalColumn('id', INTEGER, '', "The venue's id of the trade."),
      column('side', categoryOf(['buy', 'sell', 'unknown']), '', 'Who took.'),
      column('price', PRICE, 'quote currency', 'The price.'),
      column('amount', SIZE, 'base currency', 'The size traded.'),
    ],
  }),
  visitor: (rows) => {
    const heads = new TardisHeads(rows)
    const ids = rows.integers('id')
    const sides = rows.bytes('side')
    const prices = rows.scaled('price')
    const amounts = rows.scaled('amount')
    return tradesTo((trade) => {
      if (!rows.begin(trade.receiveTime)) return
      const { row } = rows
      heads.putAt(row, trade.stream, trade.exchangeTime ?? trade.receiveTime, trade.receiveTime)
      ids.put(row, trade.tradeId)
      sides.putWord(row, trade.aggressor)
      prices.put(row, trade.price, trade.priceScale)
      amounts.put(row, trade.size, trade.sizeScale)
      rows.end()
    })
  },
}
