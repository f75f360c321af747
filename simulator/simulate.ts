/**
 * Starts simulated venues on loopback with generated flow: an engine of its own for each venue and pair, filled before
 * anybody can look. Owns the composition; pace is the runner's, protocols are the servers'.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { FlowPresetName } from './engine/flow-preset.ts'
import { seedFor } from './engine/random.ts'
import { faultControl } from './faults/fault-control.ts'
import type { LinkGuard } from './faults/link-guard.ts'
import { type Links, type LinksOptions, openLinks } from './faults/links.ts'
import { FlowRunner, type RunningMarket } from './flow-runner.ts'
import { maintenanceControl } from './maintenance-control.ts'
import { newMarket } from './new-market.ts'
import { productControl } from './product-control.ts'
import { type ControlledSimulation, simulationControl } from './simulation-control.ts'
import { startBitfinex } from './venues/bitfinex-server.ts'
import { startCoinbase } from './venues/coinbase-server.ts'
import type {
  SimulatedBook,
  SimulatedMarket,
  SimulatedRows,
  SimulatedVenue,
  VenueHabits,
} from './venues/simulated-venue.ts'

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
  /** The kind of flow; `busy` when left out. */
  readonly preset?: FlowPresetName
  /** False: no order is amended, for clients that do not know amendments. */
  readonly amends?: boolean
  /**
   * Microseconds that the second venue sees a pair's hidden fair price later than the first, the third later than the
   * second ...; 0 when left out. All venues trade the same underlying.
   */
  readonly lag?: number
  /** Engine events of each market after which its flow ends; heartbeats go on. Without end when left out. */
  readonly events?: number | undefined
  /** Port of the first venue, the next one has the next; 0 takes free ones, as does leaving it out. */
  readonly port?: number
  /** Orders resting in each book, about; 2,000 when left out. */
  readonly orders?: number
  /** Microseconds since the Unix epoch where the flow's time starts; the wall clock when left out. */
  readonly startTime?: number
  /** Whether the test bench's own addresses under /simulator/ are answered (docs/simulator.md). */
  readonly control?: boolean
  /** How the venues behave to their clients: in the plain way, without limits, when left out. */
  readonly habits?: VenueHabits
  /** Faults and logs on the way to the clients; chaos has the flow's seed unless it is given one. */
  readonly links?: LinksOptions
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
  /** Faults and logs on the way to the clients. */
  readonly links: Links
  readonly stop: () => Promise<void>
}

interface Venue {
  readonly id: SimulatedVenueId
  readonly served: SimulatedVenue
  readonly markets: readonly RunningMarket[]
  /** By stream. */
  readonly listed: ReadonlyMap<string, SimulatedMarket>
}

type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean

const startVenue = async (
  id: SimulatedVenueId,
  port: number,
  options: SimulationOptions & { readonly startTime: number },
  intercept: Intercept,
  guard: LinkGuard | undefined,
): Promise<Venue> => {
  const { startTime } = options
  const startWall = performance.now()
  const lag = (options.lag ?? 0) * options.venues.indexOf(id)
  const made = options.pairs.map((pair) => newMarket({ ...options, venue: id, pair, lag }))
  const markets = made.map(({ market }) => market)
  const now = (): number => {
    const wall = startTime + Math.floor((performance.now() - startWall) * 1000)
    return markets.reduce((latest, { engine }) => Math.max(latest, engine.lastTime), wall)
  }
  const start = id === 'coinbase' ? startCoinbase : startBitfinex
  const { quirks, limits, compression } = options.habits ?? {}
  const served = await start({
    ...{ port, markets, now, intercept, guard, limits, compression },
    quirks: quirks === true ? seedFor(options.seed, `${id}:quirks`) : undefined,
  })
  const listed = new Map(markets.map((market) => [`${id}:${market.pair}`, market]))
  return { id, served, markets: made.map(({ running }) => running), listed }
}

/** The test bench's own addresses, beside the venues'. `venues`: filled later. */
const controlOf = (
  links: Links,
  venues: readonly Venue[],
  flow: Pick<ControlledSimulation, 'stopFlow' | 'pause'>,
): Intercept => {
  const served = (): readonly SimulatedVenue[] => venues.map((venue) => venue.served)
  const listed = (): ReadonlyMap<string, SimulatedMarket> =>
    new Map(venues.flatMap((venue) => [...venue.listed]))
  const books = (): SimulatedBook[] => served().flatMap((venue) => venue.books())
  const rows = (): SimulatedRows[] => served().flatMap((venue) => venue.rows())
  const controls = [
    faultControl(links),
    maintenanceControl(served),
    productControl(listed),
    simulationControl({ ...flow, books, rows }),
  ]
  return (request, response) => controls.some((answers) => answers(request, response))
}

/** Rejects with the system's error when a port cannot be opened; nothing is left open then. */
export const startSimulation = async (given: SimulationOptions): Promise<Simulation> => {
  // One start for all venues: they follow one fair price.
  const options = { startTime: Date.now() * 1000, ...given }
  const venues: Venue[] = []
  const runners: FlowRunner[] = []
  const books = (): SimulatedBook[] => venues.flatMap(({ served }) => served.books())
  const stopFlow = (): void => {
    for (const runner of runners) runner.stop()
  }
  const links = await openLinks({ seed: options.seed, ...options.links })
  let isPaused = false
  const pause = (wished: boolean): boolean => (isPaused = wished)
  const intercept = options.control === true ? controlOf(links, venues, { stopFlow, pause }) : () => false
  const port = options.port ?? 0
  try {
    for (const [index, id] of options.venues.entries())
      venues.push(await startVenue(id, port === 0 ? 0 : port + index, options, intercept, links.guardOf(id)))
  } catch (error) {
    for (const { served } of venues) await served.stop()
    await links.close()
    throw error
  }
  const endings = venues.map(
    ({ served, markets }) =>
      new Promise<void>((resolve) => {
        const ended = (): void => {
          served.flush()
          resolve()
        }
        const { hasReaders } = served
        const isBehind = (): boolean => isPaused || served.isBehind() || links.isBehind()
        const pace = options.rate === 'max' ? 'max' : 'wall'
        runners.push(new FlowRunner({ markets, pace, hasReaders, isBehind, ended }))
      }),
  )
  return {
    endpoints: Object.fromEntries(venues.map(({ id, served }) => [id, { ws: served.ws, rest: served.rest }])),
    books,
    stopFlow,
    links,
    flowEnded: Promise.all(endings).then(() => undefined),
    stop: async () => {
      stopFlow()
      for (const { served } of venues) await served.stop()
      await links.close()
    },
  }
}
