import { type Archive, MINUTE, statesTo } from '../../../src/index.ts'

// region spread-over-a-day
/** Basis points at each full minute; a minute without a usable book is left out, not filled. */
export const spreadOverADay = async (
  archive: Archive,
  stream: string,
  day: string,
  every = MINUTE,
): Promise<readonly number[]> => {
  const spreads: number[] = []
  const look = statesTo(every, ({ isValid, book }) => {
    const spread = book.spread()
    const mid = book.mid()
    if (isValid && spread !== undefined && mid !== undefined) spreads.push((spread / mid) * 10_000)
  })
  await archive.visit({ streams: [stream], from: day, to: `${day}T23:59:59.999999Z` }, look)
  return spreads.sort((left, right) => left - right)
}
// endregion
