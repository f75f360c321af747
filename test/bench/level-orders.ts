/**
 * Other ways to keep the levels of a side in order, for comparison with the book's own (src/book/price-levels.ts): the ordered
 * map alone, the ordered map with a Map for lookups. All of them link levels in the same table.
 */
import { OrderedMap } from '@js-sdsl/ordered-map'

import { type LevelTable, NONE } from '../../src/book/level-table.ts'

/** What a book asks of the levels of a side. */
export interface LevelOrder {
  readonly find: (price: number) => number
  readonly findOrAdd: (price: number) => number
  readonly erase: (level: number) => void
}

export abstract class LinkedOrder {
  protected readonly table: LevelTable
  protected readonly sign: number
  protected best = NONE
  protected worst = NONE

  constructor(table: LevelTable, isBid: boolean) {
    this.table = table
    this.sign = isBid ? 1 : -1
  }

  /** A new level between these two neighbours. */
  protected link(price: number, better: number, worse: number): number {
    const { table } = this
    const level = table.take(price, this.sign === 1 ? 1 : 0)
    table.better[level] = better
    table.worse[level] = worse
    if (better === NONE) this.best = level
    else table.worse[better] = level
    if (worse === NONE) this.worst = level
    else table.better[worse] = level
    return level
  }

  protected unlink(level: number): void {
    const { table } = this
    const better = table.better[level] ?? NONE
    const worse = table.worse[level] ?? NONE
    if (better === NONE) this.best = worse
    else table.worse[better] = worse
    if (worse === NONE) this.worst = better
    else table.better[worse] = better
    table.giveBack(level)
  }

  protected rankOf(level: number): number {
    return (this.table.prices[level] ?? 0) * this.sign
  }
}

/** A level by its rank; the comparator notes the neighbours, which are free so. */
export class NotingTree {
  private readonly tree: OrderedMap<number, number>
  private passedBetter = NaN

  constructor() {
    this.tree = new OrderedMap<number, number>([], (known, sought) => {
      if (known > sought) this.passedBetter = known
      return sought - known
    })
  }

  get count(): number {
    return this.tree.length
  }

  find(rank: number): number {
    return this.tree.getElementByKey(rank) ?? NONE
  }

  /** The level of the next better rank in the tree, for one that is not in. */
  better(rank: number): number {
    this.passedBetter = NaN
    this.tree.getElementByKey(rank)
    return Number.isNaN(this.passedBetter) ? NONE : this.find(this.passedBetter)
  }

  add(rank: number, level: number): void {
    this.tree.setElement(rank, level)
  }

  erase(rank: number): void {
    this.tree.eraseElementByKey(rank)
  }
}

/** The ordered map alone. */
export class TreeOrder extends LinkedOrder implements LevelOrder {
  private readonly tree = new NotingTree()

  find(price: number): number {
    return this.tree.find(price * this.sign)
  }

  findOrAdd(price: number): number {
    const rank = price * this.sign
    const found = this.find(price)
    if (found !== NONE) return found
    const better = this.tree.better(rank)
    const level = this.link(price, better, better === NONE ? this.best : (this.table.worse[better] ?? NONE))
    this.tree.add(rank, level)
    return level
  }

  erase(level: number): void {
    this.tree.erase(this.rankOf(level))
    this.unlink(level)
  }
}

/** The ordered map for the order, a Map for lookups. */
export class MappedTreeOrder extends TreeOrder {
  private readonly byPrice = new Map<number, number>()

  override find(price: number): number {
    return this.byPrice.get(price) ?? NONE
  }

  override findOrAdd(price: number): number {
    const found = this.find(price)
    if (found !== NONE) return found
    const level = super.findOrAdd(price)
    this.byPrice.set(price, level)
    return level
  }

  override erase(level: number): void {
    this.byPrice.delete(this.table.prices[level] ?? 0)
    super.erase(level)
  }
}
