import { type Archive, decimalText } from '../../../src/index.ts'

// region book-at-a-moment
export const bookAtAMoment = async (archive: Archive, stream: string, at: string): Promise<string> => {
  const { book, isValid, invalidReason } = await archive.bookAt(stream, at)
  if (!isValid) return `no usable book: ${invalidReason ?? ''}`
  const bid = decimalText(book.best('bid') ?? 0, book.priceScale)
  const ask = decimalText(book.best('ask') ?? 0, book.priceScale)
  return `${bid} / ${ask}, ${String(book.levelCount('bid'))} bid levels, ${String(book.orderCount('bid'))} orders`
}
// endregion
