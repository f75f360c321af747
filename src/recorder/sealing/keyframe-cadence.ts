/** When a stream's next keyframe is due, so that any entry is reached soon without keyframes outweighing the chunks. */
import { LevelBook } from '../../book/level-book.ts'
import type { OrderBook } from '../../book/order-book.ts'

/** Reaching any entry takes at most `entries` behind a keyframe, or `entriesPerOrder` for each resting order. */
export interface KeyframeCadence {
  readonly entries: number
  readonly entriesPerOrder: number
}

/** So that a book of 100,000 orders is found at any instant within a quarter of a second, typically: docs/storage-format.md. */
export const KEYFRAME_CADENCE: KeyframeCadence = { entries: 100_000, entriesPerOrder: 5 }

/**
 * What an order costs a keyframe at most, measured over a long feed: 16 for its id, 4 for when it was opened, the rest for
 * size, place and price.
 */
const BYTES_PER_ORDER = 27
/** Above the floor keyframes cost at most this part of the chunks … */
const LARGEST_SHARE = 3 / 5
/** … as long as the way to an entry is at most so many times longer for it. */
const LONGEST = 2

/** What a keyframe of this book has to hold: orders, or levels where there are none. */
const restingIn = (book: OrderBook | LevelBook): number =>
  book instanceof LevelBook
    ? book.levelCount('bid') + book.levelCount('ask')
    : book.orderCount('bid') + book.orderCount('ask')

/**
 * Whether a keyframe must stand `tail` entries behind the one before (or the first entry), with this book. `bytesPerEntry`:
 * what an entry costs a chunk; 0: not known yet.
 */
export const isKeyframeDue = (
  { entries, entriesPerOrder }: KeyframeCadence,
  tail: number,
  book: OrderBook | LevelBook,
  bytesPerEntry: number,
): boolean => {
  if (tail < entries) return false
  const affordable = bytesPerEntry > 0 ? BYTES_PER_ORDER / LARGEST_SHARE / bytesPerEntry : 0
  const perOrder = Math.max(entriesPerOrder, Math.min(affordable, LONGEST * entriesPerOrder))
  return tail >= perOrder * restingIn(book)
}
