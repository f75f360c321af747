/**
 * What the matching engine tells, in the order it happened. Owns the vocabulary only; how a venue words it is the
 * venue's server's matter. Prices and sizes are whole numbers of the instrument's units.
 */

/** The side of an order. A `buy` order rests among the bids. */
export type OrderSide = 'buy' | 'sell'

interface EventHead {
  /** 1, 2, 3 ... (or from the engine's `firstNumber`), without holes. */
  readonly number: number
  /** Microseconds since the Unix epoch; one for all events of a transaction. */
  readonly time: number
  /** True for the last event of its transaction: only there the book may be looked at from outside. */
  readonly last: boolean
}

/** Accepted, not on the book. A market order has no price; it has a size, funds, or both. */
export interface ReceivedEvent extends EventHead {
  readonly kind: 'received'
  readonly order: number
  readonly side: OrderSide
  readonly price: number | undefined
  readonly size: number | undefined
  /** In units of the price scale. */
  readonly funds: number | undefined
}

/** Rests at the tail of its price. */
export interface OpenEvent extends EventHead {
  readonly kind: 'open'
  readonly order: number
  readonly side: OrderSide
  readonly price: number
  readonly remaining: number
}

/** A trade, at the maker's price. */
export interface MatchEvent extends EventHead {
  readonly kind: 'match'
  /** Number of the trade: consecutive. */
  readonly trade: number
  readonly maker: number
  readonly taker: number
  /** The maker's side. */
  readonly side: OrderSide
  readonly price: number
  readonly size: number
}

/** The end of a received order. */
export interface DoneEvent extends EventHead {
  readonly kind: 'done'
  readonly order: number
  readonly side: OrderSide
  readonly reason: 'filled' | 'canceled'
  /** The order's own limit; undefined for a market order. */
  readonly price: number | undefined
  /** Undefined for a market order. */
  readonly remaining: number | undefined
  /** Whether the order had been opened. */
  readonly wasOpen: boolean
}

/**
 * An order became smaller or moved. `stp`: self-trade prevention, only decreases, by size or (market order by funds
 * alone) by funds. `modify`: its owner's wish; it keeps its place when the price stays and the size falls, else it
 * goes to the tail of its new price.
 */
export interface ChangeEvent extends EventHead {
  readonly kind: 'change'
  readonly reason: 'stp' | 'modify'
  readonly order: number
  readonly side: OrderSide
  /** Undefined for a market order. */
  readonly oldPrice: number | undefined
  readonly newPrice: number | undefined
  readonly oldSize: number | undefined
  readonly newSize: number | undefined
  readonly oldFunds: number | undefined
  readonly newFunds: number | undefined
  /** Whether the order rests on the book. */
  readonly isOpen: boolean
}

export type EngineEvent = ReceivedEvent | OpenEvent | MatchEvent | DoneEvent | ChangeEvent

/** Called for every event, after its whole transaction was applied to the engine's book. */
export type EngineListener = (event: EngineEvent) => void
