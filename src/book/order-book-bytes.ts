/** One side of a book by orders as saved state, in columns. Owns the layout; what fits into a book is the book's. */
import type { StateReader, StateWriter } from '../market/state-bytes.ts'
import { type LevelTable, NONE } from './level-table.ts'
import type { OrderTable } from './order-table.ts'

/** The levels of a side, best first, and its orders in the order of levels and queues. */
export interface OrderColumns {
  readonly prices: ArrayLike<number>
  /** Orders of each level. */
  readonly counts: ArrayLike<number>
  readonly handles: ArrayLike<number>
  readonly sizes: ArrayLike<number>
  readonly ranks: ArrayLike<number>
  /** Microseconds since the opening, or since it came with a snapshot. */
  readonly ages: ArrayLike<number>
  /** 1 where the opening was seen, else 0. */
  readonly seen: ArrayLike<number>
}

/** More orders at once than any venue has: no damage makes a book reserve room for more. */
const MOST_HANDLES = 2 ** 27

export const writeOrders = (
  writer: StateWriter,
  best: number,
  levels: LevelTable,
  orders: OrderTable,
  now: number,
): void => {
  const prices: number[] = []
  const counts: number[] = []
  const handles: number[] = []
  const sizes: number[] = []
  const ranks: number[] = []
  const ages: number[] = []
  const seen: number[] = []
  for (let level = best; level !== NONE; level = levels.worse[level] ?? NONE) {
    prices.push(levels.prices[level] ?? 0)
    counts.push(levels.orderCounts[level] ?? 0)
    for (let order = levels.first[level] ?? NONE; order !== NONE; order = orders.behind[order] ?? NONE) {
      handles.push(order)
      sizes.push(orders.sizes[order] ?? 0)
      ranks.push(orders.rankOf(order))
      ages.push(now - orders.openedAt(order))
      seen.push(orders.isOpeningSeen(order) ? 1 : 0)
    }
  }
  for (const column of [prices, counts, handles, sizes, ranks, ages, seen]) writer.numbers(column)
}

/** Throws RangeError when the columns are cut or do not fit together. */
export const readOrders = (reader: StateReader): OrderColumns => {
  const prices = reader.numbers()
  const counts = reader.numbers()
  const handles = reader.numbers()
  const [sizes, ranks, ages, seen] = [reader.numbers(), reader.numbers(), reader.numbers(), reader.numbers()]
  let orders = 0
  for (const count of counts) orders += count > 0 ? count : NaN
  const isWhole =
    counts.length === prices.length && [sizes, ranks, ages, seen].every(({ length }) => length === orders)
  if (
    !isWhole ||
    handles.length !== orders ||
    handles.some((handle) => !(handle >= 0 && handle < MOST_HANDLES))
  )
    throw new RangeError('the columns of a saved book do not fit together')
  return { prices, counts, handles, sizes, ranks, ages, seen }
}
