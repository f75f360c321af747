/**
 * The part of an engine's book that a Bitfinex channel shows: the best orders (R0) or rounded prices (P0 to P4) of each
 * side. Owns the rows, their texts and what changes from one window to the next.
 */
import type { OrderSide } from '../engine/engine-event.ts'
import { numberText } from './bitfinex-checksum.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

export interface WindowRow {
  /** The order's id (R0), or the price as sent. */
  readonly key: string
  /** In units of the price scale. */
  readonly price: number
  /** In units of the size scale, never negative. */
  readonly size: number
  readonly orders: number
  /** As sent: negative for asks. */
  readonly amount: string
  /** As sent: `[id,price,amount]` or `[price,count,amount]`. */
  readonly text: string
}

/** Rows best first; equal prices by order id. */
export interface BookWindow {
  readonly bids: readonly WindowRow[]
  readonly asks: readonly WindowRow[]
}

export const EMPTY_WINDOW: BookWindow = { bids: [], asks: [] }

const FIRST_ORDER_ID = 100_000_000_000
const ORDER_IDS_PER_SEED = 1_000_000_000

/** Twelve digits; later orders have higher ids. */
const orderIdOf = (market: SimulatedMarket, order: number): number =>
  FIRST_ORDER_ID + (Math.abs(market.seed) % 800) * ORDER_IDS_PER_SEED + order

/** What a book's rows are made of before they have texts. */
interface RawRow {
  readonly key: string
  readonly price: number
  readonly size: number
  readonly orders: number
}

const orderRows = (market: SimulatedMarket, side: OrderSide, length: number): readonly RawRow[] => {
  const { engine } = market
  // The orders of a price stand in queue order there: all of the last price are needed to choose by id.
  let count = 0
  for (const level of engine.levels(side, length)) {
    count += level.orders
    if (count >= length) break
  }
  const direction = side === 'buy' ? -1 : 1
  return engine
    .orders(side, count)
    .sort((one, other) => direction * (one.price - other.price) || one.id - other.id)
    .slice(0, length)
    .map(({ id, price, size }) => ({ key: String(orderIdOf(market, id)), price, size, orders: 1 }))
}

/** Rounded away from the other side to so many significant digits. */
const roundedPrice = (price: number, side: OrderSide, digits: number): number => {
  const step = 10 ** Math.max(0, String(price).length - digits)
  return (side === 'buy' ? Math.floor(price / step) : Math.ceil(price / step)) * step
}

const levelRows = (
  market: SimulatedMarket,
  side: OrderSide,
  length: number,
  digits: number,
): readonly RawRow[] => {
  for (let depth = length * 4; ; depth *= 4) {
    const levels = market.engine.levels(side, depth)
    const rows: { key: string; price: number; size: number; orders: number }[] = []
    for (const level of levels) {
      const price = roundedPrice(level.price, side, digits)
      const last = rows.at(-1)
      if (last?.price === price) {
        last.size += level.size
        last.orders += level.orders
      } else {
        rows.push({
          key: numberText(price, market.priceScale),
          price,
          size: level.size,
          orders: level.orders,
        })
      }
    }
    // The last rounded price may go on behind what was read.
    if (levels.length < depth || rows.length > length) return rows.slice(0, length)
  }
}

const SIGNIFICANT_DIGITS: Readonly<Record<string, number>> = { P0: 5, P1: 4, P2: 3, P3: 2, P4: 1 }

const sideRows = (
  market: SimulatedMarket,
  side: OrderSide,
  precision: string,
  length: number,
  before: readonly WindowRow[],
): readonly WindowRow[] => {
  const digits = SIGNIFICANT_DIGITS[precision]
  const raw = digits === undefined ? orderRows(market, side, length) : levelRows(market, side, length, digits)
  const known = new Map(before.map((row) => [row.key, row]))
  return raw.map(({ key, price, size, orders }) => {
    const old = known.get(key)
    if (old !== undefined && old.price === price && old.size === size && old.orders === orders) return old
    const amount = `${side === 'buy' ? '' : '-'}${numberText(size, market.sizeScale)}`
    const priceText = digits === undefined ? numberText(price, market.priceScale) : key
    const text =
      digits === undefined ? `[${key},${priceText},${amount}]` : `[${key},${String(orders)},${amount}]`
    return { key, price, size, orders, amount, text }
  })
}

/** The window as it is now; rows that did not change are those of `before`, the same objects. */
export const windowOf = (
  market: SimulatedMarket,
  precision: string,
  length: number,
  before: BookWindow,
): BookWindow => ({
  bids: sideRows(market, 'buy', precision, length, before.bids),
  asks: sideRows(market, 'sell', precision, length, before.asks),
})

/** The content of a snapshot: bids best to worst, then asks best to worst. */
export const snapshotText = ({ bids, asks }: BookWindow): string =>
  `[${[...bids, ...asks].map((row) => row.text).join(',')}]`

const deletesOf = (
  before: readonly WindowRow[],
  after: readonly WindowRow[],
  sign: string,
): readonly string[] => {
  const kept = new Set(after.map((row) => row.key))
  return before.filter((row) => !kept.has(row.key)).map((row) => `[${row.key},0,${sign}1]`)
}

const changesOf = (
  before: readonly WindowRow[],
  after: readonly WindowRow[],
): { readonly changed: readonly string[]; readonly added: readonly string[] } => {
  const known = new Map(before.map((row) => [row.key, row]))
  const changed: string[] = []
  const added: string[] = []
  for (const row of after) {
    const old = known.get(row.key)
    if (old === undefined) added.push(row.text)
    else if (old !== row) changed.push(row.text)
  }
  return { changed, added }
}

/** One row each, in the venue's order: deletes of bids, of asks; then changed bids, asks, then new bids, asks. */
export interface WindowUpdates {
  readonly deletes: readonly string[]
  readonly upserts: readonly string[]
}

export const updatesBetween = (before: BookWindow, after: BookWindow): WindowUpdates => {
  const bids = changesOf(before.bids, after.bids)
  const asks = changesOf(before.asks, after.asks)
  return {
    deletes: [...deletesOf(before.bids, after.bids, ''), ...deletesOf(before.asks, after.asks, '-')],
    upserts: [...bids.changed, ...asks.changed, ...bids.added, ...asks.added],
  }
}
