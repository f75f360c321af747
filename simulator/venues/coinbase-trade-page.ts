/** What `/products/ID/trades` answers: a page of trades, newest first, and the ids at its ends for asking on. */

/** A trade as the page tells it. */
export interface PagedTrade {
  readonly id: number
  /** JSON: `{"trade_id","side","size","price","time"}`; `side` is the maker's. */
  readonly text: string
}

export interface TradePage {
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

const MOST = 1000

/** A whole number of a query; `otherwise` where there is none. */
const numberOf = (text: string | null, otherwise: number): number =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : otherwise

/** `trades`: oldest first. Asked for by `limit`, ids above `before` and below `after`. */
export const tradePage = (trades: readonly PagedTrade[], query: URLSearchParams): TradePage => {
  const limit = Math.min(MOST, Math.max(1, numberOf(query.get('limit'), MOST)))
  const [before, after] = [numberOf(query.get('before'), -1), numberOf(query.get('after'), Infinity)]
  const page = trades
    .filter(({ id }) => id > before && id < after)
    .slice(-limit)
    .reverse()
  const [newest, oldest] = [page[0], page.at(-1)]
  const headers: Record<string, string> =
    newest === undefined || oldest === undefined
      ? {}
      : { 'cb-before': String(newest.id), 'cb-after': String(oldest.id) }
  return { text: `[${page.map(({ text }) => text).join(',')}]`, headers }
}
