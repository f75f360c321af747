import { type Archive, decimalNumber, SECOND, statesTo } from '../../../src/index.ts'

// region two-venues
/** How much more one venue's mid price was than the other's, second by second; undefined where one had no book. */
export const premium = async (
  archive: Archive,
  here: string,
  there: string,
): Promise<ReadonlyMap<number, number | undefined>> => {
  const mids = new Map<string, number | undefined>()
  const premiums = new Map<number, number | undefined>()
  const look = statesTo(SECOND, ({ stream, isValid, book }, time) => {
    const mid = book.mid()
    mids.set(stream, isValid && mid !== undefined ? decimalNumber(mid, book.priceScale) : undefined)
    if (stream !== there) return
    const [own, other] = [mids.get(here), mids.get(there)]
    premiums.set(time, own === undefined || other === undefined ? undefined : own - other)
  })
  await archive.visit({ streams: [here, there] }, look)
  return premiums
}
// endregion
