/** What `/v2/trades/SYMBOL/hist` answers: trades between two times, newest first unless asked otherwise. */

export interface TradeRow {
  readonly id: number
  readonly milliseconds: number
  /** `[id,ms,amount,price]` */
  readonly text: string
}

const MOST = 1000
const USUAL = 125

/** `[[id,ms,amount,price],...]` */
export const textOfRows = (rows: readonly TradeRow[]): string => `[${rows.map(({ text }) => text).join(',')}]`

/** `trades`: oldest first. Asked for by `limit`, `start` and `end` (milliseconds, both included), `sort=1`: oldest first. */
export const tradeHistory = (trades: readonly TradeRow[], query: URLSearchParams): string => {
  const numberOf = (name: string, otherwise: number): number => {
    const text = query.get(name)
    return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : otherwise
  }
  const limit = Math.min(MOST, Math.max(1, numberOf('limit', USUAL)))
  const [start, end] = [numberOf('start', 0), numberOf('end', Infinity)]
  const rows = trades.filter(({ milliseconds }) => milliseconds >= start && milliseconds <= end)
  return textOfRows((query.get('sort') === '1' ? rows : rows.reverse()).slice(0, limit))
}
