/** Orders as they are handed to the engine, and the state of one while it takes. */
import type { OrderSide } from './engine-event.ts'

/**
 * What happens when an order meets one of its own account. `dc`: the smaller is canceled, the larger shrinks by it;
 * `co` cancels the resting one, `cn` the incoming one, `cb` both. The incoming order's wish counts.
 */
export type SelfTradePrevention = 'dc' | 'co' | 'cn' | 'cb'

export interface LimitRequest {
  readonly kind: 'limit'
  readonly side: OrderSide
  /** Owner; 0 belongs to nobody and never meets itself. */
  readonly account: number
  readonly price: number
  readonly size: number
  /** `rest`: what is not taken rests. `post-only`: canceled if it would take. `ioc`, `fok`: never rests. */
  readonly terms: 'rest' | 'post-only' | 'ioc' | 'fok'
  readonly selfTrade: SelfTradePrevention
}

/** Takes at any price until its size or its funds (units of the price scale) are used up. */
export interface MarketRequest {
  readonly kind: 'market'
  readonly side: OrderSide
  readonly account: number
  readonly size: number | undefined
  readonly funds: number | undefined
  readonly selfTrade: SelfTradePrevention
}

export type OrderRequest = LimitRequest | MarketRequest

/** An incoming order while it takes. */
export interface Taker {
  readonly id: number
  readonly side: OrderSide
  readonly account: number
  readonly price: number | undefined
  readonly selfTrade: SelfTradePrevention
  size: number | undefined
  funds: number | undefined
  /** Self-trade prevention ended it. */
  canceled: boolean
  /** What its readers believe rests of it, where it was on the book before it took; else undefined. */
  told: number | undefined
}

/** Throws for requests no venue would accept: they are mistakes of the caller. */
export const assertRequest = (request: OrderRequest): void => {
  const { size } = request
  const other = request.kind === 'limit' ? request.price : request.funds
  if ((request.kind === 'limit' && other === undefined) || (size === undefined && other === undefined))
    throw new Error('an order needs a size, or funds when it is a market order')
  assertPositive(size)
  assertPositive(other)
  if (request.kind === 'market' && request.side === 'sell' && size === undefined)
    throw new Error('a market order to sell needs a size')
}

const assertPositive = (value: number | undefined): void => {
  if (value !== undefined && (!Number.isSafeInteger(value) || value <= 0))
    throw new Error(`not a positive whole number: ${String(value)}`)
}

/** How many units of size these funds buy at a price, rounded down. */
export const sizeForFunds = (funds: number, price: number, sizeScale: number): number =>
  Number((BigInt(funds) * 10n ** BigInt(sizeScale)) / BigInt(price))

/** What a size costs at a price, in units of the price scale, rounded up. */
export const costOf = (size: number, price: number, sizeScale: number): number => {
  const unit = 10n ** BigInt(sizeScale)
  return Number((BigInt(size) * BigInt(price) + unit - 1n) / unit)
}
