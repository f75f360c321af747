import { type Archive, decimalNumber, type Micros, priceOf, statesTo } from '../../../src/index.ts'

interface Depth {
  readonly time: Micros
  readonly bid: number
  readonly ask: number
}

// region depth-near-the-mid
/** The size within ±10 basis points of the mid price, at every instant. */
export const depthNearTheMid = async (
  archive: Archive,
  stream: string,
  every: number,
): Promise<readonly Depth[]> => {
  const rows: Depth[] = []
  const look = statesTo(every, ({ isValid, book }, time) => {
    const mid = book.mid()
    if (!isValid || mid === undefined) return
    const bid = book.sizeTo('bid', priceOf(Math.ceil(mid * 0.999)))
    const ask = book.sizeTo('ask', priceOf(Math.floor(mid * 1.001)))
    rows.push({ time, bid: decimalNumber(bid, book.sizeScale), ask: decimalNumber(ask, book.sizeScale) })
  })
  await archive.visit({ streams: [stream] }, look)
  return rows
}
// endregion
