/**
 * A simulated Coinbase Exchange on one loopback port: websocket feed and REST over generated flow. Owns the clients and
 * the heartbeats; the flow itself is the caller's.
 */
import { decimalText, digestOrderRows } from '../../src/index.ts'
import type { OrderSide } from '../engine/engine-event.ts'
import { type CoinbaseCredentials, TEST_CREDENTIALS } from './coinbase-auth.ts'
import { CoinbaseSubscriptions } from './coinbase-channels.ts'
import { CoinbaseClient } from './coinbase-client.ts'
import { CoinbaseFeed } from './coinbase-feed.ts'
import { answerCoinbase } from './coinbase-rest.ts'
import { type ClientConnection, openListener } from './listener.ts'
import type { SimulatedBook, SimulatedVenue, SimulatedVenueOptions } from './simulated-venue.ts'

export interface CoinbaseServerOptions extends SimulatedVenueOptions {
  /** What clients must sign with; the test credentials when left out. */
  readonly credentials?: CoinbaseCredentials
  /** Milliseconds a client has for its first subscribe; 5,000 when left out. */
  readonly subscribeWithin?: number
  /**
   * Whether permessage-deflate is agreed to when a client offers it, as the venue does. Off when left out: it costs the
   * server more than all the rest.
   */
  readonly compression?: boolean
}

const HEARTBEAT_INTERVAL = 1000
const BATCH_INTERVAL = 50
const SUBSCRIBE_WITHIN = 5000

class CoinbaseServer {
  readonly feeds: ReadonlyMap<string, CoinbaseFeed>
  private readonly options: CoinbaseServerOptions
  private readonly credentials: CoinbaseCredentials
  private clients: readonly CoinbaseClient[] = []

  constructor(options: CoinbaseServerOptions) {
    this.options = options
    this.credentials = options.credentials ?? TEST_CREDENTIALS
    this.feeds = new Map(
      options.markets.map((market) => [market.pair, new CoinbaseFeed(market, options.now)]),
    )
  }

  welcome(connection: ClientConnection): void {
    const { socket } = connection
    const subscriptions = new CoinbaseSubscriptions(new Set(this.feeds.keys()), this.credentials)
    const client = new CoinbaseClient(connection, subscriptions)
    this.clients = [...this.clients, client]
    const within = this.options.subscribeWithin ?? SUBSCRIBE_WITHIN
    const patience = setTimeout(() => {
      if (subscriptions.isEmpty) client.close()
    }, within)
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.take(client, Buffer.isBuffer(data) ? data.toString('utf8') : '')
    })
    socket.on('close', () => {
      clearTimeout(patience)
      this.clients = this.clients.filter((other) => other !== client)
      this.regroup()
    })
  }

  heartbeat(): void {
    for (const feed of this.feeds.values()) feed.heartbeat()
  }

  flush(): void {
    for (const feed of this.feeds.values()) feed.flush()
  }

  hasReaders(): boolean {
    return this.clients.some(({ subscriptions }) => !subscriptions.isEmpty)
  }

  isBehind(): boolean {
    const now = performance.now()
    // Every client is asked: each keeps its own patience.
    return this.clients.filter((client) => !client.subscriptions.isEmpty && client.isBehind(now)).length > 0
  }

  books(): SimulatedBook[] {
    return [...this.feeds.values()].map(bookOf)
  }

  private take(client: CoinbaseClient, text: string): void {
    const answer = client.subscriptions.take(text, Date.now() / 1000)
    client.send(answer.text)
    this.regroup()
    for (const subscription of answer.added) {
      if (subscription.channel === 'status') client.send(this.status())
      else this.feeds.get(subscription.product)?.start(client, subscription)
    }
  }

  private regroup(): void {
    for (const feed of this.feeds.values()) feed.regroup(this.clients)
  }

  private status(): string {
    const products = Array.from(this.feeds.keys(), (id) => ({ id, status: 'online', status_message: '' }))
    return JSON.stringify({ type: 'status', products, currencies: [] })
  }
}

const bookOf = ({ market, render }: CoinbaseFeed): SimulatedBook => {
  const { engine, pair, priceScale } = market
  const rows = (side: OrderSide): { price: string; size: string; id: string }[] =>
    engine.orders(side).map(({ id, price, size }) => ({
      price: render.price(price),
      size: render.size(size),
      id: render.id(id),
    }))
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
    digest: digestOrderRows(rows('buy'), rows('sell')),
  }
}

/** Rejects with the system's error when the port cannot be opened. */
export const startCoinbase = async (options: CoinbaseServerOptions): Promise<SimulatedVenue> => {
  const server = new CoinbaseServer(options)
  const rest = {
    feeds: server.feeds,
    credentials: options.credentials ?? TEST_CREDENTIALS,
    now: options.now,
    unixSeconds: (): number => Date.now() / 1000,
  }
  const listener = await openListener({
    port: options.port,
    compression: options.compression ?? false,
    client: (connection) => server.welcome(connection),
    request: (request, response) => {
      if (!options.intercept(request, response)) answerCoinbase(request, response, rest)
    },
  })
  const heartbeats = setInterval(() => server.heartbeat(), HEARTBEAT_INTERVAL)
  const batches = setInterval(() => server.flush(), BATCH_INTERVAL)
  return {
    ws: listener.ws,
    rest: listener.rest,
    hasReaders: () => server.hasReaders(),
    isBehind: () => server.isBehind(),
    flush: () => server.flush(),
    books: () => server.books(),
    stop: async () => {
      clearInterval(heartbeats)
      clearInterval(batches)
      await listener.close()
    },
  }
}
