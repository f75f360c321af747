/** One side of a book by orders as saved state, in columns. Owns the layout; what fits into a book is the book's. */
import type { StateReader, StateWriter } from '../market/state-bytes.ts'
import type { OrderLevel } from './order-level.ts'

/** The levels of a side, best first, and its orders in the order of levels and queues. */
export interface OrderColumns {
  readonly prices: ArrayLike<number>
  /** Orders of each level. */
  readonly counts: ArrayLike<number>
  readonly handles: ArrayLike<number>
  readonly sizes: ArrayLike<number>
  readonly ranks: ArrayLike<number>
}

/** More orders at once than any venue has: no damage makes a book reserve room for more. */
const MOST_HANDLES = 2 ** 27

export const writeOrders = (writer: StateWriter, best: OrderLevel | undefined): void => {
  const prices: number[] = []
  const counts: number[] = []
  const handles: number[] = []
  const sizes: number[] = []
  const ranks: number[] = []
  for (let level = best; level !== undefined; level = level.worse) {
    prices.push(level.price)
    counts.push(level.orderCount)
    for (let order = level.first; order !== undefined; order = order.behind) {
      handles.push(order.handle)
      sizes.push(order.size)
      ranks.push(order.rank)
    }
  }
  for (const column of [prices, counts, handles, sizes, ranks]) writer.numbers(column)
}

/** Throws RangeError when the columns are cut or do not fit together. */
export const readOrders = (reader: StateReader): OrderColumns => {
  const prices = reader.numbers()
  const counts = reader.numbers()
  const handles = reader.numbers()
  const sizes = reader.numbers()
  const ranks = reader.numbers()
  let orders = 0
  for (const count of counts) orders += count > 0 ? count : NaN
  const isWhole = counts.length === prices.length && sizes.length === orders && ranks.length === orders
  if (
    !isWhole ||
    handles.length !== orders ||
    handles.some((handle) => !(handle >= 0 && handle < MOST_HANDLES))
  )
    throw new RangeError('the columns of a saved book do not fit together')
  return { prices, counts, handles, sizes, ranks }
}
