/** What happened to the levels of one side in one span, as columns by level. Owns sums and order, knows no time. */
import { rescale } from '../../market/decimal.ts'
import { type Price, priceOf } from '../../market/price.ts'
import type { BookSide } from '../../market/side.ts'
import type { FlowCause } from './level-flow.ts'

/** Quantities in 10^-sizeScale; exact below 2^53. */
export interface FlowSums {
  /** Came with new orders. */
  readonly added: number
  /** Left with orders that were cancelled. */
  readonly cancelled: number
  /**
   * Was taken by trades; and what rested of orders that left filled, as an amended one does that was filled as the taker.
   */
  readonly traded: number
  /** Net growth by amendments of resting orders; negative when they shrank or moved away. */
  readonly changed: number
  /** Came and left where the venue does not say why: levels that were set, orders that were removed without a cause. */
  readonly grown: number
  readonly shrunk: number
}

/** One level: `before + added - cancelled - traded + changed + grown - shrunk = after`, exactly. */
export interface LevelFlowRow extends FlowSums {
  readonly side: BookSide
  /** In 10^-priceScale. */
  readonly price: Price
  /** The total size at this price when the span began, and when it ended. */
  readonly before: number
  readonly after: number
}

class FlowRow implements LevelFlowRow {
  readonly side: BookSide
  price = priceOf(0)
  before = 0
  after = 0
  added = 0
  cancelled = 0
  traded = 0
  changed = 0
  grown = 0
  shrunk = 0

  constructor(side: BookSide) {
    this.side = side
  }
}

const put = (row: FlowRow, delta: number, cause: FlowCause): void => {
  row.after += delta
  if (cause === 'added') row.added += delta
  else if (cause === 'cancelled') row.cancelled -= delta
  else if (cause === 'traded') row.traded -= delta
  else if (cause === 'changed') row.changed += delta
  else if (delta > 0) row.grown += delta
  else row.shrunk -= delta
}

export class FlowTable implements FlowSums {
  readonly side: BookSide
  private levels = new Map<number, FlowRow>()

  constructor(side: BookSide) {
    this.side = side
  }

  /** Levels that something happened to. */
  get count(): number {
    return this.levels.size
  }

  clear(): void {
    this.levels = new Map()
  }

  /** The level at this price, which holds `after` now, grew by `delta`. */
  add(price: Price, after: number, delta: number, cause: FlowCause): void {
    let row = this.levels.get(price)
    if (row === undefined) {
      row = new FlowRow(this.side)
      row.price = price
      row.before = after - delta
      row.after = row.before
      this.levels.set(price, row)
    }
    put(row, delta, cause)
  }

  /** Everything in finer scales; the book they belong to fitted. */
  rescale(fromPrice: number, toPrice: number, fromSize: number, toSize: number): void {
    const size = (value: number): number => rescale(value, fromSize, toSize) ?? value
    const before = this.levels
    this.levels = new Map()
    for (const row of before.values()) {
      row.price = priceOf(rescale(row.price, fromPrice, toPrice) ?? row.price)
      row.before = size(row.before)
      row.after = size(row.after)
      row.added = size(row.added)
      row.cancelled = size(row.cancelled)
      row.traded = size(row.traded)
      row.changed = size(row.changed)
      row.grown = size(row.grown)
      row.shrunk = size(row.shrunk)
      this.levels.set(row.price, row)
    }
  }

  /** Best first. */
  forEach(visit: (row: LevelFlowRow) => void): void {
    const direction = this.side === 'ask' ? 1 : -1
    const rows = Array.from(this.levels.values())
    rows.sort((left, right) => (left.price - right.price) * direction)
    for (const row of rows) visit(row)
  }

  private sum(of: (row: FlowRow) => number): number {
    let total = 0
    for (const row of this.levels.values()) total += of(row)
    return total
  }

  get added(): number {
    return this.sum((row) => row.added)
  }

  get cancelled(): number {
    return this.sum((row) => row.cancelled)
  }

  get traded(): number {
    return this.sum((row) => row.traded)
  }

  get changed(): number {
    return this.sum((row) => row.changed)
  }

  get grown(): number {
    return this.sum((row) => row.grown)
  }

  get shrunk(): number {
    return this.sum((row) => row.shrunk)
  }
}
