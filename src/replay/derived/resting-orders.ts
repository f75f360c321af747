/**
 * Which orders rest, with side, price and size, as flat columns by handle: what a book no longer tells once it has taken
 * an event. Takes and refuses what a book by orders takes and refuses; knows no queues and no levels.
 */
import { resizedDoubles } from '../../book/resized-columns.ts'
import { rescale } from '../../market/decimal.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { BookSide } from '../../market/side.ts'

const FIRST_CAPACITY = 1024

export class RestingOrders {
  private prices = new Float64Array(FIRST_CAPACITY)
  // Negative: an ask; zero: nothing rests under this handle.
  private signedSizes = new Float64Array(FIRST_CAPACITY)

  clear(): void {
    this.prices = new Float64Array(FIRST_CAPACITY)
    this.signedSizes = new Float64Array(FIRST_CAPACITY)
  }

  has(order: OrderHandle): boolean {
    return this.sizeOf(order) > 0
  }

  /** Zero when it does not rest. */
  sizeOf(order: OrderHandle): number {
    const size = this.signedSizes[order] ?? 0
    return size < 0 ? -size : size
  }

  /** Of an order that rests. */
  sideOf(order: OrderHandle): BookSide {
    return (this.signedSizes[order] ?? 0) < 0 ? 'ask' : 'bid'
  }

  /** Of an order that rests. */
  priceOf(order: OrderHandle): number {
    return this.prices[order] ?? 0
  }

  /** The order rests with this size from here on; at zero it is gone. */
  put(order: OrderHandle, side: BookSide, price: number, size: number): void {
    if (order >= this.prices.length) this.grow(order)
    this.prices[order] = price
    this.signedSizes[order] = side === 'bid' ? size : -size
  }

  private grow(order: OrderHandle): void {
    const { prices, signedSizes } = this
    let { length } = prices
    while (length <= order) length *= 2
    this.prices = resizedDoubles(prices, length, prices.length)
    this.signedSizes = resizedDoubles(signedSizes, length, prices.length)
  }

  /** Converts everything to finer scales; what does not fit stays, as the book it mirrors is invalid then. */
  rescale(fromPrice: number, toPrice: number, fromSize: number, toSize: number): void {
    const { prices, signedSizes } = this
    for (let order = 0; order < prices.length; order++) {
      const size = signedSizes[order] ?? 0
      if (size === 0) continue
      const price = prices[order] ?? 0
      prices[order] = rescale(price, fromPrice, toPrice) ?? price
      signedSizes[order] = rescale(size, fromSize, toSize) ?? size
    }
  }
}
