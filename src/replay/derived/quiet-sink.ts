/** A MarketSink that heeds nothing: what derives something overrides the calls it needs. */
import type { BookChecksum, InvalidReason, MarketSink, RemovalCause } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { Price, Size } from '../../market/price.ts'
import type { AggressorSide, BookSide } from '../../market/side.ts'
import type { Micros } from '../../market/time.ts'

export class QuietSink implements MarketSink {
  stamp(_exchangeTime: Micros | undefined, _venueSequence: number | undefined): void {
    return
  }

  instrument(_priceScale: number, _sizeScale: number): void {
    return
  }

  bookStarted(_kind: 'orders' | 'levels', _queueKnown: boolean): void {
    return
  }

  bookValid(_verified: boolean): void {
    return
  }

  bookInvalid(_reason: InvalidReason): void {
    return
  }

  orderOpened(_order: OrderHandle, _side: BookSide, _price: Price, _size: Size, _rank: number): void {
    return
  }

  orderChanged(
    _order: OrderHandle,
    _price: Price,
    _size: Size,
    _oldPrice: Price | undefined,
    _oldSize: Size | undefined,
  ): void {
    return
  }

  orderReduced(_order: OrderHandle, _by: Size): void {
    return
  }

  orderRemoved(_order: OrderHandle, _cause: RemovalCause): void {
    return
  }

  levelSet(_side: BookSide, _price: Price, _size: Size, _orderCount: number | undefined): void {
    return
  }

  traded(
    _tradeId: number | undefined,
    _price: Price,
    _size: Size,
    _aggressor: AggressorSide,
    _maker: OrderHandle,
  ): void {
    return
  }

  check(_checksum: BookChecksum, _expected: number): void {
    return
  }

  transactionEnded(): void {
    return
  }
}
