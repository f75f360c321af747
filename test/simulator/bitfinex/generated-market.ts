/** A market of generated flow that a test moves on by hand. */
import { Engine } from '../../../simulator/engine/engine.ts'
import { OrderFlow } from '../../../simulator/engine/order-flow.ts'
import type { SimulatedMarket } from '../../../simulator/venues/simulated-venue.ts'

export interface GeneratedMarket {
  readonly market: SimulatedMarket
  /** Moves on until so many engine events more have happened. */
  readonly run: (events: number) => void
}

export const START = 1_700_000_000_000_000

export const generatedMarket = (seed: number, pair = 'BTC-USD', orders = 900): GeneratedMarket => {
  const [priceScale, sizeScale] = [2, 8]
  const engine = new Engine({ priceScale, sizeScale })
  const flow = new OrderFlow({
    engine,
    seed,
    startTime: START,
    price: 6_000_000,
    size: 10_000_000,
    orders,
    meanGap: 1000,
  })
  flow.fill()
  return {
    market: { pair, engine, priceScale, sizeScale, seed },
    run: (events) => {
      const last = engine.lastNumber + events
      while (engine.lastNumber < last) flow.step()
    },
  }
}
