/**
 * A whole book by orders read from its bytes, without a text or an object for any row: a book of 100,000 orders would
 * else cost ten times its own memory. Bodies as the venue writes them; every other is left to book-body.ts.
 */
import { Buffer } from 'node:buffer'

import { parseJson } from '../../log/payloads.ts'
import { MAX_SCALE } from '../../market/decimal.ts'
import type { MarketSink } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { BookSide } from '../../market/side.ts'
import { BETWEEN, type BookLists, findLists, PLACES } from './book-lists.ts'
import type { Failure } from './failure.ts'
import { BookBody } from './frames.ts'
import type { Scales } from './instruments.ts'
import type { OrderTable } from './order-table.ts'
import { type BookRows, readBook, type RowNeeds, type ScaledRows } from './rows.ts'

const POINT = 46
const ZERO = 48
const NINE = 57

/** Digits of a whole number that is exact whatever they are. */
const EXACT_DIGITS = 15

/** The body without its rows, as the parser has it; what stands behind the object is left to it, too. */
const outline = (bytes: Uint8Array, { bids, asks }: BookLists): BookBody | undefined => {
  const [first, second] = bids.begin < asks.begin ? [bids, asks] : [asks, bids]
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts = [
    buffer.toString('utf8', 0, first.begin),
    buffer.toString('utf8', first.end, second.begin),
    buffer.toString('utf8', second.end),
  ]
  const body = parseJson(parts.join('[]'))
  return BookBody.is(body) ? body : undefined
}

export class ScannedBook {
  readonly body: BookBody
  private readonly bytes: Buffer
  private readonly places: Int32Array
  /** Rows ahead of the first one of a side. */
  private readonly before: Readonly<Record<BookSide, number>>
  private readonly counts: Readonly<Record<BookSide, number>>

  constructor(body: BookBody, bytes: Uint8Array, lists: BookLists) {
    const { bids, asks, bidRows, askRows, places } = lists
    const bidsFirst = bids.begin < asks.begin
    this.body = body
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.places = places
    this.counts = { bid: bidRows, ask: askRows }
    this.before = { bid: bidsFirst ? 0 : askRows, ask: bidsFirst ? bidRows : 0 }
  }

  readRows(scales: Scales, sink: MarketSink): BookRows | Failure {
    return readBook(this.needs(), scales, sink, (side, into) => this.scaleSide(side, scales, sink, into))
  }

  addOrder(side: BookSide, row: number, ids: OrderTable): OrderHandle {
    const at = (this.before[side] + row) * PLACES
    return ids.addAscii(this.bytes, this.places[at + 2] ?? 0, this.places[at + 3] ?? 0)
  }

  private needs(): RowNeeds {
    const rows = this.counts.bid + this.counts.ask
    const { places } = this
    let priceScale = 0
    let sizeScale = 0
    for (let at = 0; at < rows * PLACES; at += PLACES) {
      const size = places[at + 1] ?? 0
      priceScale = Math.max(priceScale, this.digitsBehindPoint(places[at] ?? 0, size - BETWEEN))
      sizeScale = Math.max(sizeScale, this.digitsBehindPoint(size, (places[at + 2] ?? 0) - BETWEEN))
    }
    return { rows, priceScale, sizeScale }
  }

  /** As `fractionDigits`. */
  private digitsBehindPoint(begin: number, end: number): number {
    const { bytes } = this
    let point = begin
    while (point < end && bytes[point] !== POINT) point++
    if (point === end) return 0
    let last = end
    while (bytes[last - 1] === ZERO) last--
    return last - point - 1
  }

  private scaleSide(side: BookSide, scales: Scales, sink: MarketSink, into: ScaledRows): boolean | Failure {
    const { places } = this
    const first = this.before[side]
    const end = (first + this.counts[side]) * PLACES
    for (let at = first * PLACES; at < end; at += PLACES) {
      const sizeBegin = places[at + 1] ?? 0
      const priceBegin = places[at] ?? 0
      const sizeEnd = (places[at + 2] ?? 0) - BETWEEN
      const price = this.readDecimal(priceBegin, sizeBegin - BETWEEN)
        ? scales.priceOfScaled(this.value, this.digits)
        : scales.price(this.textOf(priceBegin, sizeBegin - BETWEEN))
      const size = this.readDecimal(sizeBegin, sizeEnd)
        ? scales.sizeOfScaled(this.value, this.digits)
        : scales.size(this.textOf(sizeBegin, sizeEnd))
      if (price === undefined || size === undefined)
        return (
          scales.grow(this.textOf(priceBegin, sizeBegin - BETWEEN), this.textOf(sizeBegin, sizeEnd), sink) ??
          false
        )
      into.prices.push(price)
      into.sizes.push(size)
    }
    return true
  }

  /** What `readDecimal` read: a whole number, so many of its digits behind the point. */
  private value = 0
  private digits = 0

  /** False for a number that is not written in the plain way, or with more digits than are exact. */
  private readDecimal(begin: number, end: number): boolean {
    const { bytes } = this
    let value = 0
    let point = -1
    for (let at = begin; at < end; at++) {
      const code = bytes[at] ?? 0
      if (code >= ZERO && code <= NINE) value = value * 10 + (code - ZERO)
      else if (code === POINT && point < 0 && at > begin && at + 1 < end) point = at
      else return false
    }
    const length = end - begin - (point < 0 ? 0 : 1)
    this.value = value
    this.digits = point < 0 ? 0 : end - point - 1
    return length > 0 && length <= EXACT_DIGITS && this.digits <= MAX_SCALE
  }

  private textOf(begin: number, end: number): string {
    return this.bytes.toString('latin1', begin, end)
  }
}

/** Undefined: it is written in another way, or is no book; nothing is said of it then. */
export const scanBook = (bytes: Uint8Array): ScannedBook | undefined => {
  const lists = findLists(bytes)
  if (lists === undefined) return undefined
  const body = outline(bytes, lists)
  return body === undefined ? undefined : new ScannedBook(body, bytes, lists)
}
