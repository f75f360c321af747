/**
 * The book at the end of each column of time: the best levels one by one, those far away summed in steps of a hundredth of
 * their distance. Bounded, whatever the book; how it is coloured is not decided here.
 */
import { decimalNumber } from '../../market/decimal.ts'
import type { BookSide } from '../../market/side.ts'
import type { StreamState } from '../../replay/stream-state.ts'

const EXACT_LEVELS = 250
const MOST_CELLS = 1000
const STEP = 0.01
/** Further from the best price than this share of it nobody looks. */
const FARTHEST = 0.25
/** How far this level is tells how much of the book is worth drawing. */
const NEAR_LEVEL = 30

/** One side, best price first: sizes from one price to another, both included, which are equal near the best one. */
export interface DepthSide {
  readonly from: Float64Array
  readonly to: Float64Array
  readonly sizes: Float64Array
}

export interface DepthColumn {
  readonly bids: DepthSide
  readonly asks: DepthSide
}

class SideReader {
  private readonly from = new Float64Array(MOST_CELLS)
  private readonly to = new Float64Array(MOST_CELLS)
  private readonly sizes = new Float64Array(MOST_CELLS)

  read({ book }: StreamState, side: BookSide): DepthSide {
    const { from, to, sizes } = this
    const { priceScale, sizeScale } = book
    const best = book.best(side) ?? 0
    let cells = 0
    let levels = 0
    let cellEnds = 0
    book.forEachLevel(side, (price, size) => {
      const distance = Math.abs(price - best)
      if (distance > best * FARTHEST && levels >= NEAR_LEVEL) return false
      levels++
      if (cells === 0 || levels <= EXACT_LEVELS || distance > cellEnds) {
        if (cells === MOST_CELLS) return false
        from[cells] = decimalNumber(price, priceScale)
        sizes[cells] = 0
        cells++
        cellEnds = distance * (1 + STEP)
      }
      to[cells - 1] = decimalNumber(price, priceScale)
      sizes[cells - 1] = (sizes[cells - 1] ?? 0) + decimalNumber(size, sizeScale)
      return true
    })
    return { from: from.slice(0, cells), to: to.slice(0, cells), sizes: sizes.slice(0, cells) }
  }
}

/** How far the side reaches from its best price to its 30th level, or its last. */
export const nearReach = ({ from }: DepthSide): number =>
  Math.abs((from[Math.min(from.length, NEAR_LEVEL) - 1] ?? NaN) - (from[0] ?? NaN))

export class DepthColumns {
  /** Undefined: no book could be used at the end of the column. */
  readonly columns: (DepthColumn | undefined)[] = []
  private readonly reader = new SideReader()

  /** The next column is over. */
  add(state: StreamState): void {
    const { reader } = this
    this.columns.push(
      state.isValid ? { bids: reader.read(state, 'bid'), asks: reader.read(state, 'ask') } : undefined,
    )
  }
}
