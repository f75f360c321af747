/** A run of neighbouring levels of one side in a sorted array. Owns search and shifting inside it. */
import { NONE } from './level-table.ts'

/** Levels a page holds at most: see docs/decisions/0003-books-on-typed-arrays.md. */
export const PAGE_LENGTH = 128

/** Shorter shifts are done faster one by one. */
const SHORT_SHIFT = 24

export class LevelPage {
  /** Ranks of the levels, ascending: the best level is the last one. */
  readonly ranks: Float64Array
  readonly levels: Int32Array
  length = 0
  /** No level of the page ranks below it, no level of the next worse page at or above it. */
  fence: number

  constructor(fence: number, room = PAGE_LENGTH) {
    this.fence = fence
    this.ranks = new Float64Array(room)
    this.levels = new Int32Array(room)
  }

  /** Where the first level of at least this rank is: in the page of best levels, where most searches end near the end. */
  placeNearEnd(rank: number): number {
    const { ranks } = this
    let high = this.length
    let low = high - 1
    for (let step = 1; low >= 0 && (ranks[low] ?? 0) >= rank; step *= 2) {
      high = low
      low -= step
    }
    if (low < 0) low = -1
    while (high - low > 1) {
      const middle = (high + low) >> 1
      if ((ranks[middle] ?? 0) >= rank) high = middle
      else low = middle
    }
    return high
  }

  /** The same, wherever it is. */
  place(rank: number): number {
    const { ranks } = this
    let low = 0
    let left = this.length
    while (left > 0) {
      const half = left >> 1
      if ((ranks[low + half] ?? 0) < rank) {
        low += half + 1
        left -= half + 1
      } else {
        left = half
      }
    }
    return low
  }

  /** The level at a place where one of this rank would be; NONE when it is another's. */
  levelAt(place: number, rank: number): number {
    return place < this.length && this.ranks[place] === rank ? (this.levels[place] ?? NONE) : NONE
  }

  insert(place: number, rank: number, level: number): void {
    const { ranks, levels, length } = this
    if (length - place < SHORT_SHIFT) {
      for (let index = length; index > place; index--) {
        ranks[index] = ranks[index - 1] ?? 0
        levels[index] = levels[index - 1] ?? NONE
      }
    } else {
      ranks.copyWithin(place + 1, place, length)
      levels.copyWithin(place + 1, place, length)
    }
    ranks[place] = rank
    levels[place] = level
    this.length++
  }

  erase(place: number): void {
    const { ranks, levels, length } = this
    if (length - place < SHORT_SHIFT) {
      for (let index = place + 1; index < length; index++) {
        ranks[index - 1] = ranks[index] ?? 0
        levels[index - 1] = levels[index] ?? NONE
      }
    } else {
      ranks.copyWithin(place, place + 1, length)
      levels.copyWithin(place, place + 1, length)
    }
    this.length--
  }

  /** Gives its better half to a new page. */
  split(): LevelPage {
    const kept = this.length >> 1
    const better = new LevelPage(this.ranks[kept] ?? 0)
    better.append(this, kept)
    this.length = kept
    return better
  }

  /** Takes over the levels of a better page from a place on; there must be room. */
  append(other: LevelPage, from: number): void {
    this.ranks.set(other.ranks.subarray(from, other.length), this.length)
    this.levels.set(other.levels.subarray(from, other.length), this.length)
    this.length += other.length - from
  }
}
