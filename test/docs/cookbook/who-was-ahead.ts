import { type Archive, type BookSide, decimalText } from '../../../src/index.ts'

// region who-was-ahead
/** The orders that would have been filled before this one, first in the queue first. */
export const whoWasAhead = async (
  archive: Archive,
  stream: string,
  id: string,
  at: string,
): Promise<readonly { readonly id: string; readonly size: string }[] | undefined> => {
  const { book, orderId } = await archive.bookAt(stream, at)
  for (const side of ['bid', 'ask'] as const satisfies readonly BookSide[]) {
    const order = book.orders(side).find((resting) => orderId(resting.order) === id)
    if (order === undefined) continue
    const queue = book.ordersAtPrice(side, order.price)
    return queue
      .slice(
        0,
        queue.findIndex((resting) => resting.order === order.order),
      )
      .map((resting) => ({ id: orderId(resting.order), size: decimalText(resting.size, book.sizeScale) }))
  }
  return undefined
}
// endregion
