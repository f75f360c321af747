/** Coinbase Exchange as a venue: names, endpoints, credentials, what to ask for. What frames mean is the decoder's. */
import { type Either, left, right } from 'fp-ts/lib/Either.js'

import { isPair } from '../../market/instrument.ts'
import type { Credentials, SessionContext, Venue } from '../venue.ts'
import { CREDENTIALS, needsCredentials, subscribeFrame } from './channels.ts'
import { COLUMN_HINTS } from './column-hints.ts'
import { CoinbaseDecoder } from './decoder.ts'
import { PAIR_LIST } from './pair-list.ts'
import { isSecret, signatureOf } from './signature.ts'

const FEEDS = ['full', 'level3', 'level2_batch'] as const
const KEYLESS_FEED = 'level2_batch'
const VARIABLES: readonly string[] = Object.values(CREDENTIALS)

const credentialsFrom = (
  environment: Readonly<Record<string, string | undefined>>,
): Either<string, Credentials | undefined> => {
  const found: Record<string, string> = {}
  const missing: string[] = []
  for (const name of VARIABLES) {
    const value = environment[name]?.trim() ?? ''
    if (value === '') missing.push(name)
    else found[name] = value
  }
  if (missing.length === VARIABLES.length) return right(undefined)
  if (missing.length > 0)
    return left(`Coinbase credentials are incomplete: ${missing.join(' and ')} must be set too.`)
  if (!isSecret(found[CREDENTIALS.secret] ?? ''))
    return left(`${CREDENTIALS.secret} is not what Coinbase gives out as a secret: it must be base64 text.`)
  return right(found)
}

const chooseFeed = (
  wanted: string | undefined,
  credentials: Credentials | undefined,
): Either<string, { readonly feed: string; readonly notice: string | undefined }> => {
  if (wanted === undefined && credentials === undefined)
    return right({
      feed: KEYLESS_FEED,
      notice:
        `No Coinbase credentials (${VARIABLES.join(', ')}): recording the keyless feed ${KEYLESS_FEED} with ` +
        'matches, a book by price level that the venue gives no means to verify.',
    })
  const feed = wanted ?? FEEDS[0]
  if (!FEEDS.some((known) => known === feed))
    return left(`Coinbase has no feed "${feed}": choose one of ${FEEDS.join(', ')}.`)
  if (needsCredentials(feed) && credentials === undefined)
    return left(
      `The Coinbase feed "${feed}" needs credentials: set ${VARIABLES.join(', ')}, or choose ${KEYLESS_FEED}.`,
    )
  return right({ feed, notice: undefined })
}

const requestHeaders = (path: string, session: SessionContext): Readonly<Record<string, string>> => {
  const { credentials, unixSeconds } = session
  // Coinbase answers 400 to requests without a User-Agent.
  const headers = { 'User-Agent': 'bookreel', Accept: 'application/json' }
  const secret = credentials?.[CREDENTIALS.secret]
  if (secret === undefined) return headers
  return {
    ...headers,
    'CB-ACCESS-KEY': credentials?.[CREDENTIALS.key] ?? '',
    'CB-ACCESS-SIGN': signatureOf(secret, unixSeconds, 'GET', path),
    'CB-ACCESS-TIMESTAMP': String(unixSeconds),
    'CB-ACCESS-PASSPHRASE': credentials?.[CREDENTIALS.passphrase] ?? '',
  }
}

/** Coinbase Exchange: `full` and `level3` with credentials, `level2_batch` without. */
export const coinbaseVenue: Venue = {
  id: 'coinbase',
  name: 'Coinbase',
  columnHints: COLUMN_HINTS,
  decoderVersion: 6,
  endpoints: { ws: 'wss://ws-feed.exchange.coinbase.com', rest: 'https://api.exchange.coinbase.com' },
  feeds: FEEDS,
  credentialVariables: VARIABLES,
  // The heartbeat channel sends a frame every second.
  silenceLimit: 5_000,
  // The documented limit of an address is 8 requests a second.
  connectLimit: { most: 8, milliseconds: 1000 },
  // 10 a second without credentials; other programs of the address want some too.
  requestLimit: { most: 8, milliseconds: 1000 },
  offersCompression: true,
  symbolOf: (pair) => pair,
  pairOf: (symbolOrPair) => (isPair(symbolOrPair) ? symbolOrPair : undefined),
  credentialsFrom,
  chooseFeed,
  openingFrames: (session) => [subscribeFrame(session)],
  pairList: PAIR_LIST,
  openingRequests: () => [PAIR_LIST.path],
  // One product alone is asked for: the list of all is half a megabyte, and so is a message of the status channel.
  productRefresh: { path: ({ symbol }) => `${PAIR_LIST.path}/${symbol}`, interval: 60_000 },
  requestHeaders,
  newDecoder: () => new CoinbaseDecoder(),
}
