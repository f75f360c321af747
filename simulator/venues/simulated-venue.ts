/** What `startSimulation` asks of a venue's server, and gives to it. Each server of generated flow implements it. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Engine } from '../engine/engine.ts'

/** One pair as this venue trades it: its own engine, filled before the server starts. */
export interface SimulatedMarket {
  /** Canonical: `BTC-USD`. */
  readonly pair: string
  readonly engine: Engine
  readonly priceScale: number
  readonly sizeScale: number
  /** Seed of what the venue derives for this market (ids ...). */
  readonly seed: number
}

export interface SimulatedVenueOptions {
  /** 0 takes a free port. */
  readonly port: number
  readonly markets: readonly SimulatedMarket[]
  /** The venue's time, microseconds since the Unix epoch: never behind the newest engine event. */
  readonly now: () => number
  /** Has the first word on every request; true when it answered. */
  readonly intercept: (request: IncomingMessage, response: ServerResponse) => boolean
}

/** A book as a client of the venue should see it once it has read everything sent. */
export interface SimulatedBook {
  /** `coinbase:BTC-USD` */
  readonly stream: string
  /** Number of the engine's last event. */
  readonly sequence: number
  /** Orders resting, of what the digest covers. */
  readonly bids: number
  readonly asks: number
  readonly bestBid: string | undefined
  readonly bestAsk: string | undefined
  /** Digest over the order rows, best first, queue order. */
  readonly digest: string
}

export interface SimulatedVenue {
  readonly ws: string
  readonly rest: string
  /** True while some client is subscribed to something. */
  readonly hasReaders: () => boolean
  /** True while a subscribed client has more to read than it may: the flow waits for it. */
  readonly isBehind: () => boolean
  /** The flow has stopped: send what is still held back (batches, bursts), then go on with heartbeats alone. */
  readonly flush: () => void
  readonly books: () => readonly SimulatedBook[]
  readonly stop: () => Promise<void>
}
