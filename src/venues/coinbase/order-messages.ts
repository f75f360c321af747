/**
 * Sequenced messages of either channel, applied one by one to the book: shapes, stamps, transactions. Which message
 * may be applied, and when, is the feed's.
 */
import type { MarketSink } from '../../market/event.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { DecoderSink } from '../venue.ts'
import { BoundRow } from './bindings/bound-row.ts'
import type { OrderBook } from './book-body.ts'
import { type Failure, failureOf } from './failure.ts'
import { explainFull, isFullMessage } from './frames.ts'
import { applyFull, type FullMessage } from './full.ts'
import type { Scales } from './instruments.ts'
import { applyLevel3, isLevel3Row, type Level3Row, Level3Schema, timeOfRow } from './level3.ts'
import { OrderEvents } from './order-events.ts'
import type { BookRows } from './rows.ts'
import { TransactionClock } from './transactions.ts'
import { exchangeTimeOf } from './venue-time.ts'

/** A checked message, or the row of one; undefined where the shape is wrong and only the number could be read. */
export type SequencedMessage = FullMessage | Level3Row | BoundRow | undefined

export class OrderMessages {
  readonly schema = new Level3Schema()
  readonly events: OrderEvents
  private readonly transactions = new TransactionClock()

  constructor(scales: Scales) {
    this.events = new OrderEvents(scales)
  }

  get isMidTransaction(): boolean {
    return this.transactions.isOpen
  }

  apply(sequence: number, message: SequencedMessage, sink: DecoderSink): Failure | undefined {
    const { events, transactions } = this
    if (message === undefined) return failureOf('malformed', `message ${String(sequence)}`)
    if (message instanceof BoundRow) return this.applyRow(message, sink)
    let failure: Failure | undefined
    if ('type' in message) {
      transactions.enter(message.time, sink)
      sink.stamp(exchangeTimeOf(message.time), sequence)
      failure = applyFull(message, events, transactions, sink)
    } else {
      const columns = this.schema.columnsOf(message)
      if (columns === undefined) return failureOf('malformed', `message ${String(sequence)}`)
      const time = timeOfRow(message, columns)
      transactions.enter(time, sink)
      sink.stamp(exchangeTimeOf(time), sequence)
      failure = applyLevel3(message, columns, events, transactions, sink)
    }
    if (failure?.cause === 'malformed')
      sink.undecoded(`malformed:${'type' in message ? message.type : (message[0] ?? '')}`)
    return failure
  }

  applyRow(row: BoundRow, sink: DecoderSink): Failure | undefined {
    const failure = row.apply(this.events, this.transactions, sink)
    if (failure?.cause === 'malformed') sink.undecoded(`malformed:${row.type}`)
    return failure
  }

  /** Applies a frame that was kept; `malformed` where its shape was found wrong when it came. */
  applyText(sequence: number, text: string, sink: DecoderSink): Failure | undefined {
    const message = JSON.parse(text) as FullMessage | Level3Row
    if ('type' in message) {
      return isFullMessage(message.type, message)
        ? this.apply(sequence, message, sink)
        : failureOf('malformed', explainFull(message.type, message))
    }
    const columns = this.schema.columnsOf(message)
    const isWhole = columns !== undefined && isLevel3Row(message, columns)
    return this.apply(sequence, isWhole ? message : undefined, sink)
  }

  /** Tells a whole book, which may be used from here on. */
  load(book: OrderBook, rows: BookRows, isVerified: boolean, sink: MarketSink): void {
    const { events } = this
    const { body } = book
    events.isAssumed = false
    events.ids.clear()
    sink.stamp(exchangeTimeOf(body.time), body.sequence)
    sink.bookStarted('orders', true)
    events.openAll('bid', book, rows.bids, sink)
    events.openAll('ask', book, rows.asks, sink)
    sink.bookValid(isVerified)
    this.transactions.loaded(body.auction_mode === true, sink)
  }

  /** Takes the book as empty before the next message. */
  startEmpty(sink: MarketSink): void {
    this.events.isAssumed = true
    this.events.ids.clear()
    sink.bookStarted('orders', true)
    sink.bookValid(false)
  }

  /** The book was given up; its ids stay, they name what it still shows. */
  abandon(): void {
    this.transactions.abandon()
  }

  disconnect(): void {
    this.schema.reset()
    this.transactions.reset()
    this.events.isAssumed = false
  }

  save(writer: StateWriter): void {
    writer.bool(this.events.isAssumed)
    this.events.ids.save(writer)
    this.schema.save(writer)
    this.transactions.save(writer)
  }

  restore(reader: StateReader): void {
    this.events.isAssumed = reader.bool()
    this.events.ids.restore(reader)
    this.schema.restore(reader)
    this.transactions.restore(reader)
  }
}
