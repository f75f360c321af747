/**
 * Trades of the stream. The venue tells each twice, `te` at once and `tu` shortly after, in any order: the first one
 * counts. Owns the ids seen lately; the trades listed at a subscription are history and never told.
 */
import { NO_ORDER } from '../../market/order-ids.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { DecoderSink } from '../venue.ts'
import { type ArrayFrame, microsFromMilliseconds } from './array-frame.ts'
import type { RowFailure } from './book-rows.ts'
import { RowCells } from './exact-cell.ts'
import type { FrameBody } from './frame-body.ts'
import { TRADE_ROWS } from './frames.ts'
import type { Scales } from './scales.ts'

// `tu` follows within seconds and a list names 30: this reaches back far beyond both.
const REMEMBERED = 10_000

export class TradeFeed {
  private seen = new Set<number>()
  private readonly cells = new RowCells()
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
  history(body: FrameBody): RowFailure | undefined {
    if (!body.isList || body.refusalOf(TRADE_ROWS) !== undefined) return 'malformed'
    for (let index = body.rowCount - 1; index >= 0; index--) {
      body.load(index, this.cells)
      const id = this.cells.first.number
      if (Number.isSafeInteger(id) && id >= 0) this.remember(id)
    }
    return undefined
  }

  trade(frame: ArrayFrame, sink: DecoderSink): RowFailure | undefined {
    const { body } = frame
    if (body.refusalOf(TRADE_ROWS) !== undefined) return 'malformed'
    body.load(0, this.cells)
    const { first, second: milliseconds, third: amount, fourth: price } = this.cells
    const id = first.number
    if (!Number.isSafeInteger(id) || id < 0) return 'malformed'
    if (this.seen.has(id)) return undefined
    if (amount.isZero || price.isZero || price.isNegative) return 'malformed'
    this.remember(id)
    if (!this.scales.admit(price, amount)) return 'not-representable'
    this.scales.tell(sink)
    sink.stamp(microsFromMilliseconds(milliseconds.number), frame.sequence)
    // The amount is signed by who took: above zero a buyer did.
    const aggressor = amount.isPositive ? 'buy' : 'sell'
    sink.traded(id, this.scales.price(price), this.scales.size(amount), aggressor, NO_ORDER)
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
