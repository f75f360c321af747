/** What Coinbase tells about trades beside the feed: the newest ones, and the ticker. Owns a bounded memory of them. */
import type { Engine } from '../engine/engine.ts'
import type { MatchEvent } from '../engine/engine-event.ts'
import type { CoinbaseRenderer } from './coinbase-render.ts'
import { type TradePage, tradePage } from './coinbase-trade-page.ts'

const KEPT = 1000
/** How often `ticker_batch` tells at most, in microseconds. */
export const TICKER_SPAN = 5_000_000

export class CoinbaseTrades {
  private readonly product: string
  private readonly engine: Engine
  private readonly render: CoinbaseRenderer
  private readonly newest: MatchEvent[] = []
  private open = 0
  private low = Infinity
  private high = 0
  private volume = 0

  constructor(product: string, engine: Engine, render: CoinbaseRenderer) {
    this.product = product
    this.engine = engine
    this.render = render
  }

  add(match: MatchEvent): void {
    if (this.open === 0) this.open = match.price
    this.low = Math.min(this.low, match.price)
    this.high = Math.max(this.high, match.price)
    // The day's volume may pass 2^53 in a long run: it starts again, and nobody's book depends on it.
    this.volume = this.volume > 1e15 ? match.size : this.volume + match.size
    this.newest.push(match)
    if (this.newest.length > 2 * KEPT) this.newest.splice(0, KEPT)
  }

  get last(): MatchEvent | undefined {
    return this.newest.at(-1)
  }

  /** What `/products/ID/trades` answers. */
  page(query: URLSearchParams): TradePage {
    const { render } = this
    const trades = this.newest.slice(-KEPT).map(({ trade, side, size, price, time }) => ({
      id: trade,
      text: JSON.stringify({
        ...{ trade_id: trade, side, size: render.size(size), price: render.price(price) },
        time: render.time(time),
      }),
    }))
    return tradePage(trades, query)
  }

  /** Undefined before the first trade. */
  ticker(): string | undefined {
    const { last, engine, render } = this
    if (last === undefined) return undefined
    const [bid] = engine.levels('buy', 1)
    const [ask] = engine.levels('sell', 1)
    return JSON.stringify({
      type: 'ticker',
      sequence: last.number,
      product_id: this.product,
      price: render.price(last.price),
      open_24h: render.price(this.open),
      volume_24h: render.size(this.volume),
      low_24h: render.price(this.low),
      high_24h: render.price(this.high),
      volume_30d: render.size(this.volume),
      best_bid: render.price(bid?.price ?? 0),
      best_bid_size: render.size(bid?.size ?? 0),
      best_ask: render.price(ask?.price ?? 0),
      best_ask_size: render.size(ask?.size ?? 0),
      side: last.side === 'sell' ? 'buy' : 'sell',
      time: render.time(last.time),
      trade_id: last.trade,
      last_size: render.size(last.size),
    })
  }
}
