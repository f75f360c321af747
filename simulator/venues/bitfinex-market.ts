/** One pair on the simulated Bitfinex: its feeds and when they burst. Owns no timer and no socket. */
import { decimalText, digestLevelRows, digestOrderRows } from '../../src/index.ts'
import type { EngineEvent } from '../engine/engine-event.ts'
import { BitfinexBookFeed, BitfinexTradesFeed } from './bitfinex-feed.ts'
import type { BitfinexSession, Channel } from './bitfinex-session.ts'
import type { BookWindow, WindowRow } from './bitfinex-window.ts'
import type { SimulatedBook, SimulatedMarket } from './simulated-venue.ts'

/** When changes are sent. */
export interface BurstRhythm {
  /** Of the venue's time. */
  readonly milliseconds: number
  /** Also after this many engine events; Infinity: by time alone. */
  readonly events: number
}

export class BitfinexMarket {
  readonly market: SimulatedMarket
  readonly trades: BitfinexTradesFeed
  private readonly rhythm: BurstRhythm
  private readonly beforeBurst: () => () => void
  /** By precision and length; the one asked for last stands last. */
  private readonly books = new Map<string, BitfinexBookFeed>()
  private isChanged = false
  private eventsSinceBurst = 0
  private burstAt: number

  /** `beforeBurst` is called before many frames are sent, what it returns afterwards. */
  constructor(
    market: SimulatedMarket,
    rhythm: BurstRhythm,
    newTradeId: () => number,
    beforeBurst: () => () => void,
  ) {
    this.market = market
    this.rhythm = rhythm
    this.beforeBurst = beforeBurst
    this.trades = new BitfinexTradesFeed(market, newTradeId)
    this.burstAt = Math.floor(market.engine.lastTime / 1000)
  }

  subscribed(session: BitfinexSession, channel: Channel, time: number): void {
    if (channel.channel === 'trades') this.trades.add(session, channel, time)
    else this.bookOf(channel.precision, channel.length).add(session, channel, time)
  }

  unsubscribed(channel: Channel): void {
    if (channel.channel === 'trades') this.trades.remove(channel)
    else this.bookOf(channel.precision, channel.length).remove(channel)
  }

  follow(event: EngineEvent): void {
    const time = Math.floor(event.time / 1000)
    if (event.kind === 'match') this.trades.execute(event, Math.max(time, this.burstAt))
    if (event.kind !== 'received') this.isChanged = true
    this.eventsSinceBurst++
    if (event.last && this.eventsSinceBurst >= this.rhythm.events) this.burst(time, false)
    else if (event.last) this.burstIfDue(time)
  }

  /** `time`: the venue's, milliseconds. */
  burstIfDue(time: number): void {
    if (this.isChanged && time - this.burstAt >= this.rhythm.milliseconds) this.burst(time, false)
  }

  /** What is owed is sent, the checksum too. */
  finish(time: number): void {
    this.burst(time, true)
  }

  /** The window as last sent to those who asked for it; as it is now where nobody did. */
  window(precision: string, length: number): BookWindow {
    return this.bookOf(precision, length).window()
  }

  /** The book as the client that subscribed last should see it; R0 of 250 orders a side where nobody is. */
  figures(): SimulatedBook {
    const used = [...this.books.values()].findLast((book) => book.isUsed)
    const { precision, length } = used ?? { precision: 'R0', length: 250 }
    const { bids, asks } = this.window(precision, length)
    const { pair, engine, priceScale } = this.market
    const best = (rows: readonly WindowRow[]): string | undefined =>
      rows[0] === undefined ? undefined : decimalText(rows[0].price, priceScale)
    const digest = precision === 'R0' ? digestOrderRows : digestLevelRows
    return {
      stream: `bitfinex:${pair}`,
      sequence: engine.lastNumber,
      bids: bids.length,
      asks: asks.length,
      bestBid: best(bids),
      bestAsk: best(asks),
      digest: digest(this.digestRows(bids), this.digestRows(asks)),
    }
  }

  private burst(venueTime: number, isFinal: boolean): void {
    const time = Math.max(venueTime, this.burstAt)
    this.burstAt = time
    this.isChanged = false
    this.eventsSinceBurst = 0
    const afterBurst = this.beforeBurst()
    this.trades.confirm(time)
    for (const book of this.books.values()) book.burst(time, isFinal)
    afterBurst()
  }

  private bookOf(precision: string, length: number): BitfinexBookFeed {
    const key = `${precision} ${String(length)}`
    const known = this.books.get(key)
    if (known !== undefined) return known
    const book = new BitfinexBookFeed(this.market, precision, length)
    this.books.set(key, book)
    return book
  }

  private digestRows(
    rows: readonly WindowRow[],
  ): { price: string; size: string; id: string; orderCount: number }[] {
    const { priceScale, sizeScale } = this.market
    return rows.map(({ key, price, size, orders }) => ({
      price: decimalText(price, priceScale),
      size: decimalText(size, sizeScale),
      id: key,
      orderCount: orders,
    }))
  }
}
