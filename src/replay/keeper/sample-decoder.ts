/**
 * Gives meaning to a run of samples: a book by levels that each sample sets, told as the levels that differ from the
 * sample before. The same for every venue; such a run holds no frames.
 */
import type { EntryView } from '../../log/entry.ts'
import { type InvalidReason, isGapCause } from '../../market/event.ts'
import { type Price, priceOf, type Size, sizeOf } from '../../market/price.ts'
import type { BookSide } from '../../market/side.ts'
import { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { microsOf } from '../../market/time.ts'
import type { Decoder, DecoderSink } from '../../venues/venue.ts'
import { readSample, type ValidSample } from './sample-frames.ts'

/** One side as the last sample set it, best first. */
interface Levels {
  readonly prices: ArrayLike<number>
  readonly sizes: ArrayLike<number>
  readonly orders: ArrayLike<number> | undefined
}

const NO_LEVELS: Levels = { prices: [], sizes: [], orders: undefined }
export class SampleDecoder implements Decoder {
  private hasBook = false
  private isVerified = false
  private priceScale = 0
  private sizeScale = 0
  private bids = NO_LEVELS
  private asks = NO_LEVELS

  decode(entry: EntryView, sink: DecoderSink): void {
    switch (entry.kind) {
      case 'run-started':
        this.hasBook = false
        sink.bookInvalid('no-snapshot')
        break
      case 'sample':
        this.sampled(entry.text(), sink)
        break
      case 'run-ended':
        this.hasBook = false
        sink.bookInvalid('run-ended')
        break
      case 'frame':
        sink.undecoded('frame-among-samples')
        break
      case 'response':
      case 'sent':
      case 'opened':
      case 'closed':
      case 'timer':
      case 'clock':
        break
    }
  }

  private sampled(text: string, sink: DecoderSink): void {
    const sample = readSample(text)
    if (sample === undefined) {
      sink.undecoded('malformed:sample')
      this.invalidate('malformed', sink)
      return
    }
    for (const gap of sample.gaps ?? []) sink.gap(gap)
    for (const cause of sample.disconnects ?? []) sink.disconnected(cause)
    if ('invalid' in sample) this.invalidate(sample.invalid, sink)
    else this.apply(sample, sink)
  }

  private invalidate(reason: InvalidReason, sink: DecoderSink): void {
    this.hasBook = false
    sink.bookInvalid(reason)
  }

  private apply(sample: ValidSample, sink: DecoderSink): void {
    const { scales, exchangeTime, venueSequence, verified } = sample
    const [priceScale, sizeScale] = scales
    // In other scales it is another book.
    if (this.hasBook && (priceScale !== this.priceScale || sizeScale !== this.sizeScale))
      this.invalidate('resubscribe', sink)
    sink.stamp(exchangeTime === null ? undefined : microsOf(exchangeTime), venueSequence ?? undefined)
    const isNew = !this.hasBook
    if (isNew) {
      this.bids = this.asks = NO_LEVELS
      this.priceScale = priceScale
      this.sizeScale = sizeScale
      sink.instrument(priceScale, sizeScale)
      sink.bookStarted('levels', false)
    }
    const { bidPrices, bidSizes, bidOrders, askPrices, askSizes, askOrders } = sample
    const bids = { prices: bidPrices, sizes: bidSizes, orders: bidOrders }
    const asks = { prices: askPrices, sizes: askSizes, orders: askOrders }
    tellChanges('bid', this.bids, bids, sink)
    tellChanges('ask', this.asks, asks, sink)
    this.bids = bids
    this.asks = asks
    this.hasBook = true
    if (isNew || verified !== this.isVerified) sink.bookValid(verified)
    this.isVerified = verified
    // A book may be crossed in an auction, or in the middle of a venue's transaction: the live one was judged by its venue.
    if (!this.isMidTransaction()) sink.transactionEnded()
  }

  reject(reason: InvalidReason, detail: string, sink: DecoderSink): void {
    this.invalidate(reason, sink)
    sink.gap({ cause: isGapCause(reason) ? reason : 'contradiction', expected: '', found: detail })
  }

  orderId(): string {
    return ''
  }

  isMidTransaction(): boolean {
    const [bid, ask] = [this.bids.prices[0], this.asks.prices[0]]
    return this.hasBook && bid !== undefined && ask !== undefined && bid >= ask
  }

  save(): Uint8Array {
    const writer = new StateWriter()
    writer.bool(this.hasBook)
    if (!this.hasBook) return writer.finish()
    writer.bool(this.isVerified)
    writer.uint(this.priceScale)
    writer.uint(this.sizeScale)
    for (const { prices, sizes, orders } of [this.bids, this.asks]) {
      writer.numbers(prices)
      writer.numbers(sizes)
      writer.bool(orders !== undefined)
      if (orders !== undefined) writer.numbers(orders)
    }
    return writer.finish()
  }

  restore(state: Uint8Array): void {
    const reader = new StateReader(state)
    this.hasBook = reader.bool()
    if (!this.hasBook) return
    this.isVerified = reader.bool()
    this.priceScale = reader.uint()
    this.sizeScale = reader.uint()
    this.bids = readLevels(reader)
    this.asks = readLevels(reader)
  }
}

const readLevels = (reader: StateReader): Levels => {
  const prices = reader.numbers()
  const sizes = reader.numbers()
  return { prices, sizes, orders: reader.bool() ? reader.numbers() : undefined }
}

const NO_SIZE: Size = sizeOf(0)

/** Tells what became of one side: levels that left, and those that are new or differ. Both sides come best first. */
const tellChanges = (side: BookSide, before: Levels, now: Levels, sink: DecoderSink): void => {
  const direction = side === 'bid' ? -1 : 1
  const priceAt = (levels: Levels, index: number): Price => priceOf(levels.prices[index] ?? 0)
  let old = 0
  let next = 0
  while (old < before.prices.length || next < now.prices.length) {
    const isOldOver = old === before.prices.length
    const isNextOver = next === now.prices.length
    const step = isOldOver ? 1 : isNextOver ? -1 : (priceAt(before, old) - priceAt(now, next)) * direction
    if (step < 0) {
      sink.levelSet(side, priceAt(before, old), NO_SIZE, undefined)
      old++
      continue
    }
    const size = now.sizes[next] ?? 0
    const orders = now.orders?.[next]
    if (step > 0 || size !== before.sizes[old] || orders !== before.orders?.[old])
      sink.levelSet(side, priceAt(now, next), sizeOf(size), orders)
    if (step === 0) old++
    next++
  }
}
