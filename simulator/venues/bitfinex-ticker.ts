/** The ticker of a simulated Bitfinex market. Owns the day's figures and who gets them, no timer. */
import type { MatchEvent, OrderSide } from '../engine/engine-event.ts'
import { numberText } from './bitfinex-checksum.ts'
import type { BitfinexSession, Channel } from './bitfinex-session.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

/** The sizes told are those of so many orders together. */
const ORDERS_COUNTED = 25

export class BitfinexTickerFeed {
  private readonly market: SimulatedMarket
  private readonly clients = new Map<Channel, BitfinexSession>()
  private told = ''
  private first = 0
  private last = 0
  private low = Infinity
  private high = 0
  private volume = 0

  constructor(market: SimulatedMarket) {
    this.market = market
  }

  add(session: BitfinexSession, channel: Channel, time: number): void {
    if (this.clients.size === 0) this.told = this.row()
    this.clients.set(channel, session)
    session.data(channel, this.told, time)
  }

  remove(channel: Channel): void {
    this.clients.delete(channel)
  }

  execute({ price, size }: MatchEvent): void {
    if (this.first === 0) this.first = price
    this.last = price
    this.low = Math.min(this.low, price)
    this.high = Math.max(this.high, price)
    // The day's volume may pass 2^53 in a long run: it starts again, and nobody's book depends on it.
    this.volume = this.volume > 1e15 ? size : this.volume + size
  }

  /** Tells the figures where they have changed. `time`: milliseconds. */
  burst(time: number): void {
    if (this.clients.size === 0) return
    const row = this.row()
    if (row === this.told) return
    this.told = row
    for (const [channel, session] of this.clients) session.data(channel, row, time)
  }

  /** `[bid,bidSize,ask,askSize,change,relativeChange,last,volume,high,low]`; null where no trade has been. */
  row(): string {
    const { priceScale, sizeScale } = this.market
    const price = (units: number): string => numberText(units, priceScale)
    const traded =
      this.first === 0
        ? ['0', '0', 'null', '0', 'null', 'null']
        : [
            price(this.last - this.first),
            String(Number(((this.last - this.first) / this.first).toFixed(8))),
            price(this.last),
            numberText(this.volume, sizeScale),
            price(this.high),
            price(this.low),
          ]
    return `[${[...this.best('buy'), ...this.best('sell'), ...traded].join(',')}]`
  }

  private best(side: OrderSide): readonly string[] {
    const { engine, priceScale, sizeScale } = this.market
    const orders = engine.orders(side, ORDERS_COUNTED)
    const [best] = orders
    if (best === undefined) return ['null', 'null']
    const size = orders.reduce((sum, order) => sum + order.size, 0)
    return [numberText(best.price, priceScale), numberText(size, sizeScale)]
  }
}
