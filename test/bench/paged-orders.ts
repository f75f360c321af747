/** Levels in sorted arrays, for comparison: the best ones in front of the ordered map, and all of them in pages without it. */
import { LevelPage, PAGE_LENGTH } from '../../src/book/level-page.ts'
import { type LevelTable, NONE } from '../../src/book/level-table.ts'
import { type LevelOrder, LinkedOrder, NotingTree } from './level-orders.ts'

/** The best levels in one sorted array of at most this length, the others in the ordered map. */
const HOT = 512

export class HotOrder extends LinkedOrder implements LevelOrder {
  private readonly hot = new LevelPage(-Infinity, HOT)
  private readonly tree = new NotingTree()

  private isHot(rank: number): boolean {
    const { length, ranks } = this.hot
    return this.tree.count === 0 || (length > 0 && rank >= (ranks[0] ?? 0))
  }

  find(price: number): number {
    const rank = price * this.sign
    return this.isHot(rank) ? this.hot.levelAt(this.hot.placeNearEnd(rank), rank) : this.tree.find(rank)
  }

  findOrAdd(price: number): number {
    const { hot, table } = this
    const rank = price * this.sign
    const found = this.find(price)
    if (found !== NONE) return found
    if (hot.length === HOT) this.spill()
    if (this.isHot(rank)) {
      const place = hot.placeNearEnd(rank)
      const better = place < hot.length ? (hot.levels[place] ?? NONE) : NONE
      const level = this.link(price, better, better === NONE ? this.best : (table.worse[better] ?? NONE))
      hot.insert(place, rank, level)
      return level
    }
    const inTree = this.tree.better(rank)
    const better = inTree === NONE && hot.length > 0 ? (hot.levels[0] ?? NONE) : inTree
    const level = this.link(price, better, better === NONE ? this.best : (table.worse[better] ?? NONE))
    this.tree.add(rank, level)
    return level
  }

  erase(level: number): void {
    const { hot } = this
    const rank = this.rankOf(level)
    if (this.isHot(rank)) hot.erase(hot.placeNearEnd(rank))
    else this.tree.erase(rank)
    this.unlink(level)
    if (hot.length < HOT / 8 && this.tree.count > 0) this.refill()
  }

  private spill(): void {
    const { hot, tree } = this
    for (let place = 0; place < HOT / 2; place++) tree.add(hot.ranks[place] ?? 0, hot.levels[place] ?? NONE)
    hot.ranks.copyWithin(0, HOT / 2, hot.length)
    hot.levels.copyWithin(0, HOT / 2, hot.length)
    hot.length -= HOT / 2
  }

  private refill(): void {
    const { hot, tree, table } = this
    for (let wanted = Math.min(HOT / 4, tree.count); wanted > 0; wanted--) {
      const level = hot.length > 0 ? (table.worse[hot.levels[0] ?? NONE] ?? NONE) : this.best
      tree.erase(this.rankOf(level))
      hot.insert(0, this.rankOf(level), level)
    }
  }
}

/** Pages of levels in an array, found by bisection. */
export class PagedOrder extends LinkedOrder implements LevelOrder {
  private readonly pages: LevelPage[]

  constructor(table: LevelTable, isBid: boolean) {
    super(table, isBid)
    this.pages = [new LevelPage(-Infinity)]
  }

  private pageOf(rank: number): number {
    const { pages } = this
    let low = 0
    let high = pages.length - 1
    if (rank >= (pages[high]?.fence ?? 0)) return high
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((pages[middle]?.fence ?? 0) <= rank) low = middle
      else high = middle - 1
    }
    return low
  }

  private page(index: number): LevelPage {
    const page = this.pages[index]
    if (page === undefined) throw new Error('no such page')
    return page
  }

  private place(index: number, rank: number): number {
    const page = this.page(index)
    return index === this.pages.length - 1 ? page.placeNearEnd(rank) : page.place(rank)
  }

  find(price: number): number {
    const rank = price * this.sign
    const index = this.pageOf(rank)
    return this.page(index).levelAt(this.place(index, rank), rank)
  }

  findOrAdd(price: number): number {
    const rank = price * this.sign
    const index = this.pageOf(rank)
    const page = this.page(index)
    const place = this.place(index, rank)
    const found = page.levelAt(place, rank)
    if (found !== NONE) return found
    if (page.length === PAGE_LENGTH) {
      this.pages.splice(index + 1, 0, page.split())
      return this.findOrAdd(price)
    }
    const { table } = this
    const worse = place > 0 ? (page.levels[place - 1] ?? NONE) : (table.worse[page.levels[0] ?? NONE] ?? NONE)
    const isEmpty = page.length === 0
    const better = isEmpty ? this.worst : worse === NONE ? this.worst : (table.better[worse] ?? NONE)
    const level = this.link(price, better, isEmpty ? NONE : worse)
    page.insert(place, rank, level)
    return level
  }

  erase(level: number): void {
    const rank = this.rankOf(level)
    const index = this.pageOf(rank)
    this.page(index).erase(this.place(index, rank))
    this.unlink(level)
    if (this.page(index).length === 0 && index > 0) this.pages.splice(index, 1)
  }
}
