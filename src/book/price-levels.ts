/**
 * The levels of one side, ordered from best to worst; the only file that knows the ordered map. Owns order, lookup by
 * price and the links between neighbours; what a level holds is the book's.
 *
 * The map holds pages of levels, not levels: reading the map costs a Proxy or a comparison by call per node, so that a
 * search should pass few nodes, and most searches none: the page of the best levels stands before it, the page that was
 * looked at last, and a list of all pages while none comes or goes. Why, with figures: docs/decisions/0003-books-on-typed-arrays.md.
 */
import { OrderedMap } from '@js-sdsl/ordered-map'

import type { BookSide } from '../market/side.ts'
import { LevelPage, PAGE_LENGTH } from './level-page.ts'
import { type LevelTable, NONE } from './level-table.ts'
import { PageDirectory } from './page-directory.ts'

/** A page that becomes as short as this is joined with its worse neighbour, where both fill half a page at most. */
const SHORT_PAGE = PAGE_LENGTH >> 3

export class PriceLevels {
  /** The first level of the list: follow `worse` of the table for the others. */
  best = NONE
  count = 0
  /** Levels are ranked by price times this: the best one ranks highest. */
  readonly sign: 1 | -1
  /** A level that changes and ranks at least so is somebody's concern: see DepthWatches. */
  watchedFrom = Infinity
  private readonly table: LevelTable
  private worst = NONE
  private readonly pages: OrderedMap<LevelPage, LevelPage>
  private bestPage = new LevelPage(-Infinity)
  /** The page that was looked at last, and the fence of the next better one; -Infinity: not known. */
  private lastPage = this.bestPage
  private lastEnd = -Infinity
  private readonly sought = new LevelPage(0, 0)
  private readonly directory = new PageDirectory()
  // What the comparator passed on the way down: the page of the sought rank, and the next better one.
  private passedPage = this.bestPage
  private passedBetter: LevelPage | undefined

  constructor(side: BookSide, table: LevelTable) {
    this.sign = side === 'bid' ? 1 : -1
    this.table = table
    this.pages = new OrderedMap<LevelPage, LevelPage>([], (known, sought) => {
      if (sought.fence < known.fence) {
        this.passedBetter = known
        return -1
      }
      this.passedPage = known
      return sought.fence > known.fence ? 1 : 0
    })
    this.pages.setElement(this.bestPage, this.bestPage)
  }

  private pageOf(rank: number): LevelPage {
    if (rank >= this.bestPage.fence) return this.bestPage
    const { lastPage } = this
    if (rank >= lastPage.fence && rank < this.lastEnd) return lastPage
    const { directory } = this
    if (directory.isReady(this.pages)) {
      const place = directory.placeOf(rank)
      this.lastPage = directory.pageAt(place) ?? this.bestPage
      this.lastEnd = directory.endAt(place)
      return this.lastPage
    }
    this.sought.fence = rank
    this.passedBetter = undefined
    this.pages.getElementByKey(this.sought)
    const page = this.passedPage
    this.lastPage = page
    // A search that hit a fence did not look for the page above.
    this.lastEnd =
      page.fence === rank ? -Infinity : ((this.passedBetter as LevelPage | undefined)?.fence ?? -Infinity)
    return page
  }

  private placeIn(page: LevelPage, rank: number): number {
    return page === this.bestPage ? page.placeNearEnd(rank) : page.place(rank)
  }

  /** NONE where there is no level. */
  find(price: number): number {
    const rank = price * this.sign
    const page = this.pageOf(rank)
    return page.levelAt(this.placeIn(page, rank), rank)
  }

  /** The level at a price; where there is none, a new one with size and order count 0, linked with its neighbours. */
  findOrAdd(price: number): number {
    const rank = price * this.sign
    const page = this.pageOf(rank)
    const place = this.placeIn(page, rank)
    const found = page.levelAt(place, rank)
    return found === NONE ? this.add(price, page, place) : found
  }

  private add(price: number, page: LevelPage, place: number): number {
    const rank = price * this.sign
    const { table } = this
    if (page.length === PAGE_LENGTH) {
      const better = this.splitPage(page)
      const into = rank >= better.fence ? better : page
      return this.add(price, into, into.place(rank))
    }
    let worse = NONE
    let better = this.worst
    if (place > 0) {
      worse = page.levels[place - 1] ?? NONE
      better = table.better[worse] ?? NONE
    } else if (page.length > 0) {
      better = page.levels[0] ?? NONE
      worse = table.worse[better] ?? NONE
    }
    const level = table.take(price, this.sign === 1 ? 1 : 0)
    table.better[level] = better
    table.worse[level] = worse
    if (better === NONE) this.best = level
    else table.worse[better] = level
    if (worse === NONE) this.worst = level
    else table.better[worse] = level
    this.count++
    page.insert(place, rank, level)
    return level
  }

  private splitPage(page: LevelPage): LevelPage {
    const better = page.split()
    this.pages.setElement(better, better)
    if (page === this.bestPage) this.bestPage = better
    this.lastEnd = -Infinity
    this.directory.drop(this.pages.size())
    return better
  }

  /** Takes out a level that is in and gives it back to the table, where its links mean nothing any more. */
  erase(level: number): void {
    const { table } = this
    const rank = (table.prices[level] ?? 0) * this.sign
    const page = this.pageOf(rank)
    page.erase(this.placeIn(page, rank))
    const better = table.better[level] ?? NONE
    const worse = table.worse[level] ?? NONE
    if (better === NONE) this.best = worse
    else table.worse[better] = worse
    if (worse === NONE) this.worst = better
    else table.better[worse] = better
    table.giveBack(level)
    this.count--
    if (page.length === 0 || page.length === SHORT_PAGE) this.joinPage(page)
  }

  /** Gives a page's levels to the next worse page, if it has room enough. */
  private joinPage(page: LevelPage): void {
    if (page.fence === -Infinity) return
    if (page.length > 0) {
      const below = this.table.worse[page.levels[0] ?? NONE] ?? NONE
      const worse = this.pageOf(below === NONE ? -Infinity : (this.table.prices[below] ?? 0) * this.sign)
      if (worse.length + page.length > PAGE_LENGTH / 2) return
      worse.append(page, 0)
    }
    this.pages.eraseElementByKey(page)
    if (page === this.bestPage) this.bestPage = this.pages.front()?.[1] ?? page
    this.lastPage = this.bestPage
    this.lastEnd = -Infinity
    this.directory.drop(this.pages.size())
  }

  /** Forgets its levels, which the book takes from the table. */
  clear(): void {
    this.become(NONE, 0)
  }

  /** Has these levels from here on, which are linked already: so many, from the best one on. */
  become(best: number, count: number): void {
    this.pages.clear()
    this.best = best
    this.worst = NONE
    this.count = count
    const { better, worse, prices } = this.table
    for (let level = best; level !== NONE; level = worse[level] ?? NONE) this.worst = level
    let page = new LevelPage(-Infinity)
    for (let level = this.worst; level !== NONE; level = better[level] ?? NONE) {
      const rank = (prices[level] ?? 0) * this.sign
      // Room is left for what comes between.
      if (page.length === (PAGE_LENGTH * 3) / 4) {
        this.pages.setElement(page, page)
        page = new LevelPage(rank)
      }
      page.insert(page.length, rank, level)
    }
    this.pages.setElement(page, page)
    this.bestPage = page
    this.lastPage = page
    this.lastEnd = -Infinity
    this.directory.drop(this.pages.size())
  }
}
