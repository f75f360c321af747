/** Every event of a book, order by order where the venue tells orders. Rebuilds the books exactly, queues included. */
import type { InvalidReason, RemovalCause } from '../../market/event.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import type { Price, Size } from '../../market/price.ts'
import type { AggressorSide, BookSide } from '../../market/side.ts'
import type { Micros } from '../../market/time.ts'
import { QuietSink } from '../../replay/derived/quiet-sink.ts'
import { RestingOrders } from '../../replay/derived/resting-orders.ts'
import type { ReplayVisitor, StreamState } from '../../replay/stream-state.ts'
import type { ByteColumn, IntegerColumn, ScaledColumn } from '../columns/columns.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, CommonColumns, commonColumns, INTEGER, optionalColumn, PRICE, REASONS, SIDES, SIZE, TEXT } from './common-columns.ts' // prettier-ignore
import { OrderTexts } from './order-texts.ts'
import type { Table } from './table.ts'

const KINDS = ['cleared', 'resting', 'opened', 'changed', 'reduced', 'removed', 'level', 'traded', 'valid', 'invalid'] // prettier-ignore
const kindOf = (word: string): number => KINDS.indexOf(word)
const [CLEARED, RESTING, OPENED, CHANGED, REDUCED, REMOVED, LEVEL, TRADED, VALID, INVALID] = [
  kindOf('cleared'),
  kindOf('resting'),
  kindOf('opened'),
  kindOf('changed'),
  kindOf('reduced'),
  kindOf('removed'),
  kindOf('level'),
  kindOf('traded'),
  kindOf('valid'),
  kindOf('invalid'),
]
const AGGRESSORS = ['buy', 'sell', 'unknown']
const CAUSES = ['filled', 'canceled', 'unknown', ...REASONS]

class EventRows extends QuietSink {
  private readonly state: StreamState
  private readonly rows: RowBuffer
  private readonly common: CommonColumns
  private readonly kinds: ByteColumn
  private readonly sides: ByteColumn
  private readonly causes: ByteColumn
  private readonly aggressors: ByteColumn
  private readonly prices: ScaledColumn
  private readonly sizes: ScaledColumn
  private readonly ranks: IntegerColumn
  private readonly tradeIds: IntegerColumn
  private readonly sequences: IntegerColumn
  private readonly texts: OrderTexts
  private readonly orders = new RestingOrders()
  private hasBegun = false
  // Of what `orders` holds.
  private priceScale = 0
  private sizeScale = 0

  constructor(state: StreamState, rows: RowBuffer) {
    super()
    this.state = state
    this.rows = rows
    this.common = new CommonColumns(rows, state)
    this.kinds = rows.bytes('kind')
    this.sides = rows.bytes('side')
    this.causes = rows.bytes('cause')
    this.aggressors = rows.bytes('aggressor')
    this.prices = rows.scaled('price')
    this.sizes = rows.scaled('size')
    this.ranks = rows.integers('rank')
    this.tradeIds = rows.integers('trade_id')
    this.sequences = rows.integers('venue_sequence')
    this.texts = new OrderTexts(rows.texts('order_id'), state)
  }

  /** Fills in what every kind of event has; false: the row is not wanted. */
  private begin(kind: number): boolean {
    const { rows, state } = this
    if (!rows.begin(state.receiveTime)) return false
    const { row } = rows
    this.common.put(row)
    this.kinds.put(row, kind)
    this.sequences.put(row, state.venueSequence)
    return true
  }

  private putLevel(side: BookSide, price: number, size: number): void {
    const { state, rows } = this
    const { row } = rows
    this.sides.put(row, side === 'bid' ? 0 : 1)
    this.prices.put(row, price, state.priceScale)
    this.sizes.put(row, size, state.sizeScale)
  }

  private tellOrder(kind: number, order: OrderHandle, side: BookSide, price: number, size: number): boolean {
    if (!this.begin(kind)) return false
    this.putLevel(side, price, size)
    this.texts.put(this.rows.row, order)
    return true
  }

  /** Before the first entry: what rests already. */
  entryBegins(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    const { book, seq, isValid } = this.state
    if (seq === 0 || !isValid) return
    this.beginOrders(book.priceScale, book.sizeScale)
    if (this.begin(CLEARED)) this.rows.end()
    this.tellResting(book)
    if (this.begin(VALID)) this.rows.end()
  }

  private tellResting(book: StreamState['book']): void {
    for (const side of ['bid', 'ask'] as const) {
      if (book.kind === 'orders')
        book.forEachOrder(side, (order, price, size) => {
          this.orders.put(order, side, price, size)
          this.texts.remember(order)
          if (this.tellOrder(RESTING, order, side, price, size)) this.rows.end()
        })
      else
        book.forEachLevel(side, (price, size) => {
          this.tellLevel(side, price, size)
        })
    }
  }

  override instrument(priceScale: number, sizeScale: number): void {
    if (!this.state.isValid) return
    this.orders.rescale(this.priceScale, priceScale, this.sizeScale, sizeScale)
    this.priceScale = priceScale
    this.sizeScale = sizeScale
  }

  private beginOrders(priceScale: number, sizeScale: number): void {
    this.orders.clear()
    this.priceScale = priceScale
    this.sizeScale = sizeScale
  }

  override bookStarted(): void {
    this.beginOrders(this.state.priceScale, this.state.sizeScale)
    if (this.begin(CLEARED)) this.rows.end()
  }

  override bookValid(): void {
    if (this.begin(VALID)) this.rows.end()
  }

  override bookInvalid(reason: InvalidReason): void {
    if (!this.begin(INVALID)) return
    this.causes.putWord(this.rows.row, reason)
    this.rows.end()
  }

  override orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size, rank: number): void {
    this.orders.put(order, side, price, size)
    this.texts.remember(order)
    if (!this.tellOrder(OPENED, order, side, price, size)) return
    if (rank !== 0) this.ranks.put(this.rows.row, rank)
    this.rows.end()
  }

  override orderChanged(order: OrderHandle, price: Price, size: Size): void {
    const { orders } = this
    const side = orders.sideOf(order)
    orders.put(order, side, price, size)
    if (this.tellOrder(CHANGED, order, side, price, size)) this.rows.end()
  }

  override orderReduced(order: OrderHandle, by: Size): void {
    const { orders } = this
    const side = orders.sideOf(order)
    const price = orders.priceOf(order)
    orders.put(order, side, price, Math.max(0, orders.sizeOf(order) - by))
    if (this.tellOrder(REDUCED, order, side, price, by)) this.rows.end()
  }

  override orderRemoved(order: OrderHandle, cause: RemovalCause): void {
    const { orders } = this
    const size = orders.sizeOf(order)
    // Taken away by the trades that filled it: the book told that it is gone.
    if (size === 0) return
    const side = orders.sideOf(order)
    const price = orders.priceOf(order)
    orders.put(order, side, price, 0)
    if (!this.tellOrder(REMOVED, order, side, price, size)) return
    this.causes.putWord(this.rows.row, cause)
    this.rows.end()
  }

  override levelSet(side: BookSide, price: Price, size: Size): void {
    this.tellLevel(side, price, size)
  }

  private tellLevel(side: BookSide, price: number, size: number): void {
    if (!this.begin(LEVEL)) return
    this.putLevel(side, price, size)
    this.rows.end()
  }

  override traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    if (!this.begin(TRADED)) return
    const { row } = this.rows
    this.prices.put(row, price, this.state.priceScale)
    this.sizes.put(row, size, this.state.sizeScale)
    if (aggressor !== 'unknown') this.sides.put(row, aggressor === 'sell' ? 0 : 1)
    this.aggressors.putWord(row, aggressor)
    this.tradeIds.put(row, tradeId)
    if (maker !== NO_ORDER) this.texts.put(row, maker)
    this.rows.end()
  }
}

export const eventsTable: Table = {
  define: ({ streams }) => ({
    kind: 'events',
    doc: 'Every event of the book: order by order where the venue tells orders, level by level elsewhere, and trades. Applied in order they rebuild the book, queues included.',
    columns: [
      ...commonColumns(streams),
      optionalColumn('venue_sequence', INTEGER, '', 'The number that the venue gave it.'),
      column('kind', categoryOf(KINDS), '', 'cleared: the book is empty from here on; resting: an order that rests already where the file begins; opened, changed, reduced, removed: of an order; level: the size at a price becomes this; traded; valid, invalid: the book may be used from here on, or not.'),
      optionalColumn('order_id', TEXT, '', "The venue's id of the order; of a trade: of the order that rested."),
      optionalColumn('side', categoryOf(SIDES), '', 'The side that rests.'),
      optionalColumn('price', PRICE, 'quote currency', 'The price of the order from here on, of the level, of the trade.'),
      optionalColumn('size', SIZE, 'base currency', 'resting, opened, changed: the size of the order from here on; reduced: what was taken from it; removed: what it had left; level: its size, 0 where it is gone; traded: the size traded.'),
      optionalColumn('cause', categoryOf(CAUSES), '', 'Why an order was removed, or the book may not be used.'),
      optionalColumn('rank', INTEGER, '', 'Where the venue ranks orders of one price: behind those of at most this rank. Absent: behind all.'),
      optionalColumn('trade_id', INTEGER, '', "The venue's id of the trade."),
      optionalColumn('aggressor', categoryOf(AGGRESSORS), '', 'Who took, of trades.'),
    ], // prettier-ignore
  }),
  visitor: (rows): ReplayVisitor => {
    const sinks = new Map<StreamState, EventRows>()
    const sinkOf = (state: StreamState): EventRows => {
      const sink = sinks.get(state) ?? new EventRows(state, rows)
      sinks.set(state, sink)
      return sink
    }
    return {
      sinkOf,
      entryBegins: (state: StreamState, _time: Micros) => {
        sinkOf(state).entryBegins()
      },
    }
  },
}
