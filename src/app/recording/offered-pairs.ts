/** Asks venues for the pairs they offer. */
import { Buffer } from 'node:buffer'

import { type Either, left, right } from 'fp-ts/lib/Either.js'

import { decodeJson } from '../../log/payloads.ts'
import { type GetRest, getRest } from '../../transport/rest.ts'
import type { OfferedPair, Venue } from '../../venues/venue.ts'

const TIMEOUT = 20_000
const LONGEST_QUOTE = 200

const quoted = (body: Uint8Array): string => {
  const text = Buffer.from(body).toString('utf8').replace(/\s+/g, ' ').trim()
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text
}

/** The pairs of one venue, in the order of their names; Left: one sentence why there are none. `rest`: its endpoint. */
export const offeredPairs = async (
  { name, pairList, requestHeaders }: Venue,
  rest: string,
  signal: AbortSignal,
  get: GetRest = getRest,
): Promise<Either<string, readonly OfferedPair[]>> => {
  const { path, read } = pairList
  // Public lists need no credentials: none are sent.
  const session = { symbol: '', feed: '', credentials: undefined, unixSeconds: 0 }
  const headers = requestHeaders(path, session)
  const url = `${rest}${path}`
  const { status, body } = await get({ url, headers, timeout: TIMEOUT, signal })
  if (status === 0) return left(`${name} does not answer at ${url}: ${quoted(body)}.`)
  if (status !== 200) return left(`${name} answers ${String(status)} at ${url}: ${quoted(body)}.`)
  const value = decodeJson(body)
  if (value === undefined) return left(`${name} answers no JSON at ${url}: ${quoted(body)}.`)
  const pairs = read(value)
  if (pairs === undefined) return left(`${name} answers no list of pairs at ${url}: ${quoted(body)}.`)
  return right([...pairs].sort((a, b) => (a.pair < b.pair ? -1 : a.pair > b.pair ? 1 : 0)))
}
