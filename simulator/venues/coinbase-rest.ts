/** Coinbase's REST answers: products, books, trades, time. Signatures are checked where they are sent. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { decimalText } from '../../src/index.ts'
import type { OrderSide } from '../engine/engine-event.ts'
import { type CoinbaseCredentials, signatureFault } from './coinbase-auth.ts'
import type { CoinbaseFeed } from './coinbase-feed.ts'
import { answerJson } from './listener.ts'

export interface CoinbaseRestOptions {
  /** By product id. */
  readonly feeds: ReadonlyMap<string, CoinbaseFeed>
  readonly credentials: CoinbaseCredentials
  /** The venue's time, microseconds. */
  readonly now: () => number
  /** The wall clock, for signatures. */
  readonly unixSeconds: () => number
}

type Reply = readonly [status: number, text: string]

const fault = (status: number, message: string): Reply => [status, JSON.stringify({ message })]

const productFields = ({ market }: CoinbaseFeed): Readonly<Record<string, unknown>> => {
  const [base = '', quote = ''] = market.pair.split('-')
  return {
    id: market.pair,
    base_currency: base,
    quote_currency: quote,
    quote_increment: decimalText(1, market.priceScale),
    base_increment: decimalText(1, market.sizeScale),
    display_name: `${base}/${quote}`,
    min_market_funds: '1',
    margin_enabled: false,
    post_only: false,
    limit_only: false,
    cancel_only: false,
    status: 'online',
    status_message: '',
    trading_disabled: false,
    fx_stablecoin: false,
    auction_mode: false,
  }
}

/** Every order, best price first, queue order inside a price: one state, that after `sequence`. */
const bookByOrder = ({ market, render }: CoinbaseFeed, now: number): string => {
  const { engine } = market
  const rows = (side: OrderSide): string => {
    const texts = engine.orders(side)
    return texts
      .map(({ price, size, id }) => `["${render.price(price)}","${render.size(size)}","${render.id(id)}"]`)
      .join(',')
  }
  const books = `"bids":[${rows('buy')}],"asks":[${rows('sell')}]`
  return `{"sequence":${String(engine.lastNumber)},${books},"auction_mode":false,"auction":null,"time":"${render.time(now)}"}`
}

const bookByLevel = ({ market, render }: CoinbaseFeed, depth: number, now: number): string => {
  const { engine } = market
  const rows = (side: OrderSide): string => {
    const levels = engine.levels(side, depth)
    return levels
      .map(({ price, size, orders }) => `["${render.price(price)}","${render.size(size)}",${String(orders)}]`)
      .join(',')
  }
  const books = `"bids":[${rows('buy')}],"asks":[${rows('sell')}]`
  return `{"sequence":${String(engine.lastNumber)},${books},"auction_mode":false,"auction":null,"time":"${render.time(now)}"}`
}

const bookReply = (feed: CoinbaseFeed, level: string | null, now: number): Reply => {
  if (level === '3') return [200, bookByOrder(feed, now)]
  if (level === '2') return [200, bookByLevel(feed, Infinity, now)]
  return level === null || level === '1' ? [200, bookByLevel(feed, 1, now)] : fault(400, 'Invalid level')
}

const signed = (request: IncomingMessage, options: CoinbaseRestOptions): Reply | undefined => {
  const { headers } = request
  if (headers['cb-access-key'] === undefined) return undefined
  const given = {
    key: headers['cb-access-key'],
    passphrase: headers['cb-access-passphrase'],
    timestamp: headers['cb-access-timestamp'],
    signature: headers['cb-access-sign'],
  }
  const said = `${request.method ?? ''}${request.url ?? ''}`
  const wrong = signatureFault(given, options.credentials, said, options.unixSeconds())
  return wrong === undefined ? undefined : fault(401, wrong)
}

const replyTo = (request: IncomingMessage, options: CoinbaseRestOptions): Reply => {
  if (request.headers['user-agent'] === undefined) return fault(400, 'User-Agent header is required.')
  if (request.method !== 'GET') return fault(405, 'Method not allowed')
  const refused = signed(request, options)
  if (refused !== undefined) return refused
  const [path = '', query = ''] = (request.url ?? '/').split('?')
  const [root, product, part, ...more] = path.split('/').slice(1)
  const now = options.now()
  if (root === 'time' && product === undefined) {
    const iso = new Date(Math.floor(now / 1000)).toISOString()
    return [200, JSON.stringify({ iso, epoch: Math.floor(now / 1000) / 1000 })]
  }
  if (root !== 'products' || more.length > 0) return fault(404, 'NotFound')
  if (product === undefined) return [200, JSON.stringify([...options.feeds.values()].map(productFields))]
  const feed = options.feeds.get(product)
  if (feed === undefined) return fault(404, 'NotFound')
  if (part === undefined) return [200, JSON.stringify(productFields(feed))]
  if (part === 'book') return bookReply(feed, new URLSearchParams(query).get('level'), now)
  return part === 'trades' ? [200, feed.trades.list()] : fault(404, 'NotFound')
}

export const answerCoinbase = (
  request: IncomingMessage,
  response: ServerResponse,
  options: CoinbaseRestOptions,
): void => {
  const [status, text] = replyTo(request, options)
  answerJson(response, status, text)
}
