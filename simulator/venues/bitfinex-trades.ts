/** The trades of a simulated Bitfinex market: `te` at once, `tu` later, a bounded history. Owns who gets them, no timer. */
import type { MatchEvent } from '../engine/engine-event.ts'
import { mix32 } from '../engine/random.ts'
import { numberText } from './bitfinex-checksum.ts'
import type { BitfinexSession, Channel } from './bitfinex-session.ts'
import { textOfRows, tradeHistory, type TradeRow } from './bitfinex-trade-history.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

const TRADES_IN_SNAPSHOT = 30
const KEPT = 1000

export class BitfinexTradesFeed {
  private readonly market: SimulatedMarket
  private readonly newTradeId: () => number
  private readonly clients = new Map<Channel, BitfinexSession>()
  /** Oldest first. */
  private readonly recent: TradeRow[] = []
  /** Executed, not yet told again as `tu`. */
  private unconfirmed: TradeRow[] = []

  constructor(market: SimulatedMarket, newTradeId: () => number) {
    this.market = market
    this.newTradeId = newTradeId
  }

  add(session: BitfinexSession, channel: Channel, time: number): void {
    const newest = this.recent.slice(-TRADES_IN_SNAPSHOT).reverse()
    session.data(channel, textOfRows(newest), time)
    this.clients.set(channel, session)
  }

  remove(channel: Channel): void {
    this.clients.delete(channel)
  }

  /** What `/v2/trades/SYMBOL/hist` answers. */
  history(query: URLSearchParams): string {
    return tradeHistory(this.recent.slice(-KEPT), query)
  }

  /** Remembers a trade; the amount is positive when a buyer took. */
  execute(event: MatchEvent): TradeRow {
    const { priceScale, sizeScale } = this.market
    const amount = `${event.side === 'sell' ? '' : '-'}${numberText(event.size, sizeScale)}`
    const milliseconds = Math.floor(event.time / 1000)
    const id = this.newTradeId()
    const text = `[${String(id)},${String(milliseconds)},${amount},${numberText(event.price, priceScale)}]`
    const row = { id, milliseconds, text }
    this.recent.push(row)
    if (this.recent.length > 2 * KEPT) this.recent.splice(0, KEPT)
    return row
  }

  /** `te`, at once. */
  announce(row: TradeRow, time: number): void {
    if (this.clients.size === 0) return
    this.unconfirmed.push(row)
    this.tell('te', row.text, time)
  }

  /** `tu` of what was executed since; some neighbours come swapped: as at the venue their order is not that of `te`. */
  confirm(time: number): void {
    const rows = this.unconfirmed
    this.unconfirmed = []
    for (let index = 0; index < rows.length; index++) {
      const [row, next] = [rows[index], rows[index + 1]]
      if (row === undefined) continue
      if (next !== undefined && mix32(row.id) % 3 === 0) {
        this.tell('tu', next.text, time)
        index++
      }
      this.tell('tu', row.text, time)
    }
  }

  private tell(kind: 'te' | 'tu', text: string, time: number): void {
    for (const [channel, session] of this.clients) session.data(channel, `"${kind}",${text}`, time)
  }
}
