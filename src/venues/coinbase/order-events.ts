/**
 * What one message does to a book by orders, as sink calls: owns the order ids, shares the scales. The same four deeds
 * serve `full` and `level3`, as messages and as rows. Failures are returned; sequences and validity are the feed's.
 */
import type { MarketSink, RemovalCause } from '../../market/event.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import { type Price, type Size, sizeOf } from '../../market/price.ts'
import { aggressorAgainst, type AggressorSide, type BookSide } from '../../market/side.ts'
import type { DecoderSink } from '../venue.ts'
import type { OrderBook } from './book-body.ts'
import { type Failure, failureOf } from './failure.ts'
import type { Scales } from './instruments.ts'
import { OrderTable } from './order-table.ts'
import type { ScaledRows } from './rows.ts'

/** A value that a market order's message may lack. */
type Text = string | null | undefined

const present = (text: Text): string | undefined => (text === null || text === '' ? undefined : text)

/** A trade names an order that the book does not hold. */
export const unknownMaker = (id: string): Failure => failureOf('contradiction', `unknown maker ${id}`)

export class OrderEvents {
  readonly ids = new OrderTable()
  readonly scales: Scales
  /**
   * True when the book began empty by assumption: orders opened before the recording are then unknown without anything
   * being wrong. Such a book is never verified.
   */
  isAssumed = false

  constructor(scales: Scales) {
    this.scales = scales
  }

  /** An order rests, at the price and size that the scales read last. */
  open(order: OrderHandle, side: 'buy' | 'sell', sink: MarketSink): void {
    const { lastPrice: price, lastSize: size } = this.scales
    sink.orderOpened(order, side === 'buy' ? 'bid' : 'ask', price, size, 0)
  }

  /**
   * A trade at the price and size that the scales read last. False where its maker ought to be known and is not.
   * `makerSide` is undefined where the venue leaves it to the book.
   */
  match(
    tradeId: number | undefined,
    maker: OrderHandle,
    makerSide: 'buy' | 'sell' | undefined,
    sink: MarketSink,
  ): boolean {
    const { lastPrice: price, lastSize: size } = this.scales
    let aggressor: AggressorSide = 'unknown'
    if (makerSide !== undefined) aggressor = aggressorAgainst(makerSide === 'buy' ? 'bid' : 'ask')
    sink.traded(tradeId, price, size, aggressor, maker)
    if (maker === NO_ORDER) return this.isAssumed
    sink.orderReduced(maker, size)
    return true
  }

  /** An unknown order is none that ever rested: normal. */
  done(order: OrderHandle, cause: RemovalCause, sink: DecoderSink): void {
    if (order !== NO_ORDER) this.remove(order, cause, sink)
  }

  private remove(order: OrderHandle, cause: RemovalCause, sink: DecoderSink): void {
    sink.orderRemoved(order, cause)
    // A book that refused what came before still holds the order.
    if (!sink.hasRefused) this.ids.release(order)
  }

  /**
   * A resting order gets a new size and perhaps a new price; an order that does not rest is left alone, as are
   * changes of funds, which only market orders have. Without any price the order keeps its own.
   */
  change(
    order: OrderHandle,
    prices: { readonly old: Text; readonly next: Text },
    sizes: { readonly old: Text; readonly next: Text },
    sink: DecoderSink,
  ): Failure | undefined {
    if (order === NO_ORDER) return undefined
    const { scales } = this
    const priceText = present(prices.next)
    const oldPriceText = present(prices.old)
    const sizeText = present(sizes.next)
    const oldSizeText = present(sizes.old)
    if (sizeText === undefined) return this.unclear(order, 'size')
    const failure = this.fit(priceText, sizeText, sink) ?? this.fit(oldPriceText, oldSizeText, sink)
    if (failure !== undefined) return failure
    const price = priceText === undefined ? undefined : scales.price(priceText)
    const oldPrice = oldPriceText === undefined ? undefined : scales.price(oldPriceText)
    const oldSize = oldSizeText === undefined ? undefined : scales.size(oldSizeText)
    return this.changeTo(order, price, scales.size(sizeText) ?? sizeOf(0), oldPrice, oldSize, sink)
  }

  /** As `change`, of an order that rests and of values at the scales at hand. */
  changeTo(
    order: OrderHandle,
    price: Price | undefined,
    size: Size,
    oldPrice: Price | undefined,
    oldSize: Size | undefined,
    sink: DecoderSink,
  ): Failure | undefined {
    if (size === 0) this.remove(order, 'canceled', sink)
    else if (price !== undefined) sink.orderChanged(order, price, size, oldPrice, oldSize)
    else if (oldSize !== undefined && oldSize >= size) sink.orderReduced(order, sizeOf(oldSize - size))
    else return this.unclear(order, 'price')
    return undefined
  }

  private unclear(order: OrderHandle, missing: string): Failure {
    return failureOf('malformed', `change without a ${missing}: ${this.ids.text(order)}`)
  }

  /** Tells the rows of one side of a whole book, in their order. */
  openAll(side: BookSide, book: OrderBook, { prices, sizes }: ScaledRows, sink: MarketSink): void {
    for (let index = 0; index < prices.length; index++) {
      const price = prices[index]
      const size = sizes[index]
      if (price === undefined || size === undefined) return
      sink.orderOpened(book.addOrder(side, index, this.ids), side, price, size, 0)
    }
  }

  private fit(
    priceText: string | undefined,
    sizeText: string | undefined,
    sink: MarketSink,
  ): Failure | undefined {
    const { scales } = this
    const priceFits = priceText === undefined || scales.price(priceText) !== undefined
    const sizeFits = sizeText === undefined || scales.size(sizeText) !== undefined
    return priceFits && sizeFits ? undefined : scales.grow(priceText, sizeText, sink)
  }
}
