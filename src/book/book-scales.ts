/** The scales of one book's content, and those its instrument has now: different only after a conversion that failed. */
import { MAX_SCALE } from '../market/decimal.ts'
import type { StateReader, StateWriter } from '../market/state-bytes.ts'
import type { BookFault } from './integrity.ts'
import type { LevelScales, LinkedLevel, PriceLevels } from './price-levels.ts'

export class BookScales {
  /** What the content is in. */
  current: LevelScales = { price: 0, size: 0 }
  /** What its instrument has now. */
  wanted: LevelScales = { price: 0, size: 0 }

  /**
   * Converts both sides to finer scales. Where that passes 2^53, or the scales shrink, nothing is converted; the new
   * scales are then taken with the next `startAfresh`, for the rows of the next snapshot are in them.
   */
  rescale<Level extends LinkedLevel<Level>>(
    price: number,
    size: number,
    bids: PriceLevels<Level>,
    asks: PriceLevels<Level>,
  ): BookFault | undefined {
    if (price > MAX_SCALE || size > MAX_SCALE) return this.refusal('not-representable', price, size)
    const wanted = { price, size }
    this.wanted = wanted
    if (price < this.current.price || size < this.current.size)
      return this.refusal('contradiction', price, size)
    if (!bids.canRescale(this.current, wanted) || !asks.canRescale(this.current, wanted)) {
      return this.refusal('not-representable', price, size)
    }
    bids.rescale(this.current, wanted)
    asks.rescale(this.current, wanted)
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
