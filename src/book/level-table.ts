/**
 * The levels of both sides of a book as columns, a level being an index into them. Owns room and its reuse; the order of
 * levels is PriceLevels', the queue of a level the book's.
 */

import { resizedDoubles, resizedIntegers } from './resized-columns.ts'

/** No level, and no order: the end of a list. */
export const NONE = -1

const LEAST_CAPACITY = 64
/** Room for so many times what is in use is too much. */
const SPARSE = 8

export class LevelTable {
  prices = new Float64Array(LEAST_CAPACITY)
  /** The total at each level; 0 for one that was just taken. */
  sizes = new Float64Array(LEAST_CAPACITY)
  /** Orders at each level, -1 where nobody tells; 0 for one that was just taken. */
  orderCounts = new Float64Array(LEAST_CAPACITY)
  /** The next better and the next worse level of the side. */
  better = new Int32Array(LEAST_CAPACITY)
  worse = new Int32Array(LEAST_CAPACITY)
  /** Head and tail of a level's queue. */
  first = new Int32Array(LEAST_CAPACITY)
  last = new Int32Array(LEAST_CAPACITY)
  /** 1 for bids, 0 for asks. */
  isBid = new Uint8Array(LEAST_CAPACITY)
  /** Levels that were given back, linked by `worse`. */
  private free = NONE
  /** Levels from here on were never taken. */
  private unused = 0
  private taken = 0

  get capacity(): number {
    return this.prices.length
  }

  /** Levels in use. */
  get count(): number {
    return this.taken
  }

  take(price: number, isBid: number): number {
    let level = this.free
    if (level === NONE) {
      level = this.unused++
      if (level === this.capacity) this.resize(this.capacity * 2)
    } else {
      this.free = this.worse[level] ?? NONE
    }
    this.taken++
    this.prices[level] = price
    this.sizes[level] = 0
    this.orderCounts[level] = 0
    this.first[level] = NONE
    this.last[level] = NONE
    this.isBid[level] = isBid
    return level
  }

  giveBack(level: number): void {
    this.worse[level] = this.free
    this.free = level
    this.taken--
  }

  clear(): void {
    this.free = NONE
    this.unused = 0
    this.taken = 0
    if (this.capacity > LEAST_CAPACITY) this.resize(LEAST_CAPACITY)
  }

  /** Whether so much room is unused that `pack` is worth while. */
  get isSparse(): boolean {
    return this.taken * SPARSE <= this.capacity && this.capacity > LEAST_CAPACITY
  }

  /**
   * Gives up unused room. Levels get other numbers: 0, 1, 2 … from the best of the first list on, lists behind each other.
   * Queues are not looked at: their orders must be told.
   */
  pack(bests: readonly number[]): void {
    const { prices, sizes, orderCounts, worse, first, last, isBid } = this
    const count = this.taken
    this.resize(Math.max(LEAST_CAPACITY, 2 ** Math.ceil(Math.log2(count * 2))), 0)
    let next = 0
    for (const best of bests) {
      let before = NONE
      for (let level = best; level !== NONE; level = worse[level] ?? NONE) {
        this.prices[next] = prices[level] ?? 0
        this.sizes[next] = sizes[level] ?? 0
        this.orderCounts[next] = orderCounts[level] ?? 0
        this.first[next] = first[level] ?? NONE
        this.last[next] = last[level] ?? NONE
        this.isBid[next] = isBid[level] ?? 0
        this.better[next] = before
        this.worse[next] = NONE
        if (before !== NONE) this.worse[before] = next
        before = next
        next++
      }
    }
    this.free = NONE
    this.unused = count
  }

  private resize(capacity: number, kept = Math.min(this.unused, capacity)): void {
    this.prices = resizedDoubles(this.prices, capacity, kept)
    this.sizes = resizedDoubles(this.sizes, capacity, kept)
    this.orderCounts = resizedDoubles(this.orderCounts, capacity, kept)
    this.better = resizedIntegers(this.better, capacity, kept)
    this.worse = resizedIntegers(this.worse, capacity, kept)
    this.first = resizedIntegers(this.first, capacity, kept)
    this.last = resizedIntegers(this.last, capacity, kept)
    const isBid = new Uint8Array(capacity)
    isBid.set(this.isBid.subarray(0, kept))
    this.isBid = isBid
  }
}
