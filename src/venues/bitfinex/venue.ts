/** Bitfinex: websocket version 2, public channels. What the recorder needs to know of it; frames are the decoder's. */
import { left, right } from 'fp-ts/lib/Either.js'

import type { OutgoingFrame, SessionContext, Venue } from '../venue.ts'
import { COLUMN_HINTS } from './column-hints.ts'
import { BitfinexDecoder } from './decoder.ts'
import { PAIR_LIST } from './pair-list.ts'
import {
  bookRequestOf,
  confFrame,
  DEFAULT_FEED,
  FEEDS,
  RECORDING_FLAGS,
  subscribeBookFrame,
  subscribeTradesFrame,
} from './requests.ts'
import { pairOf, symbolOf } from './symbols.ts'

const isFeed = (name: string): boolean => FEEDS.some((feed) => feed === name)

const subscriptionsOf = ({
  symbol,
  feed,
}: Pick<SessionContext, 'symbol' | 'feed'>): readonly OutgoingFrame[] => [
  subscribeBookFrame(bookRequestOf(symbol, feed)),
  subscribeTradesFrame(symbol),
]

/** Books by order (R0) or by level (P0 to P4) with trades, numbered and with checksums. No credentials. */
export const bitfinexVenue: Venue = {
  id: 'bitfinex',
  name: 'Bitfinex',
  columnHints: COLUMN_HINTS,
  decoderVersion: 5,
  endpoints: { ws: 'wss://api-pub.bitfinex.com/ws/2', rest: 'https://api-pub.bitfinex.com' },
  feeds: FEEDS,
  credentialVariables: [],
  // Every channel has a heartbeat each 15 s, busy or quiet.
  silenceLimit: 30_000,
  // One more, and the address is blocked for a minute.
  connectLimit: { most: 20, milliseconds: 60_000 },
  // 10 to 90 a minute by endpoint; what is asked for is one list of pairs.
  requestLimit: { most: 30, milliseconds: 60_000 },
  // Its documents say 25 and 30.
  channelLimit: { most: 25, channelsOf: (session) => subscriptionsOf(session).length },
  // The venue does not negotiate it.
  offersCompression: false,
  symbolOf,
  pairOf,
  credentialsFrom: () => right(undefined),
  chooseFeed: (wanted) => {
    const feed = wanted ?? DEFAULT_FEED
    if (isFeed(feed)) return right({ feed, notice: undefined })
    return left(`Bitfinex has no feed ${feed}: it has ${FEEDS.join(', ')}.`)
  },
  // The flags must be in force before the first subscription.
  openingFrames: (session) => [confFrame(RECORDING_FLAGS), ...subscriptionsOf(session)],
  pairList: PAIR_LIST,
  openingRequests: () => [PAIR_LIST.path],
  // The venue counts requests by endpoint, 10 to 90 a minute: room for many pairs.
  productRefresh: { path: () => PAIR_LIST.path, interval: 300_000 },
  requestHeaders: () => ({}),
  newDecoder: () => new BitfinexDecoder(),
}
