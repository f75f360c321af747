/**
 * The pages of one side as a list: a copy of the map's order that is searched without a call for each step. Whenever pages
 * come or go it is stale, and it is made anew once so many searches followed that making it pays.
 */
import type { LevelPage } from './level-page.ts'

/** The list is made anew after so many searches for each page of it. */
const PATIENCE = 0.25
const FIRST_LENGTH = 16

export class PageDirectory {
  /** From the best page on, each with its fence. */
  private readonly pages: LevelPage[] = []
  private fences = new Float64Array(FIRST_LENGTH)
  /** 0: stale. */
  private count = 0
  private patience = 0

  /** A page came or went; so many are there now. */
  drop(pages: number): void {
    this.count = 0
    // Pages that are gone must not be held for longer than others are there.
    if (this.pages.length > pages) this.pages.length = pages
    this.patience = Math.ceil(pages * PATIENCE)
  }

  /** Whether it can be searched; `pages` gives those that there are, from the best on. */
  isReady(pages: Iterable<readonly [LevelPage, LevelPage]>): boolean {
    if (this.count > 0) return true
    if (this.patience-- > 0) return false
    this.fill(pages)
    return true
  }

  private fill(pages: Iterable<readonly [LevelPage, LevelPage]>): void {
    let count = 0
    for (const [page] of pages) {
      if (count === this.fences.length) {
        const larger = new Float64Array(count * 2)
        larger.set(this.fences)
        this.fences = larger
      }
      this.fences[count] = page.fence
      this.pages[count++] = page
    }
    this.pages.length = count
    this.count = count
  }

  /** The place of the page of this rank: the first whose fence is not above it. */
  placeOf(rank: number): number {
    const { fences } = this
    let low = 0
    let left = this.count
    while (left > 0) {
      const half = left >> 1
      if ((fences[low + half] ?? 0) > rank) {
        low += half + 1
        left -= half + 1
      } else {
        left = half
      }
    }
    return low
  }

  pageAt(place: number): LevelPage | undefined {
    return this.pages[place]
  }

  /** Ranks of the page are below it. */
  endAt(place: number): number {
    return place > 0 ? (this.fences[place - 1] ?? Infinity) : Infinity
  }
}
