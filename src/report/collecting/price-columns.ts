/** Best prices and spread of each column of time, of valid books alone. Prices are doubles, made to be drawn. */
import { decimalNumber } from '../../market/decimal.ts'
import type { StreamState } from '../../replay/stream-state.ts'

const filled = (count: number, value: number): Float64Array => new Float64Array(count).fill(value)

export class PriceColumns {
  /** Lowest and highest of the column, and its last; NaN: no valid book had that side in it. */
  readonly lowBid: Float64Array
  readonly lastBid: Float64Array
  readonly highAsk: Float64Array
  readonly lastAsk: Float64Array
  readonly leastSpread: Float64Array
  readonly mostSpread: Float64Array
  /** Spread times microseconds, and the microseconds in which there was one. */
  readonly spreadTime: Float64Array
  readonly sidedTime: Float64Array
  /** The book broke inside the column: nothing leads into it from the one before. */
  readonly isBroken: Uint8Array
  /** Whether the book read last could be used. */
  isUsable = false
  private bid = NaN
  private ask = NaN

  constructor(count: number) {
    this.lowBid = filled(count, NaN)
    this.lastBid = filled(count, NaN)
    this.highAsk = filled(count, NaN)
    this.lastAsk = filled(count, NaN)
    this.leastSpread = filled(count, NaN)
    this.mostSpread = filled(count, NaN)
    this.spreadTime = filled(count, 0)
    this.sidedTime = filled(count, 0)
    this.isBroken = new Uint8Array(count)
  }

  break(column: number): void {
    this.isBroken[column] = 1
    this.isUsable = false
    this.bid = NaN
    this.ask = NaN
  }

  /** Reads the book as it stands between two transactions. */
  read(column: number, state: StreamState): void {
    if (!state.isValid) {
      this.break(column)
      return
    }
    this.isUsable = true
    const { book } = state
    const bid = book.best('bid')
    const ask = book.best('ask')
    this.bid = bid === undefined ? NaN : decimalNumber(bid, book.priceScale)
    this.ask = ask === undefined ? NaN : decimalNumber(ask, book.priceScale)
    this.put(column)
  }

  /** Time passes with the prices read last. */
  pass(column: number, micros: number): void {
    if (micros <= 0) return
    this.put(column)
    const spread = this.ask - this.bid
    if (Number.isNaN(spread)) return
    this.spreadTime[column] = (this.spreadTime[column] ?? 0) + spread * micros
    this.sidedTime[column] = (this.sidedTime[column] ?? 0) + micros
  }

  private put(column: number): void {
    const { bid, ask } = this
    if (!Number.isNaN(bid)) {
      this.lastBid[column] = bid
      if (!((this.lowBid[column] ?? NaN) <= bid)) this.lowBid[column] = bid
    }
    if (!Number.isNaN(ask)) {
      this.lastAsk[column] = ask
      if (!((this.highAsk[column] ?? NaN) >= ask)) this.highAsk[column] = ask
    }
    const spread = ask - bid
    if (Number.isNaN(spread)) return
    if (!((this.leastSpread[column] ?? NaN) <= spread)) this.leastSpread[column] = spread
    if (!((this.mostSpread[column] ?? NaN) >= spread)) this.mostSpread[column] = spread
  }

  /** The mean spread over the time in which there was one. */
  meanSpread(column: number): number {
    const time = this.sidedTime[column] ?? 0
    return time > 0 ? (this.spreadTime[column] ?? 0) / time : (this.leastSpread[column] ?? NaN)
  }
}
