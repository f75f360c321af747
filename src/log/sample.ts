/**
 * The payload of a `sample` entry: the best levels of a live book at the entry's receive time, as columns, and what was
 * lost since the sample before. Owns the shape and its text; taking samples is the recorder's, applying them replay's.
 */
import { Buffer } from 'node:buffer'

import type { LevelColumns } from '../market/book-view.ts'
import type { DisconnectCause, InvalidReason } from '../market/event.ts'
import type { GapRecord } from './chunk.ts'

/** What was lost or interrupted since the sample before; both in the order in which it was noticed. */
export interface SampledLosses {
  readonly gaps: readonly Omit<GapRecord, 'seq'>[]
  readonly disconnects: readonly DisconnectCause[]
}

/** The best levels of a side, best first. */
export interface SampledSide {
  readonly columns: LevelColumns
  /** How many levels of the columns are there. */
  readonly count: number
}

/** A book that may be used. */
export interface SampledBook {
  readonly isVerified: boolean
  /** Digits behind the point of prices and sizes. */
  readonly priceScale: number
  readonly sizeScale: number
  /** What the venue stamped last: microseconds, and its number; NaN where it told none. */
  readonly exchangeTime: number
  readonly venueSequence: number
  readonly bids: SampledSide
  readonly asks: SampledSide
}

const numbers = (values: Float64Array, count: number): string => `[${values.subarray(0, count).join(',')}]`

const sideText = (name: string, { columns, count }: SampledSide): string => {
  const { prices, sizes, orderCounts } = columns
  const text = `"${name}Prices":${numbers(prices, count)},"${name}Sizes":${numbers(sizes, count)}`
  // One level without a count: the venue tells none.
  return orderCounts.subarray(0, count).includes(-1)
    ? text
    : `${text},"${name}Orders":${numbers(orderCounts, count)}`
}

const lossesText = ({ gaps, disconnects }: SampledLosses): string =>
  (gaps.length === 0 ? '' : `,"gaps":${JSON.stringify(gaps)}`) +
  (disconnects.length === 0 ? '' : `,"disconnects":${JSON.stringify(disconnects)}`)

const stampText = (value: number): string =>
  Number.isSafeInteger(value) && value >= 0 ? String(value) : 'null'

/** The payload of a sample of a book that may be used. Prices and sizes are whole numbers of their scale's units. */
export const encodeSample = (book: SampledBook, losses: SampledLosses): Uint8Array =>
  Buffer.from(
    `{"verified":${String(book.isVerified)},"scales":[${String(book.priceScale)},${String(book.sizeScale)}],` +
      `"exchangeTime":${stampText(book.exchangeTime)},"venueSequence":${stampText(book.venueSequence)},` +
      `${sideText('bid', book.bids)},${sideText('ask', book.asks)}${lossesText(losses)}}`,
  )

/** The payload of a sample of a book that may not be used: it has no content. */
export const encodeInvalidSample = (reason: InvalidReason, losses: SampledLosses): Uint8Array =>
  Buffer.from(`{"invalid":"${reason}"${lossesText(losses)}}`)
