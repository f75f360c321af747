/** Opens the store a command names and finds the streams it asks for; turns every trouble into one sentence. */
import { isLeft } from 'fp-ts/lib/Either.js'

import {
  type OpenMode,
  openStore,
  remoteStoreName,
  storeUrlProblem,
  venueById,
  venues,
} from '../app/production.ts'
import { spoolProblem } from '../app/recording/record-plan.ts'
import { describeStoreError, type EventStore, type StoreError, StoreFailure } from '../log/event-store.ts'
import { archiveNamed, splitArchive, splitStreamId, type StreamId, streamIdOf } from '../market/instrument.ts'
import type { Venue } from '../venues/venue.ts'
import { Problem, usageProblem } from './problem.ts'

/**
 * The venue of a stream's name, and the name in canonical spelling (`bitfinex:tBTCUSD` is `bitfinex:BTC-USD`); also of an
 * archive of it (`bitfinex:BTC-USD@3`).
 */
export const streamNamed = (text: string): { readonly stream: StreamId; readonly venue: Venue } => {
  const parts = splitStreamId(text)
  if (parts === undefined)
    throw usageProblem(`"${text}" is no stream: write VENUE:PAIR, such as coinbase:BTC-USD.`)
  const venue = venueById(parts.venue)
  if (venue === undefined) {
    const known = venues.map(({ id }) => id).join(', ')
    throw usageProblem(`Unknown venue "${parts.venue}" in "${text}": this version knows ${known}.`)
  }
  const archive = splitArchive(parts.pair)
  const pair = venue.pairOf(archive?.name ?? parts.pair)
  if (pair === undefined)
    throw usageProblem(`"${parts.pair}" is no pair of ${venue.name}: write BASE-QUOTE, such as BTC-USD.`)
  const stream = streamIdOf(venue.id, pair)
  return { stream: archive === undefined ? stream : archiveNamed(stream, archive.epoch), venue }
}

/** Refuses a store of no known kind, and one that would not outlive the command that writes into it. */
export const checkIsKept = (url: string): void => {
  const problem = storeUrlProblem(url)
  if (problem !== undefined) throw usageProblem(problem)
  if (url.startsWith('memory:'))
    throw usageProblem(
      'A store in memory: would be gone with this command: name a folder, as in --store file:DIR.',
    )
}

/** Refuses a `--spool` beside a store that has its journal in its own folder. */
export const checkSpool = (url: string, spool: string | undefined): void => {
  const problem = spoolProblem(spool, remoteStoreName(url) !== undefined)
  if (problem !== undefined) throw usageProblem(problem)
}

/** A store's failure in sentences for people: what is wrong, and what to do where something can be done. */
export const storeText = (error: StoreError): string => {
  const text = describeStoreError(error)
  return error.kind === 'damaged'
    ? `${text.replace(/\.$/, '')}. "bookreel verify" says what else is; "bookreel repair" puts it aside, so that the rest can be used.`
    : text
}

/** Throws a store's failure in sentences for people. */
export const storeProblem = (error: unknown): never => {
  throw error instanceof StoreFailure ? new Problem(storeText(error.error)) : error
}

/** Opens a store for the time of `use`. */
export const withStoreAt = async <A>(
  url: string,
  mode: OpenMode,
  use: (store: EventStore) => Promise<A>,
): Promise<A> => {
  const opened = await openStore(url, mode)()
  if (isLeft(opened)) throw new Problem(describeStoreError(opened.left))
  try {
    return await use(opened.right)
  } catch (error) {
    return storeProblem(error)
  } finally {
    await opened.right.close()
  }
}

/** The named streams that the store holds, each once, in the order named; all of them when none is named. */
export const streamsOf = async (
  store: EventStore,
  names: readonly string[],
): Promise<readonly { readonly stream: StreamId; readonly venue: Venue }[]> => {
  const held = await store.streams()
  const wanted = new Map(
    (names.length === 0 ? held : names).map((name) => {
      const named = streamNamed(name)
      return [named.stream, named]
    }),
  )
  for (const stream of wanted.keys()) {
    if (held.includes(stream)) continue
    const known = held.length === 0 ? 'it is empty' : `it holds ${held.join(', ')}`
    throw new Problem(`The store has no stream ${stream}: ${known}.`)
  }
  return [...wanted.values()]
}
