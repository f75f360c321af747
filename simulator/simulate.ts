/**
 * Starts simulated venues on loopback with generated flow: an engine of its own for each venue and pair, filled before
 * anybody can look. Owns the composition; pace is the runner's, protocols are the servers'.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { Engine } from './engine/engine.ts'
import { EVENTS_PER_ACTION, OrderFlow } from './engine/order-flow.ts'
import { Rng, seedFor } from './engine/random.ts'
import { FlowRunner, type RunningMarket } from './flow-runner.ts'
import { figuresOf } from './market-figures.ts'
import { startBitfinex } from './venues/bitfinex-server.ts'
import { startCoinbase } from './venues/coinbase-server.ts'
import { answerJson } from './venues/listener.ts'
import type { SimulatedBook, SimulatedMarket, SimulatedVenue } from './venues/simulated-venue.ts'

export { TEST_CREDENTIALS } from './venues/coinbase-auth.ts'

/** Venues that can be simulated. */
export const SIMULATED_VENUES = ['coinbase', 'bitfinex'] as const
export type SimulatedVenueId = (typeof SIMULATED_VENUES)[number]

export interface SimulationOptions {
  /** A whole number: the same gives the same flow. */
  readonly seed: number
  readonly venues: readonly SimulatedVenueId[]
  /** Canonical: `BTC-USD`. */
  readonly pairs: readonly string[]
  /**
   * Engine events a second of each market, about. `max`: as fast as the readers take it; a venue's flow then runs only
   * while somebody is subscribed there.
   */
  readonly rate: number | 'max'
  /** Engine events of each market after which its flow ends; heartbeats go on. Without end when left out. */
  readonly events?: number | undefined
  /** Port of the first venue, the next one has the next; 0 takes free ones, as does leaving it out. */
  readonly port?: number
  /** Orders resting in each book, about; 2,000 when left out. */
  readonly orders?: number
  /** Microseconds since the Unix epoch where the flow's time starts; the wall clock when left out. */
  readonly startTime?: number
  /** Whether `GET /simulator/books` and `POST /simulator/stop-flow` are answered. */
  readonly control?: boolean
}

export interface Simulation {
  /** By venue. */
  readonly endpoints: Readonly<Record<string, { readonly ws: string; readonly rest: string }>>
  /** The engines' own books, as a client that has read everything must see them. */
  readonly books: () => readonly SimulatedBook[]
  /** Ends the flow of every market; what is held back is sent, heartbeats go on. */
  readonly stopFlow: () => void
  /** Resolves when every flow has ended. */
  readonly flowEnded: Promise<void>
  readonly stop: () => Promise<void>
}

interface Venue {
  readonly id: SimulatedVenueId
  readonly served: SimulatedVenue
  readonly markets: readonly RunningMarket[]
}

const DEFAULT_ORDERS = 2000
const MEAN_GAP_AT_MAX = 1000
/** More microseconds than an order takes while a book is filled: the fill ends before the flow's time starts. */
const FILL_GAP = 100

const newMarket = (
  venue: SimulatedVenueId,
  pair: string,
  options: SimulationOptions,
  startTime: number,
): { market: SimulatedMarket; running: RunningMarket } => {
  const seed = seedFor(options.seed, `${venue}:${pair}`)
  const random = new Rng(seed)
  const { priceScale, sizeScale, price, size } = figuresOf(pair)
  const firstNumber = 1 + random.below(1_000_000_000)
  const firstTrade = 1 + random.below(100_000_000)
  const engine = new Engine({ priceScale, sizeScale, firstNumber, firstTrade })
  const meanGap =
    options.rate === 'max' ? MEAN_GAP_AT_MAX : Math.ceil((EVENTS_PER_ACTION * 1e6) / options.rate)
  const orders = options.orders ?? DEFAULT_ORDERS
  const fillTime = startTime - orders * FILL_GAP
  const flow = new OrderFlow({
    engine,
    seed: random.next(),
    startTime: fillTime,
    price,
    size,
    orders,
    meanGap,
  })
  flow.fill()
  const until = options.events === undefined ? Infinity : engine.lastNumber + options.events
  return {
    market: { pair, engine, priceScale, sizeScale, seed: random.next() },
    running: { flow, engine, until },
  }
}

const startVenue = async (
  id: SimulatedVenueId,
  port: number,
  options: SimulationOptions,
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<Venue> => {
  const startTime = options.startTime ?? Date.now() * 1000
  const startWall = performance.now()
  const made = options.pairs.map((pair) => newMarket(id, pair, options, startTime))
  const markets = made.map(({ market }) => market)
  const now = (): number => {
    const wall = startTime + Math.floor((performance.now() - startWall) * 1000)
    return markets.reduce((latest, { engine }) => Math.max(latest, engine.lastTime), wall)
  }
  const start = id === 'coinbase' ? startCoinbase : startBitfinex
  const served = await start({ port, markets, now, intercept })
  return { id, served, markets: made.map(({ running }) => running) }
}

/** Rejects with the system's error when a port cannot be opened; nothing is left open then. */
export const startSimulation = async (options: SimulationOptions): Promise<Simulation> => {
  const venues: Venue[] = []
  const runners: FlowRunner[] = []
  const books = (): SimulatedBook[] => venues.flatMap(({ served }) => served.books())
  const stopFlow = (): void => {
    for (const runner of runners) runner.stop()
  }
  const intercept = options.control === true ? controlOf(books, stopFlow) : (): boolean => false
  const port = options.port ?? 0
  try {
    for (const [index, id] of options.venues.entries())
      venues.push(await startVenue(id, port === 0 ? 0 : port + index, options, intercept))
  } catch (error) {
    for (const { served } of venues) await served.stop()
    throw error
  }
  const endings = venues.map(
    ({ served, markets }) =>
      new Promise<void>((resolve) => {
        const ended = (): void => {
          served.flush()
          resolve()
        }
        const { hasReaders, isBehind } = served
        const pace = options.rate === 'max' ? 'max' : 'wall'
        runners.push(new FlowRunner({ markets, pace, hasReaders, isBehind, ended }))
      }),
  )
  return {
    endpoints: Object.fromEntries(venues.map(({ id, served }) => [id, { ws: served.ws, rest: served.rest }])),
    books,
    stopFlow,
    flowEnded: Promise.all(endings).then(() => undefined),
    stop: async () => {
      stopFlow()
      for (const { served } of venues) await served.stop()
    },
  }
}

/** The test bench's own two addresses, beside the venue's. */
const controlOf =
  (books: () => readonly SimulatedBook[], stopFlow: () => void) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const asked = `${request.method ?? ''} ${request.url ?? ''}`
    if (asked === 'POST /simulator/stop-flow') {
      stopFlow()
      answerJson(response, 200, '{"stopped":true}')
      return true
    }
    if (asked !== 'GET /simulator/books') return false
    answerJson(response, 200, JSON.stringify({ books: books() }))
    return true
  }
