/**
 * Whether a price stands across the other side of a book: an order that its venue moves there trades next. hftbacktest takes what
 * it crosses for gone for good, so it is not told while it does.
 */
import type { BookSide } from '../../market/side.ts'
import type { StreamState } from '../../replay/stream-state.ts'

export const isAcross = ({ book }: StreamState, side: BookSide, price: number): boolean => {
  const other = book.best(side === 'bid' ? 'ask' : 'bid')
  if (other === undefined) return false
  return side === 'bid' ? price >= other : price <= other
}
