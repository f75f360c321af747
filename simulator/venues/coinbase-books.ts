/**
 * The bodies of one product's REST book. Each is one state of the book, told with its sequence; as at the venue it may be
 * a moment old, or ahead of what the feed has sent.
 */
import type { OrderSide } from '../engine/engine-event.ts'
import type { Rng } from '../engine/random.ts'
import type { CoinbaseRenderer } from './coinbase-render.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

/**
 * Level-3 bodies beside the feed. `older`: every other one is of an earlier moment; `newer`: every other one comes late
 * and is ahead of the feed, which is held meanwhile; `mixed`: either at times, never twice in a row.
 */
export type RestBooks = 'current' | 'older' | 'newer' | 'mixed'

export type BookTiming = 'current' | 'older' | 'newer'

/** More orders than this are not rendered for memory alone. */
const MOST_REMEMBERED = 20_000

export interface CoinbaseBooksOptions {
  readonly market: SimulatedMarket
  /** For ids. */
  readonly render: CoinbaseRenderer
  /** For prices, sizes and times. */
  readonly restRender: CoinbaseRenderer
  readonly timing: RestBooks
  readonly random: Rng
}

export class CoinbaseBooks {
  private readonly options: CoinbaseBooksOptions
  private remembered: { readonly sequence: number; readonly text: string } | undefined
  private wasCurrent = true

  constructor(options: CoinbaseBooksOptions) {
    this.options = options
  }

  /** Keeps the present book for those who will be given an old one. `now`: microseconds. */
  remember(now: number): void {
    const { market, timing } = this.options
    const { engine } = market
    if (timing === 'current' || timing === 'newer' || this.remembered?.sequence === engine.lastNumber) return
    if (engine.orderCount('buy') + engine.orderCount('sell') > MOST_REMEMBERED) this.remembered = undefined
    else this.remembered = { sequence: engine.lastNumber, text: this.byOrder(now) }
  }

  /** How the next level-3 body is to be. */
  nextTiming(): BookTiming {
    const { timing, random } = this.options
    const next = timing === 'mixed' ? random.pick<BookTiming>(['current', 'older', 'newer']) : timing
    const isCurrent = !this.wasCurrent || next === 'current'
    this.wasCurrent = isCurrent
    return isCurrent ? 'current' : next
  }

  /** The book as last remembered; as it is when it was not. */
  older(now: number): string {
    return this.remembered?.text ?? this.byOrder(now)
  }

  /** Every order, best price first, queue order inside a price: the state after `sequence`. */
  byOrder(now: number): string {
    const { market, render, restRender } = this.options
    const rows = (side: OrderSide): string =>
      market.engine
        .orders(side)
        .map(
          ({ price, size, id }) =>
            `["${restRender.price(price)}","${restRender.size(size)}","${render.id(id)}"]`,
        )
        .join(',')
    return this.body(rows('buy'), rows('sell'), now)
  }

  /** The best `depth` prices of each side, with their numbers of orders. */
  byLevel(depth: number, now: number): string {
    const { market, restRender } = this.options
    const rows = (side: OrderSide): string =>
      market.engine
        .levels(side, depth)
        .map(
          ({ price, size, orders }) =>
            `["${restRender.price(price)}","${restRender.size(size)}",${String(orders)}]`,
        )
        .join(',')
    return this.body(rows('buy'), rows('sell'), now)
  }

  private body(bids: string, asks: string, now: number): string {
    const { market, restRender } = this.options
    const head = `{"sequence":${String(market.engine.lastNumber)},"bids":[${bids}],"asks":[${asks}]`
    return `${head},"auction_mode":false,"auction":null,"time":"${restRender.time(now)}"}`
  }
}
