/**
 * Who wants to know of changes near the best prices. The book compares the rank of each level that changes with one number
 * a side, `watchedFrom`; only what passes comes here, and costs each watch it concerns its peace until it is reset.
 */
import type { DepthWatch } from '../market/book-view.ts'
import type { BookSide } from '../market/side.ts'
import { type LevelTable, NONE } from './level-table.ts'
import type { PriceLevels } from './price-levels.ts'

/** The rank a change must have to concern the watch: Infinity after the first one, which has been noted. */
interface Concern {
  bid: number
  ask: number
}

interface Watcher {
  readonly depth: number
  readonly from: Concern
}

export class DepthWatches {
  private watchers: Watcher[] = []
  private readonly table: LevelTable
  private readonly sides: Readonly<Record<BookSide, PriceLevels>>

  constructor(table: LevelTable, bids: PriceLevels, asks: PriceLevels) {
    this.table = table
    this.sides = { bid: bids, ask: asks }
  }

  open(depth: number): DepthWatch {
    if (!(depth >= 1)) throw new RangeError(`no depth to watch: ${String(depth)}`)
    const watcher: Watcher = { depth, from: { bid: Infinity, ask: Infinity } }
    this.watchers.push(watcher)
    const reset = (): void => {
      if (!this.watchers.includes(watcher)) return
      watcher.from.bid = this.boundary('bid', depth)
      watcher.from.ask = this.boundary('ask', depth)
      this.settle('bid')
      this.settle('ask')
    }
    reset()
    return {
      depth,
      isChanged: (side) => watcher.from[side] === Infinity,
      reset,
      close: () => {
        this.watchers = this.watchers.filter((other) => other !== watcher)
        this.settle('bid')
        this.settle('ask')
      },
    }
  }

  /** A level of this rank came, went or changed. */
  changed(side: BookSide, rank: number): void {
    for (const { from } of this.watchers) if (rank >= from[side]) from[side] = Infinity
    this.settle(side)
  }

  /** The book is another one. */
  allChanged(): void {
    this.changed('bid', Infinity)
    this.changed('ask', Infinity)
  }

  /** The rank of the last level that counts; with fewer levels than that, anything concerns. */
  private boundary(side: BookSide, depth: number): number {
    const { worse, prices } = this.table
    const { best, sign, count } = this.sides[side]
    if (count < depth) return -Infinity
    let level = best
    for (let index = 1; index < depth; index++) level = worse[level] ?? NONE
    return (prices[level] ?? 0) * sign
  }

  private settle(side: BookSide): void {
    let least = Infinity
    for (const { from } of this.watchers) least = Math.min(least, from[side])
    this.sides[side].watchedFrom = least
  }
}
