/** Serves stored streams as their venues, each venue on a loopback port of its own. */
import {
  CaptureProblem,
  EntryCursor,
  type EventStore,
  type ReplayRange,
  type StreamId,
  type Venue,
} from '../../src/index.ts'
import { type LinksOptions, openLinks } from '../faults/links.ts'
import { startBitfinexPlayback } from './bitfinex-playback.ts'
import { bitfinexTradesOf } from './bitfinex-recorded-trades.ts'
import { BitfinexStoredRest } from './bitfinex-stored-rest.ts'
import { BitfinexSurvey } from './bitfinex-survey.ts'
import { startCoinbasePlayback } from './coinbase-playback.ts'
import { coinbaseTradesOf } from './coinbase-recorded-trades.ts'
import { CoinbaseStoredRest } from './coinbase-stored-rest.ts'
import { CoinbaseSurvey } from './coinbase-survey.ts'
import type { PlaybackServer, PlaybackServerOptions } from './open-playback.ts'
import { PlayControl, type Speed } from './play-control.ts'
import { PlayStage } from './play-stage.ts'
import { PlaybackProblem } from './playback-problem.ts'
import { StoredSource } from './stored-source.ts'
import { StoredVenue } from './stored-venue.ts'
import { TradeHistory } from './trade-history.ts'

export interface ServeOptions {
  /** Stays the caller's to close. */
  readonly store: EventStore
  /** In the order in which entries of one microsecond are played. */
  readonly streams: readonly { readonly stream: StreamId; readonly venue: Venue }[]
  readonly range: ReplayRange
  readonly speed: Speed
  /** Port of the first venue, the next one has the next; 0 takes free ones. */
  readonly port: number
  /** Whether the addresses under /simulator/ are answered. */
  readonly control: boolean
  /** Faults and logs on the way to the clients. */
  readonly links?: LinksOptions
  /** By the wall clock, a client that has too much to read for so many milliseconds is cut; 30 s when left out. */
  readonly patience?: number
}

export interface Serving {
  /** By venue. */
  readonly endpoints: Readonly<Record<string, { readonly ws: string; readonly rest: string }>>
  readonly stage: PlayStage
  /** Clients and plays of all venues. */
  readonly activity: () => readonly ReturnType<PlaybackServer['activity']>[]
  /** What broke while it was served, in a sentence. */
  readonly problem: () => string | undefined
  /** Cuts every client and closes the ports. */
  readonly stop: () => Promise<void>
}

/** The venues whose streams can be served. */
const VENUES = ['coinbase', 'bitfinex'] as const

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** When the first entry that is played was received. */
const startTimeOf = async (sources: readonly StoredSource[]): Promise<number> => {
  let earliest = Infinity
  for (const source of sources) {
    for await (const records of source.batches(source.before)) {
      const cursor = new EntryCursor(records)
      if (cursor.next()) earliest = Math.min(earliest, cursor.receiveTime)
      break
    }
  }
  return earliest - 1
}

type Common = Omit<PlaybackServerOptions, 'answer' | 'origin' | 'trades'>

const startVenue = async (venue: StoredVenue, options: Common): Promise<PlaybackServer> => {
  const { stage } = options
  if (venue.venue === 'coinbase') {
    const survey = await CoinbaseSurvey.ofStored(venue)
    const trades = new TradeHistory(venue, stage, coinbaseTradesOf)
    const rest = new CoinbaseStoredRest(venue, survey, stage, trades)
    const answer = (target: string): ReturnType<typeof rest.answer> => rest.answer(target)
    return await startCoinbasePlayback(survey, { ...options, origin: venue, trades, answer })
  }
  const survey = await BitfinexSurvey.ofStored(venue)
  const trades = new TradeHistory(venue, stage, bitfinexTradesOf(survey))
  const rest = new BitfinexStoredRest(venue, stage, trades)
  const answer = (target: string): ReturnType<typeof rest.answer> => rest.answer(target)
  return await startBitfinexPlayback(survey, { ...options, origin: venue, trades, answer })
}

/**
 * Rejects with PlaybackProblem, one sentence for the user, when a stream or range cannot be served, with the system's
 * error when a port cannot be opened; nothing is left open then.
 */
export const startServe = async (options: ServeOptions): Promise<Serving> => {
  const { store, streams, range, speed, control, patience } = options
  const sources: StoredSource[] = []
  for (const { stream, venue } of streams) {
    if (!VENUES.some((id) => id === venue.id))
      throw new PlaybackProblem(
        `${stream} is of ${venue.name}, which cannot be served; Coinbase and Bitfinex can.`,
      )
    sources.push(await StoredSource.of({ store, stream, venue, range }))
  }
  const stage = new PlayStage(new PlayControl(speed), sources, await startTimeOf(sources))
  const ids = VENUES.filter((id) => sources.some(({ part }) => part.venue.id === id))
  const venues = ids.map((id) => new StoredVenue(id, sources.filter(({ part }) => part.venue.id === id))) // prettier-ignore
  const servers: PlaybackServer[] = []
  let problem: string | undefined
  const stop = async (): Promise<void> => {
    for (const server of servers) await server.stop()
    for (const venue of venues) await venue.close()
    await links.close()
  }
  const links = await openLinks(options.links ?? {})
  const failed = (error: unknown): void => {
    problem ??= error instanceof CaptureProblem ? error.message : `${reasonOf(error)}.`
  }
  try {
    for (const [index, venue] of venues.entries()) {
      const port = options.port === 0 ? 0 : options.port + index
      servers.push(await startVenue(venue, { stage, port, links, control, failed, patience }))
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    endpoints: Object.fromEntries(
      ids.map((id, index) => [id, { ws: servers[index]?.ws ?? '', rest: servers[index]?.rest ?? '' }]),
    ),
    stage,
    activity: () => servers.map((server) => server.activity()),
    problem: () => problem,
    stop,
  }
}
