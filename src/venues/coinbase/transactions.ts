/**
 * The engine's transactions on `full` and `level3`: messages of one `time` belong together, and one is known to be over
 * when the next time begins. Owns only that; invariants are the book's to check.
 */
import type { MarketSink } from '../../market/event.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'

export class TransactionClock {
  private time: string | undefined
  private taker: string | undefined
  /** During an auction's collection a crossed book is legal: no end is told until a book without auction is loaded. */
  private isAuction = false

  /** A message of this time comes: ends the transaction before it. */
  enter(time: string, sink: MarketSink): void {
    if (time === this.time) return
    if (this.time !== undefined && !this.isAuction) sink.transactionEnded()
    this.time = time
    this.taker = undefined
  }

  /** An incoming order is at work until it rests or is done. */
  takerEntered(id: string): void {
    this.taker = id
  }

  takerLeft(id: string): void {
    if (this.taker === id) this.taker = undefined
  }

  /** True while an incoming order is at work: its trades belong together. */
  get isOpen(): boolean {
    return this.taker !== undefined
  }

  /** A whole book was loaded. */
  loaded(isAuction: boolean, sink: MarketSink): void {
    this.time = undefined
    this.taker = undefined
    this.isAuction = isAuction
    if (!isAuction) sink.transactionEnded()
  }

  /** The book was given up: nothing is open any more. */
  abandon(): void {
    this.time = undefined
    this.taker = undefined
  }

  reset(): void {
    this.abandon()
    this.isAuction = false
  }

  save(writer: StateWriter): void {
    writer.optionalText(this.time)
    writer.optionalText(this.taker)
    writer.bool(this.isAuction)
  }

  restore(reader: StateReader): void {
    this.time = reader.optionalText()
    this.taker = reader.optionalText()
    this.isAuction = reader.bool()
  }
}
