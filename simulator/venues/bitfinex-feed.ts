/** The channels of one simulated Bitfinex market: books in bursts with checksums, trades. Owns who gets what, no timer. */
import type { MatchEvent } from '../engine/engine-event.ts'
import { bitfinexChecksum, numberText } from './bitfinex-checksum.ts'
import type { BitfinexSession, Channel } from './bitfinex-session.ts'
import { type BookWindow, EMPTY_WINDOW, snapshotText, updatesBetween, windowOf } from './bitfinex-window.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

const CHECKSUM_MILLISECONDS = 2500
const TRADES_IN_SNAPSHOT = 30

/** A book of one precision and length, the same for all its clients. */
export class BitfinexBookFeed {
  readonly precision: string
  readonly length: number
  private readonly market: SimulatedMarket
  private readonly clients = new Map<Channel, BitfinexSession>()
  private sent: BookWindow = EMPTY_WINDOW
  private isUnchecked = false
  private checkedAt = 0

  constructor(market: SimulatedMarket, precision: string, length: number) {
    this.market = market
    this.precision = precision
    this.length = length
  }

  get isUsed(): boolean {
    return this.clients.size > 0
  }

  /** As last sent; as it is now where nobody is subscribed. */
  window(): BookWindow {
    return this.isUsed ? this.sent : windowOf(this.market, this.precision, this.length, EMPTY_WINDOW)
  }

  /** `time`: milliseconds. */
  add(session: BitfinexSession, channel: Channel, time: number): void {
    if (!this.isUsed) {
      this.sent = this.window()
      this.isUnchecked = false
      this.checkedAt = time
    }
    this.clients.set(channel, session)
    session.data(channel, snapshotText(this.sent), time)
  }

  remove(channel: Channel): void {
    this.clients.delete(channel)
  }

  /** Sends what changed since the last burst; a checksum when it is time for one, or with `isFinal` when one is owed. */
  burst(time: number, isFinal: boolean): void {
    if (!this.isUsed) return
    const window = windowOf(this.market, this.precision, this.length, this.sent)
    const updates = updatesBetween(this.sent, window)
    this.sent = window
    for (const update of updates) {
      for (const [channel, session] of this.clients) session.data(channel, update, time)
    }
    if (updates.length > 0) this.isUnchecked = true
    if (
      !this.isUnchecked ||
      (!isFinal && (updates.length === 0 || time - this.checkedAt < CHECKSUM_MILLISECONDS))
    )
      return
    const value = bitfinexChecksum(window.bids, window.asks)
    for (const [channel, session] of this.clients) session.checksum(channel, value, time)
    this.isUnchecked = false
    this.checkedAt = time
  }
}

/** The trades of a market. */
export class BitfinexTradesFeed {
  private readonly market: SimulatedMarket
  private readonly newTradeId: () => number
  private readonly clients = new Map<Channel, BitfinexSession>()
  /** Rows, newest first. */
  private recent: string[] = []
  /** Executed, not yet told again as `tu`. */
  private unconfirmed: string[] = []

  constructor(market: SimulatedMarket, newTradeId: () => number) {
    this.market = market
    this.newTradeId = newTradeId
  }

  add(session: BitfinexSession, channel: Channel, time: number): void {
    session.data(channel, this.rows(TRADES_IN_SNAPSHOT), time)
    this.clients.set(channel, session)
  }

  remove(channel: Channel): void {
    this.clients.delete(channel)
  }

  /** `[[id,ms,amount,price],...]`, newest first. */
  rows(limit: number): string {
    return `[${this.recent.slice(0, limit).join(',')}]`
  }

  /** `te` at once; the amount is positive when a buyer took. */
  execute(event: MatchEvent, time: number): void {
    const { priceScale, sizeScale } = this.market
    const amount = `${event.side === 'sell' ? '' : '-'}${numberText(event.size, sizeScale)}`
    const moment = String(Math.floor(event.time / 1000))
    const row = `[${String(this.newTradeId())},${moment},${amount},${numberText(event.price, priceScale)}]`
    this.recent = [row, ...this.recent.slice(0, TRADES_IN_SNAPSHOT - 1)]
    if (this.clients.size === 0) return
    this.unconfirmed.push(row)
    for (const [channel, session] of this.clients) session.data(channel, `"te",${row}`, time)
  }

  /** `tu` of what was executed since; neighbours come swapped, as at the venue their order is not that of `te`. */
  confirm(time: number): void {
    const rows = this.unconfirmed
    this.unconfirmed = []
    for (let index = 0; index < rows.length; index += 2) {
      for (const row of rows.slice(index, index + 2).reverse()) {
        for (const [channel, session] of this.clients) session.data(channel, `"tu",${row}`, time)
      }
    }
  }
}
