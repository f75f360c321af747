import { type Archive, tradesTo, visitAll } from '../../../src/index.ts'

// region trades-against-the-book
/** What takers paid beyond the mid price that stood before they came, in basis points, by volume. */
export const takersPaid = async (archive: Archive, stream: string): Promise<number> => {
  let midBefore: number | undefined
  let paid = 0
  let volume = 0
  const trades = tradesTo(({ price, size, aggressor, isBookValid }) => {
    if (!isBookValid || midBefore === undefined || aggressor === 'unknown') return
    const beyond = aggressor === 'buy' ? price - midBefore : midBefore - price
    paid += (beyond / midBefore) * 10_000 * size
    volume += size
  })
  // The book between transactions, so that a sweep of many levels is measured from where it began.
  const measured = visitAll([
    trades,
    {
      transactionEnded: ({ book }) => {
        midBefore = book.mid()
      },
    },
  ])
  await archive.visit({ streams: [stream] }, measured)
  return paid / volume
}
// endregion
