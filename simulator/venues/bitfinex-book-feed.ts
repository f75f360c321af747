/** One book channel of a simulated Bitfinex market: snapshot, bursts, checksums. Owns who gets it, no timer. */
import { bitfinexChecksum } from './bitfinex-checksum.ts'
import type { BitfinexSession, Channel } from './bitfinex-session.ts'
import { type BookWindow, EMPTY_WINDOW, snapshotText, updatesBetween, windowOf } from './bitfinex-window.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

const CHECKSUM_MILLISECONDS = 2500

/** When the frames of one burst are stamped: the deletes, and all behind them. */
export interface BurstTime {
  readonly deletes: number
  readonly rest: number
}

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
  burst(time: BurstTime, isFinal: boolean): void {
    if (!this.isUsed) return
    const window = windowOf(this.market, this.precision, this.length, this.sent)
    const { deletes, upserts } = updatesBetween(this.sent, window)
    this.sent = window
    for (const [channel, session] of this.clients) {
      if (session.wantsBulk) tellTogether(session, channel, [...deletes, ...upserts], time.rest)
      else {
        for (const row of deletes) session.data(channel, row, time.deletes)
        for (const row of upserts) session.data(channel, row, time.rest)
      }
    }
    const hasChanged = deletes.length + upserts.length > 0
    if (hasChanged) this.isUnchecked = true
    const isDue = isFinal || (hasChanged && time.rest - this.checkedAt >= CHECKSUM_MILLISECONDS)
    if (!this.isUnchecked || !isDue) return
    const value = bitfinexChecksum(window.bids, window.asks)
    for (const [channel, session] of this.clients) session.checksum(channel, value, time.rest)
    this.isUnchecked = false
    this.checkedAt = time.rest
  }
}

/** All updates of a burst in one frame. */
const tellTogether = (
  session: BitfinexSession,
  channel: Channel,
  rows: readonly string[],
  time: number,
): void => {
  if (rows.length > 0) session.data(channel, `[${rows.join(',')}]`, time)
}
