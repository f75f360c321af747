/** Makes one market with generated flow: engine, flow and a filled book. Owns how seeds, prices and paces are derived. */
import { Engine } from './engine/engine.ts'
import { FLOW_PRESETS, type FlowPresetName } from './engine/flow-preset.ts'
import { OrderFlow } from './engine/order-flow.ts'
import { Rng, seedFor } from './engine/random.ts'
import type { RunningMarket } from './flow-runner.ts'
import { figuresOf } from './market-figures.ts'
import { newListing, type SimulatedMarket } from './venues/simulated-venue.ts'

export interface NewMarketOptions {
  readonly seed: number
  readonly venue: string
  /** Canonical: `BTC-USD`. */
  readonly pair: string
  /** Engine events a second, or `max`: see `SimulationOptions`. */
  readonly rate: number | 'max'
  readonly events?: number | undefined
  readonly orders?: number
  readonly preset?: FlowPresetName
  readonly amends?: boolean
  /** Microseconds that this venue's traders see the pair's fair price late. */
  readonly lag: number
  /** Microseconds since the Unix epoch: the book is filled, and the fair price begins to move. */
  readonly startTime: number
}

const DEFAULT_ORDERS = 2000
const MEAN_GAP_AT_MAX = 1000
/** More microseconds than an order takes while a book is filled: the fill ends before the flow's time starts. */
const FILL_GAP = 100

export const newMarket = (options: NewMarketOptions): { market: SimulatedMarket; running: RunningMarket } => {
  const {
    pair,
    rate,
    events,
    lag,
    startTime,
    preset = 'busy',
    amends = true,
    orders = DEFAULT_ORDERS,
  } = options
  const random = new Rng(seedFor(options.seed, `${options.venue}:${pair}`))
  const { priceScale, sizeScale, price, size } = figuresOf(pair)
  const firstNumber = 1 + random.below(1_000_000_000)
  const firstTrade = 1 + random.below(100_000_000)
  const engine = new Engine({ priceScale, sizeScale, firstNumber, firstTrade })
  const { eventsPerAction } = FLOW_PRESETS[preset]
  const flow = new OrderFlow({
    ...{ engine, price, size, orders, preset, amends, seed: random.next() },
    startTime: startTime - orders * FILL_GAP,
    meanGap: rate === 'max' ? MEAN_GAP_AT_MAX : (eventsPerAction * 1e6) / rate,
    // The same for all venues: they trade one underlying.
    underlying: { seed: seedFor(options.seed, pair), startTime, lag },
  })
  flow.fill()
  return {
    market: { pair, engine, priceScale, sizeScale, seed: random.next(), listing: newListing() },
    running: { flow, engine, until: events === undefined ? Infinity : engine.lastNumber + events },
  }
}
