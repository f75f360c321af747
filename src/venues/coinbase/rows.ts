/** Rows of a whole book, `[price, size, …]`, read and scaled before the first of them is told to anyone. */
import { MAX_SCALE } from '../../market/decimal.ts'
import type { MarketSink } from '../../market/event.ts'
import type { Price, Size } from '../../market/price.ts'
import type { BookSide } from '../../market/side.ts'
import { type Failure, failureOf } from './failure.ts'
import { fractionDigits, type Scales } from './instruments.ts'

/** The rows of one side in the order of the wire; the arrays are equally long. */
export interface ScaledRows {
  readonly prices: Price[]
  readonly sizes: Size[]
}

export interface BookRows {
  readonly bids: ScaledRows
  readonly asks: ScaledRows
}

/** How many rows there are, and the scales that hold all of them. */
export interface RowNeeds {
  readonly rows: number
  readonly priceScale: number
  readonly sizeScale: number
}

/** Scales the rows of a side; false when a value made the scales grow: what was scaled is void. */
type ScaleSide = (side: BookSide, into: ScaledRows) => boolean | Failure

type Row = readonly unknown[]

const isRow = (row: unknown, hasIds: boolean): row is Row =>
  Array.isArray(row) &&
  typeof row[0] === 'string' &&
  typeof row[1] === 'string' &&
  (!hasIds || (typeof row[2] === 'string' && row[2] !== ''))

const needsOf = (sides: readonly (readonly unknown[])[], hasIds: boolean): RowNeeds | Failure => {
  let priceScale = 0
  let sizeScale = 0
  let rows = 0
  for (const side of sides) {
    for (const row of side) {
      if (!isRow(row, hasIds)) return failureOf('malformed', `row ${String(rows + 1)} of the book`)
      rows++
      priceScale = Math.max(priceScale, fractionDigits(row[0] as string))
      sizeScale = Math.max(sizeScale, fractionDigits(row[1] as string))
    }
  }
  return { rows, priceScale, sizeScale }
}

const scaleRows = (
  side: readonly unknown[],
  scales: Scales,
  sink: MarketSink,
  into: ScaledRows,
): boolean | Failure => {
  for (const row of side as readonly Row[]) {
    const priceText = row[0] as string
    const sizeText = row[1] as string
    const price = scales.price(priceText)
    const size = scales.size(sizeText)
    if (price === undefined || size === undefined) return scales.grow(priceText, sizeText, sink) ?? false
    into.prices.push(price)
    into.sizes.push(size)
  }
  return true
}

/** Reads both sides, whose rows have the right shape; nothing but `instrument`, once, is told to the sink. */
export const readBook = (
  { rows, priceScale, sizeScale }: RowNeeds,
  scales: Scales,
  sink: MarketSink,
  scaleSide: ScaleSide,
): BookRows | Failure => {
  scales.startAfresh()
  // Finer than any scale: left to the row that says so.
  if (rows > 0 && priceScale <= MAX_SCALE && sizeScale <= MAX_SCALE)
    scales.atLeast(priceScale, sizeScale, sink)
  for (;;) {
    const bids: ScaledRows = { prices: [], sizes: [] }
    const asks: ScaledRows = { prices: [], sizes: [] }
    const bidsDone = scaleSide('bid', bids)
    if (typeof bidsDone !== 'boolean') return bidsDone
    const asksDone = bidsDone && scaleSide('ask', asks)
    if (typeof asksDone !== 'boolean') return asksDone
    // Scales only grow and end at MAX_SCALE, so this ends.
    if (asksDone) return { bids, asks }
  }
}

/** Reads both sides of a parsed book. */
export const readRows = (
  bids: readonly unknown[],
  asks: readonly unknown[],
  hasIds: boolean,
  scales: Scales,
  sink: MarketSink,
): BookRows | Failure => {
  const needs = needsOf([bids, asks], hasIds)
  if ('cause' in needs) return needs
  return readBook(needs, scales, sink, (side, into) =>
    scaleRows(side === 'bid' ? bids : asks, scales, sink, into),
  )
}
