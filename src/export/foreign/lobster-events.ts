/**
 * The messages of LOBSTER's files: what happened to orders among the best levels. Owns which events are told, and as what;
 * both files are made of the same calls, so that their rows belong together.
 */
import { type LevelColumns, newLevelColumns } from '../../market/book-view.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import type { Price, Size } from '../../market/price.ts'
import type { AggressorSide, BookSide } from '../../market/side.ts'
import type { ReplayVisitor, StreamState } from '../../replay/stream-state.ts'
import { ExportProblem } from '../export-problem.ts'
import { UsableBookSink, visitorOf } from './usable-book-sink.ts'
import { VenueClock } from './venue-clock.ts'

const TYPE = { submitted: 1, reduced: 2, deleted: 3, executed: 4, halted: 7 } as const

/** The best levels of one side; `count` of them are there. */
interface SideTop {
  readonly columns: LevelColumns
  count: number
}

/** One row of both files. The object is used again for the next one. */
export interface LobsterEvent {
  readonly state: StreamState
  readonly time: number
  readonly type: number
  readonly order: number
  /** In 10^-sizeScale of the state, and the price in 10^-priceScale; a halt has none. */
  readonly size: number
  readonly price: number
  readonly side: BookSide
  readonly isHalt: boolean
  /** A halt alone: 1 where the book may be used again. */
  readonly isResumed: boolean
  readonly bids: Readonly<SideTop>
  readonly asks: Readonly<SideTop>
}

class LobsterSink extends UsableBookSink implements LobsterEvent {
  time = 0
  type = 0
  order = 0
  size = 0
  price = 0
  side: BookSide = 'bid'
  isHalt = false
  isResumed = false
  readonly bids: SideTop
  readonly asks: SideTop
  private readonly onEvent: (event: LobsterEvent) => void
  private readonly clock = new VenueClock()
  private wasKnown = false
  private maker: OrderHandle = NO_ORDER

  constructor(state: StreamState, levels: number, onEvent: (event: LobsterEvent) => void) {
    super(state)
    this.onEvent = onEvent
    this.bids = { columns: newLevelColumns(levels), count: 0 }
    this.asks = { columns: newLevelColumns(levels), count: 0 }
  }

  override entryBegins(): void {
    this.maker = NO_ORDER
    super.entryBegins()
  }

  protected override bookBegan(): void {
    const { book, stream } = this.state
    if (book.kind !== 'orders')
      throw new ExportProblem(`lobster tells of orders, and ${stream} has levels only: export levels as tardis or npz.`) // prettier-ignore
    for (const side of ['bid', 'ask'] as const)
      book.forEachOrder(side, (order, price, size) => {
        this.orders.put(order, side, price, size)
        this.numbers.remember(order)
      })
    this.readTops()
    if (this.wasKnown) this.tellHalt(true)
    this.wasKnown = true
  }

  protected override bookEnded(): void {
    this.tellHalt(false)
  }

  private readTops(): void {
    const { book } = this.state
    this.bids.count = book.readTop('bid', this.bids.columns)
    this.asks.count = book.readTop('ask', this.asks.columns)
  }

  private tellHalt(isResumed: boolean): void {
    this.type = TYPE.halted
    this.isHalt = true
    this.isResumed = isResumed
    this.order = 0
    this.size = 0
    this.side = 'ask'
    this.time = this.clock.at(this.state)
    this.onEvent(this)
  }

  private isWithin(side: BookSide, price: number): boolean {
    const { columns, count } = side === 'bid' ? this.bids : this.asks
    if (count < columns.prices.length) return true
    const worst = columns.prices[count - 1] ?? 0
    return side === 'bid' ? price >= worst : price <= worst
  }

  private tell(type: number, order: OrderHandle, side: BookSide, price: number, size: number): void {
    const wasWithin = this.isWithin(side, price)
    this.readTops()
    if (!wasWithin && !this.isWithin(side, price)) return
    this.type = type
    this.isHalt = false
    this.order = this.numbers.of(order)
    this.side = side
    this.price = price
    this.size = size
    this.time = this.clock.at(this.state)
    this.onEvent(this)
  }

  override instrument(priceScale: number, sizeScale: number): void {
    super.instrument(priceScale, sizeScale)
    // The tops are of the scales too.
    if (this.isKnown) this.readTops()
  }

  override orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size): void {
    if (!this.isKnown || this.orders.has(order) || !this.state.book.has(order)) return
    this.orders.put(order, side, price, size)
    this.numbers.remember(order)
    this.tell(TYPE.submitted, order, side, price, size)
  }

  override orderChanged(order: OrderHandle, price: Price, size: Size): void {
    const { orders } = this
    if (!this.isKnown || !orders.has(order)) return
    const [side, priceBefore, before] = [orders.sideOf(order), orders.priceOf(order), orders.sizeOf(order)]
    orders.put(order, side, price, size)
    if (price === priceBefore && size > 0 && size <= before) {
      if (size < before) this.tell(TYPE.reduced, order, side, price, before - size)
      return
    }
    this.tell(TYPE.deleted, order, side, priceBefore, before)
    if (size > 0) this.tell(TYPE.submitted, order, side, price, size)
  }

  override orderReduced(order: OrderHandle, by: Size): void {
    const { orders } = this
    const before = orders.sizeOf(order)
    if (!this.isKnown || before === 0 || by > before) return
    const [side, price] = [orders.sideOf(order), orders.priceOf(order)]
    orders.put(order, side, price, before - by)
    const isTrade = order === this.maker
    this.maker = NO_ORDER
    const type = isTrade ? TYPE.executed : by === before ? TYPE.deleted : TYPE.reduced
    this.tell(type, order, side, price, by)
  }

  override orderRemoved(order: OrderHandle): void {
    const { orders } = this
    const size = orders.sizeOf(order)
    if (!this.isKnown || size === 0) return
    const [side, price] = [orders.sideOf(order), orders.priceOf(order)]
    orders.put(order, side, price, 0)
    // Filled with a rest: it was amended and took, the execution is told of the order it met.
    this.tell(TYPE.deleted, order, side, price, size)
  }

  override traded(
    _tradeId: number | undefined,
    _price: Price,
    _size: Size,
    _aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    this.maker = maker
  }
}

/** `levels`: how many of each side count. Throws ExportProblem for a book of levels. */
export const lobsterEventsTo = (levels: number, onEvent: (event: LobsterEvent) => void): ReplayVisitor =>
  visitorOf((state) => new LobsterSink(state, levels, onEvent))
