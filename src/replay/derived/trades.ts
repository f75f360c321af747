/**
 * Trades of a replay, each once. Owns what counts as told twice and where some may be missing; sides and makers come
 * from the decoder and the book.
 */
import type { InvalidReason } from '../../market/event.ts'
import type { StreamId } from '../../market/instrument.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import { type Price, priceOf, type Size, sizeOf } from '../../market/price.ts'
import type { AggressorSide } from '../../market/side.ts'
import type { Micros } from '../../market/time.ts'
import type { ReplayVisitor, StreamState } from '../stream-state.ts'
import { QuietSink } from './quiet-sink.ts'
import { SeenTrades } from './seen-trades.ts'

/** One trade. The object is used again for the next one: copy what you keep. */
export interface TradeRow {
  readonly stream: StreamId
  /** The entry that told it, and when that was received. */
  readonly seq: number
  readonly receiveTime: Micros
  /** The venue's time and number of the trade; undefined where it tells none. */
  readonly exchangeTime: Micros | undefined
  readonly venueSequence: number | undefined
  /** The venue's id; undefined where it gives none. */
  readonly tradeId: number | undefined
  /** In 10^-priceScale. */
  readonly price: Price
  /** In 10^-sizeScale. */
  readonly size: Size
  readonly priceScale: number
  readonly sizeScale: number
  /** Who took: `buy` lifts an ask. `unknown` where neither the venue nor the book tells. */
  readonly aggressor: AggressorSide
  /** The order that rested, with what it had before the trade; NO_ORDER where the venue does not name it. */
  readonly maker: OrderHandle
  /** The venue's id of the maker; undefined where it is not named. Ask during the call. */
  readonly makerId: () => string | undefined
  /** Whether the book could be used when the trade came. */
  readonly isBookValid: boolean
  /**
   * The book could not be used at some moment since the trade before (or since the replay began): trades may be missing
   * in front of this one.
   */
  readonly isAfterBreak: boolean
}

class TradeRowOf implements TradeRow {
  readonly stream: StreamId
  seq = 0
  receiveTime: Micros
  exchangeTime: Micros | undefined = undefined
  venueSequence: number | undefined = undefined
  tradeId: number | undefined = undefined
  price = priceOf(0)
  size = sizeOf(0)
  priceScale = 0
  sizeScale = 0
  aggressor: AggressorSide = 'unknown'
  maker: OrderHandle = NO_ORDER
  isBookValid = false
  isAfterBreak = false
  private readonly state: StreamState

  constructor(state: StreamState) {
    this.state = state
    this.stream = state.stream
    this.receiveTime = state.receiveTime
  }

  makerId(): string | undefined {
    return this.maker >= 0 ? this.state.orderId(this.maker) : undefined
  }
}

class TradeSink extends QuietSink {
  private readonly state: StreamState
  private readonly seen: SeenTrades
  private readonly onTrade: (trade: TradeRow) => void
  private readonly row: TradeRowOf

  constructor(state: StreamState, onTrade: (trade: TradeRow) => void) {
    super()
    this.state = state
    this.seen = new SeenTrades()
    this.onTrade = onTrade
    this.row = new TradeRowOf(state)
  }

  override bookStarted(_kind: 'orders' | 'levels', _queueKnown: boolean): void {
    this.row.isAfterBreak = true
  }

  override bookInvalid(_reason: InvalidReason): void {
    this.row.isAfterBreak = true
  }

  override traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    const { state, row } = this
    const { priceScale, sizeScale } = state
    if (tradeId !== undefined && !this.seen.add(tradeId, price, priceScale, size, sizeScale)) return
    row.seq = state.seq
    row.receiveTime = state.receiveTime
    row.exchangeTime = state.exchangeTime
    row.venueSequence = state.venueSequence
    row.tradeId = tradeId
    row.price = price
    row.size = size
    row.priceScale = priceScale
    row.sizeScale = sizeScale
    row.aggressor = aggressor
    row.maker = maker
    row.isBookValid = state.isValid
    row.isAfterBreak ||= !state.isValid
    this.onTrade(row)
    row.isAfterBreak = !state.isValid
  }
}

/**
 * Calls `onTrade` with every trade of every stream, in replay order. A trade that a venue tells again, on another
 * connection or after a new start, is told once: the same id, price and size among the last 10,000 of its stream.
 * Trades that came in front of the range are not known.
 */
export const tradesTo = (onTrade: (trade: TradeRow) => void): ReplayVisitor => ({
  sinkOf: (state) => new TradeSink(state, onTrade),
})
