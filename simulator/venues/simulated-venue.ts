/** What `startSimulation` asks of a venue's server, and gives to it. Each server of generated flow implements it. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Engine } from '../engine/engine.ts'
import type { LinkGuard } from '../faults/link-guard.ts'

/** What a venue says of a product, where it is not the usual; may change at any time. */
export interface SimulatedListing {
  /** `online` when undefined; `delisted` takes no new subscription. */
  status: string | undefined
  /** Flags that are set: `cancel_only`, `post_only` … */
  restrictions: readonly string[]
  /** Smallest steps, decimal text; those of the market when undefined. */
  priceStep: string | undefined
  sizeStep: string | undefined
}

export const newListing = (): SimulatedListing => ({
  status: undefined,
  restrictions: [],
  priceStep: undefined,
  sizeStep: undefined,
})

/** One pair as this venue trades it: its own engine, filled before the server starts. */
export interface SimulatedMarket {
  /** Canonical: `BTC-USD`. */
  readonly pair: string
  readonly engine: Engine
  readonly priceScale: number
  readonly sizeScale: number
  /** Seed of what the venue derives for this market (ids ...). */
  readonly seed: number
  /** The usual when left out. */
  readonly listing?: SimulatedListing
}

export interface SimulatedVenueOptions {
  /** 0 takes a free port. */
  readonly port: number
  readonly markets: readonly SimulatedMarket[]
  /** The venue's time, microseconds since the Unix epoch: never behind the newest engine event. */
  readonly now: () => number
  /** Has the first word on every request; true when it answered. */
  readonly intercept: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Seed of what varies at the venue and must not matter to a client; nothing varies when left out. */
  readonly quirks?: number | undefined
  /** Whether the venue's rate limits are enforced. */
  readonly limits?: boolean | undefined
  /** Faults and logs on the way to the clients. */
  readonly guard?: LinkGuard | undefined
}

/** How the venues behave to their clients, whatever is traded there. */
export interface VenueHabits {
  /** Whether what must not matter to a client varies, by the seed: wording, order, acknowledgements, REST books. */
  readonly quirks?: boolean
  /** Whether the venues' rate limits are enforced. */
  readonly limits?: boolean
  /** Whether Coinbase agrees to permessage-deflate when a client offers it. */
  readonly compression?: boolean
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

/** The rows behind a `SimulatedBook`, best first, texts without trailing zeros. */
export interface SimulatedRows {
  readonly stream: string
  readonly bids: readonly SimulatedRow[]
  readonly asks: readonly SimulatedRow[]
}

export interface SimulatedRow {
  readonly price: string
  readonly size: string
  /** The order's id; of a row by price, the price. */
  readonly id: string
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
  /** Of every pair, in the order of `books`. */
  readonly rows: () => readonly SimulatedRows[]
  /** Announces maintenance, is silent for so many milliseconds, announces its end; where the venue knows such a thing. */
  readonly maintain?: (milliseconds: number) => void
  /** Tells everybody who is connected that it stops, and closes their sockets so many milliseconds later. */
  readonly leave?: (milliseconds: number) => void
  readonly stop: () => Promise<void>
}
