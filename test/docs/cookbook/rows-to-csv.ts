import { type Archive, booksTo, decimalText, type LevelColumns, microsToIso } from '../../../src/index.ts'

// region rows-to-csv
/** The best levels at every instant as CSV; hand the lines to a stream to keep nothing in memory. */
export const rowsToCsv = async (
  archive: Archive,
  { every, levels }: { readonly every: number; readonly levels: number },
  write: (line: string) => void,
): Promise<void> => {
  const books = booksTo({ every, levels }, (row) => {
    const cells = ({ prices, sizes }: LevelColumns, count: number): string[] =>
      Array.from({ length: levels }, (_, level) =>
        level < count
          ? `${decimalText(prices[level] ?? 0, row.priceScale)},${decimalText(sizes[level] ?? 0, row.sizeScale)}`
          : ',',
      )
    const state = row.isValid ? 'valid' : (row.invalidReason ?? '')
    write([microsToIso(row.time), row.stream, state, ...cells(row.bids, row.bidCount), ...cells(row.asks, row.askCount)].join()) // prettier-ignore
  })
  await archive.visit({}, books)
}
// endregion
