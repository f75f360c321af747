/** The reads that need levels alone, over linked columns: for the living books and for frozen levels. Changes nothing. */
import type { LevelColumns, LevelView, PricedView, Sweep } from '../market/book-view.ts'
import { type Price, priceOf, type Size, sizeOf } from '../market/price.ts'
import type { BookSide } from '../market/side.ts'
import type { Micros } from '../market/time.ts'
import { NONE } from './level-table.ts'

/** Columns of levels, each level linked with the next worse one. */
export interface LinkedLevels {
  readonly prices: Float64Array
  readonly sizes: Float64Array
  /** -1 where nobody tells. */
  readonly orderCounts: Float64Array
  readonly worse: Int32Array
}

export abstract class LevelReads implements PricedView {
  abstract readonly kind: 'orders' | 'levels'
  abstract readonly priceScale: number
  abstract readonly sizeScale: number
  abstract readonly now: Micros
  protected abstract readonly levels: LinkedLevels

  protected abstract bestOf(side: BookSide): number
  protected abstract find(side: BookSide, price: number): number
  abstract levelCount(side: BookSide): number

  best(side: BookSide): Price | undefined {
    const level = this.bestOf(side)
    return level === NONE ? undefined : priceOf(this.levels.prices[level] ?? 0)
  }

  mid(): number | undefined {
    const bid = this.best('bid')
    const ask = this.best('ask')
    // Halves first: the sum may pass 2^53.
    return bid === undefined || ask === undefined ? undefined : bid / 2 + ask / 2
  }

  spread(): number | undefined {
    const bid = this.best('bid')
    const ask = this.best('ask')
    return bid === undefined || ask === undefined ? undefined : ask - bid
  }

  isCrossed(): boolean {
    const bid = this.bestOf('bid')
    const ask = this.bestOf('ask')
    const { prices } = this.levels
    return bid !== NONE && ask !== NONE && (prices[bid] ?? 0) >= (prices[ask] ?? 0)
  }

  private viewOf(level: number): LevelView {
    const { prices, sizes, orderCounts } = this.levels
    const orderCount = orderCounts[level] ?? -1
    return {
      price: priceOf(prices[level] ?? 0),
      size: sizeOf(sizes[level] ?? 0),
      orderCount: orderCount < 0 ? undefined : orderCount,
    }
  }

  top(side: BookSide, n = Infinity): readonly LevelView[] {
    const views: LevelView[] = []
    const { worse } = this.levels
    let level = this.bestOf(side)
    for (; level !== NONE && views.length < n; level = worse[level] ?? NONE) views.push(this.viewOf(level))
    return views
  }

  readTop(side: BookSide, into: LevelColumns): number {
    const { prices, sizes, orderCounts, worse } = this.levels
    const depth = into.prices.length
    let count = 0
    for (let level = this.bestOf(side); level !== NONE && count < depth; level = worse[level] ?? NONE) {
      into.prices[count] = prices[level] ?? 0
      into.sizes[count] = sizes[level] ?? 0
      into.orderCounts[count] = orderCounts[level] ?? 0
      count++
    }
    return count
  }

  sizeAt(side: BookSide, price: Price): Size {
    const level = this.find(side, price)
    return sizeOf(level === NONE ? 0 : (this.levels.sizes[level] ?? 0))
  }

  levelAt(side: BookSide, price: Price): LevelView | undefined {
    const level = this.find(side, price)
    return level === NONE ? undefined : this.viewOf(level)
  }

  sizeTo(side: BookSide, price: Price): number {
    const { prices, sizes, worse } = this.levels
    const sign = side === 'bid' ? 1 : -1
    let total = 0
    for (let level = this.bestOf(side); level !== NONE; level = worse[level] ?? NONE) {
      if ((prices[level] ?? 0) * sign < price * sign) break
      total += sizes[level] ?? 0
    }
    return total
  }

  sizeOfBest(side: BookSide, n: number): number {
    const { sizes, worse } = this.levels
    let total = 0
    let left = n
    for (let level = this.bestOf(side); level !== NONE && left > 0; level = worse[level] ?? NONE) {
      total += sizes[level] ?? 0
      left--
    }
    return total
  }

  sweep(side: BookSide, size: number): Sweep {
    const { prices, sizes, worse } = this.levels
    const start = this.bestOf(side)
    const wanted = size > 0 ? size : 0
    const best = prices[start] ?? 0
    let missing = wanted
    let worst: Price | undefined
    let levels = 0
    // Weighing the distance from the best price keeps the sum small, and so exact for longer.
    let weighed = 0
    for (let level = start; level !== NONE && missing > 0; level = worse[level] ?? NONE) {
      const taken = Math.min(missing, sizes[level] ?? 0)
      worst = priceOf(prices[level] ?? 0)
      weighed += (worst - best) * taken
      missing -= taken
      levels++
    }
    const filled = wanted - missing
    return {
      filled,
      missing,
      worst,
      average: worst === undefined ? undefined : best + weighed / filled,
      levels,
    }
  }

  forEachLevel(side: BookSide, visit: (price: Price, size: Size, orderCount: number) => unknown): void {
    const { prices, sizes, orderCounts, worse } = this.levels
    for (let level = this.bestOf(side); level !== NONE; level = worse[level] ?? NONE) {
      const size = sizeOf(sizes[level] ?? 0)
      if (visit(priceOf(prices[level] ?? 0), size, orderCounts[level] ?? 0) === false) return
    }
  }
}
