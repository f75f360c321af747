/** The scales of one book's content, and those its instrument has now: different only after a conversion that failed. */
import { MAX_SCALE, rescale } from '../market/decimal.ts'
import type { StateReader, StateWriter } from '../market/state-bytes.ts'
import type { BookFault } from './integrity.ts'
import { type LevelTable, NONE } from './level-table.ts'
import type { PriceLevels } from './price-levels.ts'

/** Scales of prices and sizes: units are 10^-scale. */
export interface LevelScales {
  readonly price: number
  readonly size: number
}

export class BookScales {
  /** What the content is in. */
  current: LevelScales = { price: 0, size: 0 }
  /** What its instrument has now. */
  wanted: LevelScales = { price: 0, size: 0 }

  /**
   * Converts both sides to finer scales. Where that passes 2^53, or the scales shrink, nothing is converted; the new
   * scales are then taken with the next `startAfresh`, for the rows of the next snapshot are in them.
   */
  rescale(
    price: number,
    size: number,
    levels: LevelTable,
    sides: readonly PriceLevels[],
  ): BookFault | undefined {
    if (price > MAX_SCALE || size > MAX_SCALE) return this.refusal('not-representable', price, size)
    const from = this.current
    const wanted = { price, size }
    this.wanted = wanted
    if (price < from.price || size < from.size) return this.refusal('contradiction', price, size)
    const { prices, sizes, worse } = levels
    for (const { best } of sides)
      for (let level = best; level !== NONE; level = worse[level] ?? NONE) {
        const isExact =
          rescale(prices[level] ?? 0, from.price, price) !== undefined &&
          rescale(sizes[level] ?? 0, from.size, size) !== undefined
        if (!isExact) return this.refusal('not-representable', price, size)
      }
    for (const side of sides) {
      for (let level = side.best; level !== NONE; level = worse[level] ?? NONE) {
        prices[level] = rescale(prices[level] ?? 0, from.price, price) ?? 0
        sizes[level] = rescale(sizes[level] ?? 0, from.size, size) ?? 0
      }
      if (price !== from.price) side.become(side.best, side.count)
    }
    this.current = wanted
    return undefined
  }

  /** Whether the content is in the instrument's scales: false after a conversion that failed. */
  get isConverted(): boolean {
    return this.current.price === this.wanted.price && this.current.size === this.wanted.size
  }

  /** The content is gone: what follows is in the instrument's scales. */
  startAfresh(): void {
    this.current = this.wanted
  }

  private refusal(reason: BookFault['reason'], price: number, size: number): BookFault {
    const from = `${String(this.current.price)} and ${String(this.current.size)}`
    return {
      reason,
      detail: `scales of prices and sizes cannot go from ${from} to ${String(price)} and ${String(size)}`,
    }
  }

  save(writer: StateWriter): void {
    for (const scales of [this.current, this.wanted]) {
      writer.uint(scales.price)
      writer.uint(scales.size)
    }
  }

  restore(reader: StateReader): void {
    this.current = { price: reader.uint(), size: reader.uint() }
    this.wanted = { price: reader.uint(), size: reader.uint() }
  }
}
