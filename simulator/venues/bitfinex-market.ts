/** One pair on the simulated Bitfinex: its feeds and when they burst. Owns no timer and no socket. */
import { decimalText, digestLevelRows, digestOrderRows } from '../../src/index.ts'
import type { EngineEvent } from '../engine/engine-event.ts'
import type { Rng } from '../engine/random.ts'
import { BitfinexBookFeed } from './bitfinex-book-feed.ts'
import type { BitfinexSession, Channel } from './bitfinex-session.ts'
import { BitfinexTickerFeed } from './bitfinex-ticker.ts'
import { BitfinexTradesFeed } from './bitfinex-trades.ts'
import type { BookWindow, WindowRow } from './bitfinex-window.ts'
import type { SimulatedBook, SimulatedMarket, SimulatedRows } from './simulated-venue.ts'

/** When changes are sent. */
export interface BurstRhythm {
  /** Of the venue's time. */
  readonly milliseconds: number
  /** Also after this many engine events; Infinity: by time alone. */
  readonly events: number
}

export interface BitfinexMarketOptions {
  readonly rhythm: BurstRhythm
  readonly newTradeId: () => number
  /** Called before many frames are sent, what it returns afterwards. */
  readonly beforeBurst: () => () => void
  /** For what varies: some bursts reach over into the next millisecond. Nothing varies when undefined. */
  readonly random: Rng | undefined
}

/** Of a thousand bursts, how many are stamped with two adjacent milliseconds. */
const STRADDLING_BURSTS = 80

export class BitfinexMarket {
  readonly market: SimulatedMarket
  readonly trades: BitfinexTradesFeed
  readonly ticker: BitfinexTickerFeed
  private readonly options: BitfinexMarketOptions
  /** By precision and length; the one asked for last stands last. */
  private readonly books = new Map<string, BitfinexBookFeed>()
  private isChanged = false
  private eventsSinceBurst = 0
  private burstAt: number

  private isPaused = false

  constructor(market: SimulatedMarket, options: BitfinexMarketOptions) {
    this.market = market
    this.options = options
    this.trades = new BitfinexTradesFeed(market, options.newTradeId)
    this.ticker = new BitfinexTickerFeed(market)
    this.burstAt = Math.floor(market.engine.lastTime / 1000)
  }

  subscribed(session: BitfinexSession, channel: Channel, time: number): void {
    this.feedOf(channel).add(session, channel, Math.max(time, this.burstAt))
  }

  unsubscribed(channel: Channel): void {
    this.feedOf(channel).remove(channel)
  }

  /** While paused nothing is told but snapshots; afterwards the books go on from where they were. */
  pause(isPaused: boolean): void {
    this.isPaused = isPaused
  }

  follow(event: EngineEvent): void {
    const time = Math.floor(event.time / 1000)
    if (event.kind === 'match') {
      this.ticker.execute(event)
      const row = this.trades.execute(event)
      if (!this.isPaused) this.trades.announce(row, Math.max(time, this.burstAt))
    }
    if (event.kind !== 'received') this.isChanged = true
    this.eventsSinceBurst++
    if (event.last && this.eventsSinceBurst >= this.options.rhythm.events) this.burst(time, false)
    else if (event.last) this.burstIfDue(time)
  }

  /** `time`: the venue's, milliseconds. */
  burstIfDue(time: number): void {
    if (this.isChanged && time - this.burstAt >= this.options.rhythm.milliseconds) this.burst(time, false)
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
    const { precision, length } = this.lastAskedFor()
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

  /** The rows of `figures`. */
  rows(): SimulatedRows {
    const { precision, length } = this.lastAskedFor()
    const { bids, asks } = this.window(precision, length)
    return {
      stream: `bitfinex:${this.market.pair}`,
      bids: this.digestRows(bids),
      asks: this.digestRows(asks),
    }
  }

  private lastAskedFor(): { readonly precision: string; readonly length: number } {
    const used = [...this.books.values()].findLast((book) => book.isUsed)
    return used ?? { precision: 'R0', length: 250 }
  }

  private burst(venueTime: number, isFinal: boolean): void {
    if (this.isPaused) return
    const { random, beforeBurst } = this.options
    const deletes = Math.max(venueTime, this.burstAt)
    const rest = random?.chance(STRADDLING_BURSTS) === true ? deletes + 1 : deletes
    this.burstAt = rest
    this.isChanged = false
    this.eventsSinceBurst = 0
    const afterBurst = beforeBurst()
    this.trades.confirm(deletes)
    for (const book of this.books.values()) book.burst({ deletes, rest }, isFinal)
    this.ticker.burst(rest)
    afterBurst()
  }

  private feedOf(channel: Channel): BitfinexBookFeed | BitfinexTradesFeed | BitfinexTickerFeed {
    if (channel.channel === 'trades') return this.trades
    return channel.channel === 'ticker' ? this.ticker : this.bookOf(channel.precision, channel.length)
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
