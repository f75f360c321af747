/** Coinbase's REST answers: products, books, trades, time. Signatures are checked where they are sent. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { type CoinbaseCredentials, signatureFault } from './coinbase-auth.ts'
import type { CoinbaseFeed } from './coinbase-feed.ts'
import type { CoinbaseLimits } from './coinbase-limits.ts'
import { currencyFields, productFields } from './coinbase-products.ts'
import { answerJson } from './listener.ts'

export interface CoinbaseRestOptions {
  /** By product id. */
  readonly feeds: ReadonlyMap<string, CoinbaseFeed>
  readonly credentials: CoinbaseCredentials
  /** The venue's time, microseconds. */
  readonly now: () => number
  /** The wall clock, for signatures. */
  readonly unixSeconds: () => number
  /** None when left out. */
  readonly limits: CoinbaseLimits | undefined
}

interface Reply {
  readonly status: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Milliseconds after which a body that is ahead of the feed is taken, and for which the feed is held. */
const AHEAD_AFTER = 60
const HELD_FOR = 150

const ok = (text: string, headers = {}): Reply => ({ status: 200, text, headers })

const fault = (status: number, message: string): Reply => ({ status, text: JSON.stringify({ message }) })

const waitFor = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

const bookReply = async (feed: CoinbaseFeed, level: string | null, now: () => number): Promise<Reply> => {
  const { books } = feed
  if (level === null || level === '1') return ok(books.byLevel(1, now()))
  if (level === '2') return ok(books.byLevel(Infinity, now()))
  if (level !== '3') return fault(400, 'Invalid level')
  const timing = books.nextTiming()
  if (timing === 'older') return ok(books.older(now()))
  if (timing === 'newer') {
    feed.hold(HELD_FOR)
    await waitFor(AHEAD_AFTER)
  }
  return ok(books.byOrder(now()))
}

const tradesReply = (feed: CoinbaseFeed, query: URLSearchParams): Reply => {
  const { text, headers } = feed.trades.page(query)
  return ok(text, headers)
}

/** Refuses who asks too often, and whose signature is wrong where one is sent. */
const refusal = (request: IncomingMessage, options: CoinbaseRestOptions): Reply | undefined => {
  const { headers } = request
  const now = performance.now()
  if (headers['cb-access-key'] === undefined) {
    const isGranted = options.limits?.publicRequests.take(request.socket.remoteAddress ?? '', now) ?? true
    return isGranted ? undefined : fault(429, 'Public rate limit exceeded')
  }
  const given = {
    key: headers['cb-access-key'],
    passphrase: headers['cb-access-passphrase'],
    timestamp: headers['cb-access-timestamp'],
    signature: headers['cb-access-sign'],
  }
  const said = `${request.method ?? ''}${request.url ?? ''}`
  const wrong = signatureFault(given, options.credentials, said, options.unixSeconds())
  if (wrong !== undefined) return fault(401, wrong)
  const isGranted = options.limits?.privateRequests.take(options.credentials.key, now) ?? true
  return isGranted ? undefined : fault(429, 'Private rate limit exceeded')
}

const replyTo = (request: IncomingMessage, options: CoinbaseRestOptions): Reply | Promise<Reply> => {
  if (request.headers['user-agent'] === undefined) return fault(400, 'User-Agent header is required.')
  const refused = refusal(request, options)
  if (refused !== undefined) return refused
  if (request.method !== 'GET') return fault(405, 'Method not allowed')
  const [path = '', query = ''] = (request.url ?? '/').split('?')
  const [root, product, part, ...more] = path.split('/').slice(1)
  const markets = Array.from(options.feeds.values(), ({ market }) => market)
  if (root === 'time' && product === undefined) {
    const milliseconds = Math.floor(options.now() / 1000)
    return ok(JSON.stringify({ iso: new Date(milliseconds).toISOString(), epoch: milliseconds / 1000 }))
  }
  if (root === 'currencies' && product === undefined) return ok(JSON.stringify(currencyFields(markets)))
  if (root !== 'products' || more.length > 0) return fault(404, 'NotFound')
  if (product === undefined) return ok(JSON.stringify(markets.map(productFields)))
  const feed = options.feeds.get(product)
  if (feed === undefined) return fault(404, 'NotFound')
  if (part === undefined) return ok(JSON.stringify(productFields(feed.market)))
  if (part === 'book') return bookReply(feed, new URLSearchParams(query).get('level'), options.now)
  return part === 'trades' ? tradesReply(feed, new URLSearchParams(query)) : fault(404, 'NotFound')
}

export const answerCoinbase = async (
  request: IncomingMessage,
  response: ServerResponse,
  options: CoinbaseRestOptions,
): Promise<void> => {
  const { status, text, headers } = await replyTo(request, options)
  answerJson(response, status, text, headers)
}
