/** Rows of hftbacktest's event arrays: their columns, their flags, and times in the order that its readers demand. */
import type { AggressorSide, BookSide } from '../../market/side.ts'
import type { StreamState } from '../../replay/stream-state.ts'
import type { IntegerColumn, NumberColumn } from '../columns/columns.ts'
import type { ColumnDefinition, TableDefinition } from '../columns/definition.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { column, INTEGER, TIME } from '../tables/common-columns.ts'
import { VenueClock } from './venue-clock.ts'

/** What a row tells; every one is for the exchange and for the local side. */
export const BACKTEST_EVENT = {
  level: 1,
  trade: 2,
  cleared: 3,
  snapshotLevel: 4,
  opened: 10,
  cancelled: 11,
  changed: 12,
  filled: 13,
} as const

const BOTH_SIDES = 2 ** 31 + 2 ** 30
const BUY = 2 ** 29
const SELL = 2 ** 28

const NUMBER = { kind: 'number' } as const

const COLUMNS: readonly ColumnDefinition[] = [
  column('ev', INTEGER, '', 'What it is, and flags.'),
  column('exch_ts', TIME, 'ns UTC', 'When the venue did it; never falls, never behind local_ts.'),
  column('local_ts', TIME, 'ns UTC', 'When it was received.'),
  column('px', NUMBER, 'quote currency', 'The price.'),
  column('qty', NUMBER, 'base currency', 'The size.'),
  column('order_id', INTEGER, '', 'The number of the order.'),
]

export const backtestDefinition = (kind: string): TableDefinition => ({ kind, doc: '', columns: COLUMNS })

const flagOf = (side: BookSide | AggressorSide | undefined): number =>
  side === 'bid' || side === 'buy' ? BUY : side === 'ask' || side === 'sell' ? SELL : 0

export class BacktestRows {
  private readonly rows: RowBuffer
  private readonly events: IntegerColumn
  private readonly exchangeTimes: IntegerColumn
  private readonly localTimes: IntegerColumn
  private readonly prices: NumberColumn
  private readonly sizes: NumberColumn
  private readonly orders: IntegerColumn
  private readonly clock = new VenueClock()

  constructor(rows: RowBuffer) {
    this.rows = rows
    this.events = rows.integers('ev')
    this.exchangeTimes = rows.integers('exch_ts')
    this.localTimes = rows.integers('local_ts')
    this.prices = rows.doubles('px')
    this.sizes = rows.doubles('qty')
    this.orders = rows.integers('order_id')
  }

  /** `order`: its number, 0 where none is told. */
  put(
    state: StreamState,
    event: number,
    side: BookSide | AggressorSide | undefined,
    price: number,
    size: number,
    order: number,
  ): void {
    const { rows } = this
    if (!rows.begin(state.receiveTime)) return
    const { row } = rows
    this.events.put(row, BOTH_SIDES + flagOf(side) + event)
    this.exchangeTimes.put(row, this.clock.at(state))
    this.localTimes.put(row, state.receiveTime)
    this.prices.put(row, price, state.priceScale)
    this.sizes.put(row, size, state.sizeScale)
    this.orders.put(row, order)
    rows.end()
  }

  putCleared(state: StreamState): void {
    this.put(state, BACKTEST_EVENT.cleared, undefined, 0, 0, 0)
  }
}
