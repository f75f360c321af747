/** The total size at each price of two sides: what a book by levels held before an event. */
import { rescale } from '../../market/decimal.ts'
import type { BookSide } from '../../market/side.ts'

export class LevelSizes {
  private bids = new Map<number, number>()
  private asks = new Map<number, number>()

  clear(): void {
    this.bids = new Map()
    this.asks = new Map()
  }

  private of(side: BookSide): Map<number, number> {
    return side === 'bid' ? this.bids : this.asks
  }

  /** Zero where there is no level. */
  sizeAt(side: BookSide, price: number): number {
    return this.of(side).get(price) ?? 0
  }

  /** Zero takes the level away. */
  put(side: BookSide, price: number, size: number): void {
    if (size === 0) this.of(side).delete(price)
    else this.of(side).set(price, size)
  }

  /** Converts everything to finer scales; what does not fit stays, as the book it mirrors is invalid then. */
  rescale(fromPrice: number, toPrice: number, fromSize: number, toSize: number): void {
    const convert = (levels: ReadonlyMap<number, number>): Map<number, number> =>
      new Map(
        Array.from(levels, ([price, size]) => [
          rescale(price, fromPrice, toPrice) ?? price,
          rescale(size, fromSize, toSize) ?? size,
        ]),
      )
    this.bids = convert(this.bids)
    this.asks = convert(this.asks)
  }
}
