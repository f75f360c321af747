/** Turns what a user asked `record` for into one configuration per pair, or one sentence that says what is wrong. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'

import { isPair, streamIdOf } from '../../market/instrument.ts'
import type { PairConfig } from '../../recorder/pair-messages.ts'
import type { Sampling } from '../../recorder/sampling/book-sampler.ts'
import type { RecordMode, StreamConfig } from '../../recorder/thread-messages.ts'
import type { Venue } from '../../venues/venue.ts'
import { chooseVenues, readEndpoints, splitSetting, unknownVenue } from '../venue-choice.ts'
import { channelProblem, connectNotices } from './venue-limits.ts'

/** What may be different from pair to pair. Lists hold `name=value`. */
export interface PairWishes {
  /** Short names; empty: all. */
  readonly venues: readonly string[]
  readonly endpoints: readonly string[]
  readonly symbols: readonly string[]
  readonly feeds: readonly string[]
}

/** What a user asks for: texts as typed. */
export interface RecordRequest extends PairWishes {
  readonly pairs: readonly string[]
  /** What is wished for single pairs, in front of the wishes for all. */
  readonly own?: ReadonlyMap<string, Partial<PairWishes>> | undefined
  readonly mode: string
  /** Microseconds; undefined: not said. */
  readonly interval?: number | undefined
  /** As typed; undefined: not said. */
  readonly depth?: string | undefined
  readonly store: string
  /** Redundant connections of each stream. */
  readonly connections: number
  /** Milliseconds after which a connection is renewed, the new one up first; 0: never; undefined: the usual. */
  readonly renewAfter?: number | undefined
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
const symbolFor = (venue: Venue, pair: string, given: readonly string[], isForThis: boolean): string =>
  given.find((symbol) => venue.pairOf(symbol) === pair) ??
  (isForThis ? given[0] : undefined) ??
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

const MODES: readonly string[] = ['full', 'light', 'snapshot'] satisfies RecordMode[]
const isMode = (mode: string): mode is RecordMode => MODES.includes(mode)

const USUAL_INTERVAL = 1_000_000
const LEAST_INTERVAL = 100_000
const LONGEST_INTERVAL = 3_600_000_000
const USUAL_DEPTH = '10'
const MOST_DEPTH = 1000

interface ModeChoice {
  readonly mode: RecordMode
  readonly sampling: Sampling | undefined
}

const chooseMode = ({ mode, interval, depth }: RecordRequest): Either<string, ModeChoice> => {
  if (!isMode(mode)) return left(`There is no mode "${mode}": use --mode ${MODES.join(', ')}.`)
  if (mode !== 'snapshot') {
    const option = interval !== undefined ? '--interval' : depth !== undefined ? '--depth' : undefined
    if (option === undefined) return right({ mode, sampling: undefined })
    return left(`${option} is for --mode snapshot: mode ${mode} keeps every frame.`)
  }
  const every = interval ?? USUAL_INTERVAL
  if (every < LEAST_INTERVAL || every > LONGEST_INTERVAL)
    return left('--interval is between 100ms and 1h: books are sampled that often.')
  const levels = depth ?? USUAL_DEPTH
  if (!/^[0-9]{1,4}$/.test(levels) || Number(levels) < 1 || Number(levels) > MOST_DEPTH)
    return left(`--depth "${levels}" must be a number of levels between 1 and ${String(MOST_DEPTH)}.`)
  return right({ mode, sampling: { interval: every, depth: Number(levels) } })
}

/** Venues cut old connections at times of their own: none named an age, and those that do name a day. */
const RENEW_AFTER = 43_200_000
/** A connection is two for a while each time. */
const LEAST_RENEWAL = 60_000
/** The longest that a timer can wait. */
const MOST_RENEWAL = 1_728_000_000

const renewalProblem = ({ renewAfter = RENEW_AFTER }: RecordRequest): string | undefined =>
  renewAfter === 0 || (renewAfter >= LEAST_RENEWAL && renewAfter <= MOST_RENEWAL)
    ? undefined
    : '--renew-after is between 1m and 20d, or "never".'

/** More would only cost. */
const MOST_CONNECTIONS = 4

const connectionsProblem = (connections: number): string | undefined =>
  Number.isInteger(connections) && connections >= 1 && connections <= MOST_CONNECTIONS
    ? undefined
    : `--connections is a number from 1 to ${String(MOST_CONNECTIONS)}.`

/** Elsewhere nobody would see that a stream of a store on this machine is owned, nor what was left of it. */
export const spoolProblem = (spool: string | undefined, isStoreRemote: boolean): string | undefined =>
  spool === undefined || isStoreRemote
    ? undefined
    : '--spool is for a store on a server: one on this machine keeps its journal in its own folder, so leave --spool out.'

const sharingProblem = ({
  spool,
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
  return spoolProblem(spool, isStoreRemote)
}

/** The wishes for one pair: its own ones, and those for all pairs where it has none of that venue. */
const wishesFor = ({ own, venues, endpoints, symbols, feeds }: RecordRequest, pair: string): PairWishes => {
  const wishes = own?.get(pair)
  const nameOf = (setting: string): string => setting.slice(0, setting.indexOf('='))
  const join = (mine: readonly string[] = [], all: readonly string[]): readonly string[] => [
    ...mine,
    ...all.filter((setting) => !mine.some((other) => nameOf(other) === nameOf(setting))),
  ]
  return {
    venues: wishes?.venues ?? venues,
    endpoints: join(wishes?.endpoints, endpoints),
    symbols: join(wishes?.symbols, symbols),
    feeds: join(wishes?.feeds, feeds),
  }
}

/** The streams of one pair. */
const planStreams = (
  pair: string,
  request: RecordRequest,
  chosen: ModeChoice,
  known: readonly Venue[],
  environment: Environment,
): Either<string, { readonly streams: readonly StreamConfig[]; readonly notices: readonly string[] }> => {
  const wishes = wishesFor(request, pair)
  const venues = chooseVenues(wishes.venues, known)
  if (isLeft(venues)) return venues
  const endpoints = readEndpoints(wishes.endpoints, known)
  if (isLeft(endpoints)) return endpoints
  const symbols = readByVenue('symbol', wishes.symbols, known)
  if (isLeft(symbols)) return symbols
  const wantedFeeds = readByVenue('feed', wishes.feeds, known)
  if (isLeft(wantedFeeds)) return wantedFeeds
  const feeds = chooseFeeds(venues.right, wantedFeeds.right, environment)
  if (isLeft(feeds)) return feeds
  const pairs = new Set(request.pairs).size
  const ownSymbols = request.own?.get(pair)?.symbols ?? []
  const isForThis = (venue: Venue): boolean =>
    pairs === 1 || ownSymbols.some((symbol) => symbol.startsWith(`${venue.id}=`))
  const streamOf = (venue: Venue): StreamConfig => ({
    stream: streamIdOf(venue.id, pair),
    venue: venue.id,
    pair,
    symbol: symbolFor(venue, pair, symbols.right.get(venue.id) ?? [], isForThis(venue)),
    feed: feeds.right.feeds.get(venue.id) ?? '',
    endpoints: endpoints.right.get(venue.id) ?? venue.endpoints,
    connectLimit: venue.connectLimit,
    requestLimit: venue.requestLimit,
    connections: request.connections,
    renewAfter: request.renewAfter ?? RENEW_AFTER,
    ...chosen,
  })
  const streams: StreamConfig[] = []
  for (const venue of venues.right) {
    const stream = streamOf(venue)
    const problem = channelProblem(venue, stream)
    if (problem !== undefined) return left(problem)
    streams.push(stream)
  }
  return right({ streams, notices: feeds.right.notices })
}

/** All of them in one process, under a name that stays when pairs come and go. */
const inOneProcess = (configs: readonly PairConfig[]): PairConfig => {
  const [first] = configs
  if (first === undefined) throw new Error('there is no pair')
  return { ...first, pair: 'all pairs', streams: configs.flatMap(({ streams }) => streams) }
}

/** Checks a request; Left: one sentence. Nothing is opened or asked for yet. */
export const planRecording = (
  request: RecordRequest,
  known: readonly Venue[],
  environment: Environment,
  software: string,
): Either<string, RecordPlan> => {
  const chosen = chooseMode(request)
  if (isLeft(chosen)) return chosen
  const problem =
    connectionsProblem(request.connections) ?? sharingProblem(request) ?? renewalProblem(request)
  if (problem !== undefined) return left(problem)
  const pairs = [...new Set(request.pairs)]
  if (pairs.length === 0) return left('Say which pair to record, as in "bookreel record BTC-USD".')
  for (const pair of pairs) {
    const wrong = pairProblem(pair)
    if (wrong !== undefined) return left(wrong)
  }
  const { store, durability, spool, spoolLimit, isStoreRemote, standsBy, takesOver } = request
  const shared = { store, durability, spool, spoolLimit, isStoreRemote, standsBy, takesOver, software }
  const patience = request.patience ?? PATIENCE
  const { mode } = chosen.right
  const configs: PairConfig[] = []
  const notices = new Set<string>()
  for (const pair of pairs) {
    const planned = planStreams(pair, request, chosen.right, known, environment)
    if (isLeft(planned)) return planned
    configs.push({ ...shared, pair, mode, patience, streams: planned.right.streams })
    for (const notice of planned.right.notices) notices.add(notice)
  }
  const streams = configs.flatMap((config) => config.streams)
  for (const notice of connectNotices(streams, known)) notices.add(notice)
  return right({ pairs: mode === 'light' ? [inOneProcess(configs)] : configs, notices: [...notices] })
}
