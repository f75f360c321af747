/**
 * What one message does to a book by orders, as sink calls: owns the order ids, shares the scales. The same four deeds
 * serve `full` and `level3`. Failures are returned; sequences and validity are the feed's.
 */
import type { MarketSink, RemovalCause } from '../../market/event.ts'
import { NO_ORDER, type OrderHandle, OrderIds } from '../../market/order-ids.ts'
import { type Price, sizeOf } from '../../market/price.ts'
import { aggressorAgainst, type AggressorSide, type BookSide } from '../../market/side.ts'
import type { DecoderSink } from '../venue.ts'
import { type Failure, failureOf } from './failure.ts'
import type { Scales } from './instruments.ts'
import type { ScaledRows } from './rows.ts'

/** A value that a market order's message may lack. */
type Text = string | null | undefined

const present = (text: Text): string | undefined => (text === null || text === '' ? undefined : text)

export class OrderEvents {
  readonly ids = new OrderIds()
  readonly scales: Scales
  /**
   * True when the book began empty by assumption: orders opened before the recording are then unknown without anything
   * being wrong. Such a book is never verified.
   */
  isAssumed = false

  constructor(scales: Scales) {
    this.scales = scales
  }

  open(
    id: string,
    side: 'buy' | 'sell',
    priceText: string,
    sizeText: string,
    sink: MarketSink,
  ): Failure | undefined {
    const { scales } = this
    const failure = scales.read(priceText, sizeText, sink)
    if (failure !== undefined) return failure
    const { lastPrice: price, lastSize: size } = scales
    sink.orderOpened(this.ids.add(id), side === 'buy' ? 'bid' : 'ask', price, size, 0)
    return undefined
  }

  /** `makerSide` is undefined where the venue leaves it to the book. */
  match(
    tradeId: number | undefined,
    makerId: string,
    makerSide: 'buy' | 'sell' | undefined,
    priceText: string,
    sizeText: string,
    sink: MarketSink,
  ): Failure | undefined {
    const { scales } = this
    const failure = scales.read(priceText, sizeText, sink)
    if (failure !== undefined) return failure
    const { lastPrice: price, lastSize: size } = scales
    const maker = this.ids.find(makerId)
    let aggressor: AggressorSide = 'unknown'
    if (makerSide !== undefined) aggressor = aggressorAgainst(makerSide === 'buy' ? 'bid' : 'ask')
    sink.traded(tradeId, price, size, aggressor, maker)
    if (maker !== NO_ORDER) sink.orderReduced(maker, size)
    else if (!this.isAssumed) return failureOf('contradiction', `unknown maker ${makerId}`)
    return undefined
  }

  /** An unknown order is none that ever rested: normal. */
  done(id: string, cause: RemovalCause, sink: DecoderSink): void {
    const order = this.ids.find(id)
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
    id: string,
    prices: { readonly old: Text; readonly next: Text },
    sizes: { readonly old: Text; readonly next: Text },
    sink: DecoderSink,
  ): Failure | undefined {
    const { scales } = this
    const order = this.ids.find(id)
    if (order === NO_ORDER) return undefined
    const priceText = present(prices.next)
    const oldPriceText = present(prices.old)
    const sizeText = present(sizes.next)
    const oldSizeText = present(sizes.old)
    if (sizeText === undefined) return failureOf('malformed', `change without a size: ${id}`)
    const failure = this.fit(priceText, sizeText, sink) ?? this.fit(oldPriceText, oldSizeText, sink)
    if (failure !== undefined) return failure
    const size = scales.size(sizeText) ?? sizeOf(0)
    const oldSize = oldSizeText === undefined ? undefined : scales.size(oldSizeText)
    if (size === 0) {
      this.remove(order, 'canceled', sink)
      return undefined
    }
    const price: Price | undefined = priceText === undefined ? undefined : scales.price(priceText)
    if (price !== undefined) {
      const oldPrice = oldPriceText === undefined ? undefined : scales.price(oldPriceText)
      sink.orderChanged(order, price, size, oldPrice, oldSize)
    } else if (oldSize !== undefined && oldSize >= size) {
      sink.orderReduced(order, sizeOf(oldSize - size))
    } else {
      return failureOf('malformed', `change without a price: ${id}`)
    }
    return undefined
  }

  /** Tells the rows of one side of a whole book, in their order. */
  openAll(side: BookSide, rows: ScaledRows, sink: MarketSink): void {
    const { ids, prices, sizes } = rows
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index]
      const price = prices[index]
      const size = sizes[index]
      if (id === undefined || price === undefined || size === undefined) return
      sink.orderOpened(this.ids.add(id), side, price, size, 0)
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
