/** Coinbase channels: subscribe frames, and which kind of book a list of channels carries. Owns their aliases. */
import * as t from 'io-ts'

import type { OutgoingFrame, SessionContext } from '../venue.ts'
import { FEED_SIGNATURE_PATH, signatureOf } from './signature.ts'

/** What a stream's frames make: a book by orders (`full`, `level3`) or by levels (`level2…`). */
export type BookFamily = 'orders' | 'levels'

/** The variables that hold credentials, by Coinbase's own names. */
export const CREDENTIALS = {
  key: 'COINBASE_API_KEY',
  secret: 'COINBASE_API_SECRET',
  passphrase: 'COINBASE_API_PASSPHRASE',
} as const

/** Renamed channels are acknowledged under their other name. */
const FAMILIES = new Map<string, BookFamily>([
  ['full', 'orders'],
  ['level3', 'orders'],
  ['level2', 'levels'],
  ['level2_batch', 'levels'],
  ['level2_50', 'levels'],
])

/** Undefined for channels that make no book. */
export const familyOfChannel = (channel: string): BookFamily | undefined => FAMILIES.get(channel)

/** Feeds that Coinbase gives to signed subscriptions only. */
export const needsCredentials = (feed: string): boolean => familyOfChannel(feed) === 'orders'

/** The one subscribe frame of a stream; signed where the feed asks for it and there are credentials. */
export const subscribeFrame = (session: SessionContext): OutgoingFrame => {
  const { symbol, feed, credentials, unixSeconds } = session
  // On full and level3 the trades are part of the feed.
  const channels = needsCredentials(feed) ? [feed, 'heartbeat'] : [feed, 'matches', 'heartbeat']
  const request = { type: 'subscribe', product_ids: [symbol], channels }
  const secret = credentials?.[CREDENTIALS.secret]
  if (secret === undefined || !needsCredentials(feed)) {
    const text = JSON.stringify(request)
    return { text, stored: text }
  }
  const signature = signatureOf(secret, unixSeconds, 'GET', FEED_SIGNATURE_PATH)
  const key = credentials?.[CREDENTIALS.key]
  const passphrase = credentials?.[CREDENTIALS.passphrase]
  const timestamp = String(unixSeconds)
  return {
    text: JSON.stringify({ ...request, signature, key, passphrase, timestamp }),
    stored: JSON.stringify({ ...request, signature: '***', key: '***', passphrase: '***', timestamp }),
  }
}

const ChannelList = t.type(
  {
    channels: t.array(
      t.union([
        t.string,
        t.intersection([t.type({ name: t.string }), t.partial({ product_ids: t.array(t.string) })]),
      ]),
    ),
  },
  'ChannelList',
)
const Products = t.type({ product_ids: t.array(t.string) }, 'Products')

/** What a subscribe frame or its acknowledgement tells of a stream whose manifest leaves it open. */
export interface SubscribedBooks {
  /** Products named, in the order they stand there. */
  readonly products: readonly string[]
  /** The book of the product asked for; by orders where both kinds are subscribed. */
  readonly family: BookFamily | undefined
}

/** Reads a `subscribe` or `subscriptions` message; undefined when it is neither. */
export const readChannels = (message: unknown, product: string | undefined): SubscribedBooks | undefined => {
  if (!ChannelList.is(message)) return undefined
  const rootProducts = Products.is(message) ? message.product_ids : []
  const products = [...rootProducts]
  let family: BookFamily | undefined
  for (const channel of message.channels) {
    const name = typeof channel === 'string' ? channel : channel.name
    const own = typeof channel === 'string' ? [] : (channel.product_ids ?? [])
    for (const other of own) if (!products.includes(other)) products.push(other)
    const isOurs = product === undefined || own.includes(product) || rootProducts.includes(product)
    const found = familyOfChannel(name)
    if (isOurs && found !== undefined && family !== 'orders') family = found
  }
  return { products, family }
}
