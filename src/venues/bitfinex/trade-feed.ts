/**
 * Trades of the stream. The venue tells each twice, `te` at once and `tu` shortly after, in any order: the first one
 * counts. Owns the ids seen lately; the trades listed at a subscription are history and never told.
 */
import { NO_ORDER } from '../../market/order-ids.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { DecoderSink } from '../venue.ts'
import { type ArrayFrame, microsFromMilliseconds } from './array-frame.ts'
import type { RowFailure } from './book-rows.ts'
import { type TradeRow, TradeRowCodec, TradeRowsCodec } from './frames.ts'
import { approximately, isZero } from './literals.ts'
import type { Scales } from './scales.ts'

// `tu` follows within seconds and a list names 30: this reaches back far beyond both.
const REMEMBERED = 10_000

export class TradeFeed {
  private seen = new Set<number>()
  private readonly scales: Scales

  constructor(scales: Scales) {
    this.scales = scales
  }

  private remember(id: number): void {
    this.seen.add(id)
    if (this.seen.size <= REMEMBERED) return
    for (const oldest of this.seen) {
      this.seen.delete(oldest)
      return
    }
  }

  /**
   * The list sent at a subscription. Its ids are remembered, so that a late `tu` of one is no new trade. After a
   * resubscription it may name trades of the time between: these stay untold too, the interruption itself is told.
   */
  history(body: unknown): RowFailure | undefined {
    if (!TradeRowsCodec.is(body)) return 'malformed'
    for (let index = body.length - 1; index >= 0; index--) {
      const id = approximately(body[index]?.[0] ?? -1)
      if (Number.isSafeInteger(id) && id >= 0) this.remember(id)
    }
    return undefined
  }

  trade(body: unknown, frame: ArrayFrame, sink: DecoderSink): RowFailure | undefined {
    if (!TradeRowCodec.is(body)) return 'malformed'
    const row: TradeRow = body
    const id = approximately(row[0])
    if (!Number.isSafeInteger(id) || id < 0) return 'malformed'
    if (this.seen.has(id)) return undefined
    if (isZero(row[2]) || isZero(row[3]) || approximately(row[3]) < 0) return 'malformed'
    this.remember(id)
    if (!this.scales.admit(row[3], row[2])) return 'not-representable'
    this.scales.tell(sink)
    sink.stamp(microsFromMilliseconds(approximately(row[1])), frame.sequence)
    // The amount is signed by who took: above zero a buyer did.
    const aggressor = approximately(row[2]) > 0 ? 'buy' : 'sell'
    sink.traded(id, this.scales.price(row[3]), this.scales.size(row[2]), aggressor, NO_ORDER)
    return undefined
  }

  reset(): void {
    this.seen.clear()
  }

  save(writer: StateWriter): void {
    writer.uint(this.seen.size)
    let last = 0
    for (const id of this.seen) {
      writer.int(id - last)
      last = id
    }
  }

  restore(reader: StateReader): void {
    this.seen = new Set()
    let last = 0
    for (let left = reader.uint(); left > 0; left--) {
      last += reader.int()
      this.seen.add(last)
    }
  }
}
