/**
 * A simulated Coinbase Exchange on one loopback port: websocket feed and REST over generated flow. Owns the clients and
 * the heartbeats; the flow itself is the caller's.
 */
import { decimalText, digestOrderRows } from '../../src/index.ts'
import type { OrderSide } from '../engine/engine-event.ts'
import { type CoinbaseCredentials, TEST_CREDENTIALS } from './coinbase-auth.ts'
import type { RestBooks } from './coinbase-books.ts'
import { CoinbaseFeed } from './coinbase-feed.ts'
import { CoinbaseHall } from './coinbase-hall.ts'
import { type CoinbaseLimits, newCoinbaseLimits } from './coinbase-limits.ts'
import { answerCoinbase } from './coinbase-rest.ts'
import { answerJson, openListener } from './listener.ts'
import type {
  SimulatedBook,
  SimulatedRow,
  SimulatedRows,
  SimulatedVenue,
  SimulatedVenueOptions,
} from './simulated-venue.ts'

export interface CoinbaseServerOptions extends SimulatedVenueOptions {
  /** What clients must sign with; the test credentials when left out. */
  readonly credentials?: CoinbaseCredentials
  /** Milliseconds a client has for its first subscribe; 5,000 when left out. */
  readonly subscribeWithin?: number
  /**
   * Whether permessage-deflate is agreed to when a client offers it, as the venue does. Off when left out: it costs the
   * server more than all the rest.
   */
  readonly compression?: boolean | undefined
  /** `mixed` with quirks, else `current`, when left out. */
  readonly restBooks?: RestBooks
}

const HEARTBEAT_INTERVAL = 1000
const BATCH_INTERVAL = 50
const SUBSCRIBE_WITHIN = 5000
/** Heartbeats from one `status` message to the next. */
const STATUS_BEATS = 5

const rowsOf = ({ market, render }: CoinbaseFeed): SimulatedRows => {
  const rows = (side: OrderSide): SimulatedRow[] =>
    market.engine.orders(side).map(({ id, price, size }) => ({
      price: decimalText(price, market.priceScale),
      size: decimalText(size, market.sizeScale),
      id: render.id(id),
    }))
  return { stream: `coinbase:${market.pair}`, bids: rows('buy'), asks: rows('sell') }
}

const bookOf = (feed: CoinbaseFeed): SimulatedBook => {
  const { engine, pair, priceScale } = feed.market
  const { bids, asks } = rowsOf(feed)
  const best = (side: OrderSide): string | undefined => {
    const price = engine.best(side)
    return price === undefined ? undefined : decimalText(price, priceScale)
  }
  return {
    stream: `coinbase:${pair}`,
    sequence: engine.lastNumber,
    bids: engine.orderCount('buy'),
    asks: engine.orderCount('sell'),
    bestBid: best('buy'),
    bestAsk: best('sell'),
    digest: digestOrderRows(bids, asks),
  }
}

const feedsOf = (options: CoinbaseServerOptions): ReadonlyMap<string, CoinbaseFeed> => {
  const varies = options.quirks !== undefined
  const restBooks = options.restBooks ?? (varies ? 'mixed' : 'current')
  return new Map(
    options.markets.map((market) => [
      market.pair,
      new CoinbaseFeed(market, options.now, { varies, restBooks }),
    ]),
  )
}

/** What happens by the clock; ends with the returned call. */
const startClocks = (hall: CoinbaseHall, feeds: ReadonlyMap<string, CoinbaseFeed>): (() => void) => {
  let beats = 0
  const heartbeats = setInterval(() => {
    for (const feed of feeds.values()) feed.beat()
    if (++beats % STATUS_BEATS === 0) hall.tellStatus()
    hall.isBehind()
  }, HEARTBEAT_INTERVAL)
  const batches = setInterval(() => {
    for (const feed of feeds.values()) feed.flush()
  }, BATCH_INTERVAL)
  return () => {
    clearInterval(heartbeats)
    clearInterval(batches)
  }
}

/** Rejects with the system's error when the port cannot be opened. */
export const startCoinbase = async (options: CoinbaseServerOptions): Promise<SimulatedVenue> => {
  const feeds = feedsOf(options)
  const credentials = options.credentials ?? TEST_CREDENTIALS
  const limits: CoinbaseLimits | undefined = options.limits === true ? newCoinbaseLimits() : undefined
  const subscribeWithin = options.subscribeWithin ?? SUBSCRIBE_WITHIN
  const hall = new CoinbaseHall({ feeds, credentials, limits, subscribeWithin, quirks: options.quirks })
  const unixSeconds = (): number => Date.now() / 1000
  const rest = { feeds, credentials, now: options.now, unixSeconds, limits }
  const listener = await openListener({
    port: options.port,
    guard: options.guard,
    compression: options.compression ?? false,
    client: (connection) => hall.welcome(connection),
    refuse: (address) => (limits?.connects.take(address, performance.now()) === false ? 429 : undefined),
    request: (request, response) => {
      if (options.intercept(request, response)) return
      answerCoinbase(request, response, rest).catch(() => answerJson(response, 500, '{"message":"Internal"}'))
    },
  })
  const stopClocks = startClocks(hall, feeds)
  return {
    ws: listener.ws,
    rest: listener.rest,
    hasReaders: () => hall.hasReaders(),
    isBehind: () => hall.isBehind(),
    flush: () => {
      for (const feed of feeds.values()) feed.flush()
    },
    books: () => Array.from(feeds.values(), bookOf),
    rows: () => Array.from(feeds.values(), rowsOf),
    stop: async () => {
      stopClocks()
      await listener.close()
    },
  }
}
