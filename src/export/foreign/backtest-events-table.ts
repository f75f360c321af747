/** Events for hftbacktest: order by order where the venue tells orders, else level by level. Of usable books alone. */
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import type { Price, Size } from '../../market/price.ts'
import type { AggressorSide, BookSide } from '../../market/side.ts'
import { SeenTrades } from '../../replay/derived/seen-trades.ts'
import type { StreamState } from '../../replay/stream-state.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import type { Table } from '../tables/table.ts'
import { BACKTEST_EVENT, backtestDefinition, BacktestRows } from './backtest-rows.ts'
import { isAcross } from './crossing.ts'
import { UsableBookSink, visitorOf } from './usable-book-sink.ts'

const { level, trade, snapshotLevel, opened, cancelled, changed, filled } = BACKTEST_EVENT

class BacktestEvents extends UsableBookSink {
  private readonly rows: BacktestRows
  private readonly seen = new SeenTrades()
  /** Orders that stand across the other side: told when they no longer do. */
  private readonly heldBack = new Set<OrderHandle>()

  constructor(state: StreamState, rows: RowBuffer) {
    super(state)
    this.rows = new BacktestRows(rows)
  }

  protected override bookBegan(): void {
    const { state, rows } = this
    const { book } = state
    this.heldBack.clear()
    rows.putCleared(state)
    for (const side of ['bid', 'ask'] as const)
      if (book.kind === 'orders')
        book.forEachOrder(side, (order, price, size) => {
          this.add(order, side, price, size)
        })
      else
        book.forEachLevel(side, (price, size) => {
          rows.put(state, snapshotLevel, side, price, size, 0)
        })
  }

  protected override bookEnded(): void {
    this.rows.putCleared(this.state)
  }

  /** Tells what was held back of a book that is in order again. */
  override entryEnded(): void {
    const { heldBack, orders, rows, state, numbers } = this
    if (heldBack.size === 0 || !this.isKnown || state.book.isCrossed()) return
    for (const order of heldBack)
      rows.put(
        state,
        opened,
        orders.sideOf(order),
        orders.priceOf(order),
        orders.sizeOf(order),
        numbers.of(order),
      )
    heldBack.clear()
  }

  private add(order: OrderHandle, side: BookSide, price: number, size: number): void {
    this.orders.put(order, side, price, size)
    this.numbers.remember(order)
    if (isAcross(this.state, side, price)) this.heldBack.add(order)
    else this.rows.put(this.state, opened, side, price, size, this.numbers.of(order))
  }

  override orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size): void {
    // What the book refuses is about to end it.
    if (!this.isKnown || this.orders.has(order) || !this.state.book.has(order)) return
    this.add(order, side, price, size)
  }

  /** `size`: what it has from here on, none: it is gone; told: of a row that takes it away, what it had. */
  private tell(order: OrderHandle, side: BookSide, price: number, size: number): void {
    const { orders, rows, state, numbers, heldBack } = this
    const before = orders.sizeOf(order)
    const priceBefore = orders.priceOf(order)
    orders.put(order, side, price, size)
    if (heldBack.has(order)) {
      if (size === 0) heldBack.delete(order)
    } else if (size > 0 && price !== priceBefore && isAcross(state, side, price)) {
      heldBack.add(order)
      rows.put(state, cancelled, side, priceBefore, before, numbers.of(order))
    } else if (size > 0) rows.put(state, changed, side, price, size, numbers.of(order))
    else rows.put(state, cancelled, side, price, before, numbers.of(order))
  }

  override orderChanged(order: OrderHandle, price: Price, size: Size): void {
    const { orders } = this
    if (!this.isKnown || !orders.has(order)) return
    this.tell(order, orders.sideOf(order), price, size)
  }

  override orderReduced(order: OrderHandle, by: Size): void {
    const { orders } = this
    if (!this.isKnown || !orders.has(order)) return
    const left = Math.max(0, orders.sizeOf(order) - by)
    this.tell(order, orders.sideOf(order), orders.priceOf(order), left)
  }

  override orderRemoved(order: OrderHandle): void {
    const { orders } = this
    if (!this.isKnown || !orders.has(order)) return
    this.tell(order, orders.sideOf(order), orders.priceOf(order), 0)
  }

  override levelSet(side: BookSide, price: Price, size: Size): void {
    if (this.isKnown) this.rows.put(this.state, level, side, price, size, 0)
  }

  override traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    const { state, rows, orders } = this
    const { priceScale, sizeScale } = state
    if (tradeId !== undefined && !this.seen.add(tradeId, price, priceScale, size, sizeScale)) return
    rows.put(state, trade, aggressor, price, size, 0)
    if (!this.isKnown || maker === NO_ORDER || !orders.has(maker) || this.heldBack.has(maker)) return
    rows.put(state, filled, orders.sideOf(maker), price, size, this.numbers.of(maker))
  }
}

export const backtestEventsTable: Table = {
  define: () => backtestDefinition('events'),
  visitor: (rows) => visitorOf((state) => new BacktestEvents(state, rows)),
}
