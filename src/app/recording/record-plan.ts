/** Turns what a user asked `record` for into one configuration per pair, or one sentence that says what is wrong. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'

import { isPair, streamIdOf } from '../../market/instrument.ts'
import type { PairConfig } from '../../recorder/pair-messages.ts'
import type { StreamConfig } from '../../recorder/thread-messages.ts'
import type { Venue } from '../../venues/venue.ts'
import { chooseVenues, readEndpoints, splitSetting, unknownVenue } from '../venue-choice.ts'

/** What a user asks for: texts as typed. Lists hold `name=value`. */
export interface RecordRequest {
  readonly pairs: readonly string[]
  /** Short names; empty: all. */
  readonly venues: readonly string[]
  readonly mode: string
  readonly store: string
  readonly endpoints: readonly string[]
  readonly symbols: readonly string[]
  readonly feeds: readonly string[]
  /** Redundant connections of each stream. */
  readonly connections: number
  /** Milliseconds. */
  readonly durability: number
  readonly spool: string | undefined
  /** Bytes for each stream. */
  readonly spoolLimit: number
  /** The store is on a server. */
  readonly isStoreRemote: boolean
  readonly standsBy: boolean
  readonly takesOver: boolean
  /** Milliseconds; undefined: the usual. */
  readonly patience: number | undefined
}

export interface RecordPlan {
  readonly pairs: readonly PairConfig[]
  /** Sentences a user must see. */
  readonly notices: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Settings `venue=value` of an option that may be given once for each venue. */
const readByVenue = (
  option: string,
  settings: readonly string[],
  known: readonly Venue[],
): Either<string, ReadonlyMap<string, readonly string[]>> => {
  const values = new Map<string, string[]>()
  for (const setting of settings) {
    const split = splitSetting(setting)
    if (split === undefined)
      return left(`--${option} "${setting}" must look like ${known[0]?.id ?? 'venue'}=value.`)
    if (!known.some(({ id }) => id === split.name)) return left(unknownVenue(split.name, known))
    values.set(split.name, [...(values.get(split.name) ?? []), split.value])
  }
  return right(values)
}

const pairProblem = (pair: string): string | undefined => {
  if (isPair(pair)) return undefined
  const guess = pair.toUpperCase().replace(/[/_]/, '-')
  return `"${pair}" is no pair: write it like ${isPair(guess) ? guess : 'BTC-USD'}.`
}

/** The venue's symbol of a pair: the one given for it, or the venue's usual one. */
const symbolFor = (venue: Venue, pair: string, given: readonly string[], isOnlyPair: boolean): string =>
  given.find((symbol) => venue.pairOf(symbol) === pair) ??
  (isOnlyPair ? given[0] : undefined) ??
  venue.symbolOf(pair)

/** The feed of each venue, and what must be said of it. */
const chooseFeeds = (
  venues: readonly Venue[],
  wanted: ReadonlyMap<string, readonly string[]>,
  environment: Environment,
): Either<string, { readonly feeds: ReadonlyMap<string, string>; readonly notices: readonly string[] }> => {
  const feeds = new Map<string, string>()
  const notices: string[] = []
  for (const venue of venues) {
    const credentials = venue.credentialsFrom(environment)
    if (isLeft(credentials)) return credentials
    const values = wanted.get(venue.id) ?? []
    if (values.length > 1) return left(`--feed names two feeds of ${venue.id}: give one.`)
    const chosen = venue.chooseFeed(values[0], credentials.right)
    if (isLeft(chosen)) return chosen
    feeds.set(venue.id, chosen.right.feed)
    if (chosen.right.notice !== undefined) notices.push(chosen.right.notice)
  }
  return right({ feeds, notices })
}

/** Milliseconds that a recorder must be silent until another takes its streams over. */
const PATIENCE = 15_000
/** Several of a living recorder's signs fall into it. */
const LEAST_PATIENCE = 8_000

const modeProblem = (mode: string): string | undefined => {
  if (mode === 'light' || mode === 'snapshot')
    return `Mode ${mode} is not there yet in this version: record with --mode full.`
  return mode === 'full' ? undefined : `There is no mode "${mode}": this version has --mode full.`
}

/** More would only cost. */
const MOST_CONNECTIONS = 4

const connectionsProblem = (connections: number): string | undefined =>
  Number.isInteger(connections) && connections >= 1 && connections <= MOST_CONNECTIONS
    ? undefined
    : `--connections is a number from 1 to ${String(MOST_CONNECTIONS)}.`

const sharingProblem = ({
  isStoreRemote,
  standsBy,
  takesOver,
  patience,
}: RecordRequest): string | undefined => {
  if (standsBy && takesOver)
    return 'Either --standby or --take-over: one waits for the other recorder to end, one ends it.'
  if (standsBy && !isStoreRemote)
    return '--standby needs a store that two machines share: --store mongodb://HOST/DATABASE.'
  if (patience !== undefined && patience < LEAST_PATIENCE)
    return '--takeover-after is at least 8s: a recorder says every 3 s that it lives.'
  return undefined
}

/** Checks a request; Left: one sentence. Nothing is opened or asked for yet. */
export const planRecording = (
  request: RecordRequest,
  known: readonly Venue[],
  environment: Environment,
  software: string,
): Either<string, RecordPlan> => {
  const problem =
    modeProblem(request.mode) ?? connectionsProblem(request.connections) ?? sharingProblem(request)
  if (problem !== undefined) return left(problem)
  const pairs = [...new Set(request.pairs)]
  if (pairs.length === 0) return left('Say which pair to record, as in "bookreel record BTC-USD".')
  for (const pair of pairs) {
    const wrong = pairProblem(pair)
    if (wrong !== undefined) return left(wrong)
  }
  const venues = chooseVenues(request.venues, known)
  if (isLeft(venues)) return venues
  const endpoints = readEndpoints(request.endpoints, known)
  if (isLeft(endpoints)) return endpoints
  const symbols = readByVenue('symbol', request.symbols, known)
  if (isLeft(symbols)) return symbols
  const wantedFeeds = readByVenue('feed', request.feeds, known)
  if (isLeft(wantedFeeds)) return wantedFeeds
  const feeds = chooseFeeds(venues.right, wantedFeeds.right, environment)
  if (isLeft(feeds)) return feeds
  const streamOf = (venue: Venue, pair: string): StreamConfig => ({
    stream: streamIdOf(venue.id, pair),
    venue: venue.id,
    pair,
    symbol: symbolFor(venue, pair, symbols.right.get(venue.id) ?? [], pairs.length === 1),
    feed: feeds.right.feeds.get(venue.id) ?? '',
    endpoints: endpoints.right.get(venue.id) ?? venue.endpoints,
    // The venue counts connections by address: each pair's process gets its share.
    connections: request.connections,
    connectsPerMinute: Math.max(1, Math.floor(venue.connectsPerMinute / pairs.length)),
  })
  const { store, durability, spool, spoolLimit, isStoreRemote, standsBy, takesOver } = request
  const shared = { store, durability, spool, spoolLimit, isStoreRemote, standsBy, takesOver, software }
  const patience = request.patience ?? PATIENCE
  const configs = pairs.map((pair): PairConfig => {
    const streams = venues.right.map((venue) => streamOf(venue, pair))
    return { ...shared, pair, patience, streams }
  })
  return right({ pairs: configs, notices: feeds.right.notices })
}
