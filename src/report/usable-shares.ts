/** How much of its time a stream had a book that could be used, and one that was proved. */
import type { Report } from './report.ts'

/** Of the time reported, 0 to 1: usable, and proved by the venue. Of one instant it is the book at the end that counts. */
export const usableShares = ({
  collected: { quality, columns },
  figures: { book },
}: Report): readonly [number, number] => {
  const span = columns.end - columns.start
  if (span > 0) return [quality.validTime / span, quality.verifiedTime / span]
  return [book.valid ? 1 : 0, book.verified ? 1 : 0]
}
