/** Every call a decoder makes of its sink, in order, as plain values: for telling two decoders apart call by call. */
import type { BookChecksum, DisconnectCause, InvalidReason, RemovalCause } from '../../src/market/event.ts'
import type { OrderHandle } from '../../src/market/order-ids.ts'
import type { Price, Size } from '../../src/market/price.ts'
import type { ProductState } from '../../src/market/product-state.ts'
import type { AggressorSide, BookSide } from '../../src/market/side.ts'
import type { Micros } from '../../src/market/time.ts'
import type { DecoderSink, FeedCommand, Gap } from '../../src/venues/venue.ts'

type Value = string | number | boolean | undefined

export class CallLog implements DecoderSink {
  hasRefused = false
  private calls: Value[] = []

  /** The calls since the last time: each its name, then its arguments. */
  take(): readonly Value[] {
    const taken = this.calls
    this.calls = []
    return taken
  }

  stamp(exchangeTime: Micros | undefined, venueSequence: number | undefined): void {
    this.calls.push('stamp', exchangeTime, venueSequence)
  }
  instrument(priceScale: number, sizeScale: number): void {
    this.calls.push('instrument', priceScale, sizeScale)
  }
  bookStarted(kind: 'orders' | 'levels', queueKnown: boolean): void {
    this.calls.push('bookStarted', kind, queueKnown)
  }
  bookValid(verified: boolean): void {
    this.calls.push('bookValid', verified)
  }
  bookInvalid(reason: InvalidReason): void {
    this.calls.push('bookInvalid', reason)
  }
  orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size, rank: number): void {
    this.calls.push('orderOpened', order, side, price, size, rank)
  }
  orderChanged(
    order: OrderHandle,
    price: Price,
    size: Size,
    oldPrice: Price | undefined,
    oldSize: Size | undefined,
  ): void {
    this.calls.push('orderChanged', order, price, size, oldPrice, oldSize)
  }
  orderReduced(order: OrderHandle, by: Size): void {
    this.calls.push('orderReduced', order, by)
  }
  orderRemoved(order: OrderHandle, cause: RemovalCause): void {
    this.calls.push('orderRemoved', order, cause)
  }
  levelSet(side: BookSide, price: Price, size: Size, orderCount: number | undefined): void {
    this.calls.push('levelSet', side, price, size, orderCount)
  }
  traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    this.calls.push('traded', tradeId, price, size, aggressor, maker)
  }
  check(_checksum: BookChecksum, expected: number): void {
    this.calls.push('check', expected)
  }
  transactionEnded(): void {
    this.calls.push('transactionEnded')
  }
  gap({ cause, expected, found }: Gap): void {
    this.calls.push('gap', cause, expected, found)
  }
  disconnected(cause: DisconnectCause): void {
    this.calls.push('disconnected', cause)
  }
  undecoded(what: string): void {
    this.calls.push('undecoded', what)
  }
  duplicate(): void {
    this.calls.push('duplicate')
  }
  product({ trading, says, priceIncrement, sizeIncrement }: ProductState): void {
    this.calls.push('product', trading, says, priceIncrement ?? '', sizeIncrement ?? '')
  }
  started(): void {
    this.calls.push('started')
  }
  command(command: FeedCommand): void {
    this.calls.push('command', JSON.stringify(command))
  }
}
