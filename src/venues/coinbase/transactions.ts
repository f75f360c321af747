/**
 * The engine's transactions on `full` and `level3`: messages of one `time` belong together, and one is known to be over
 * when the next time begins. Owns only that; invariants are the book's to check. Times and ids come as texts or as
 * scalars of rows: what one of them began the other may end.
 */
import type { FrameScope } from '../../log/frame-row.ts'
import type { MarketSink } from '../../market/event.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { timeText } from './venue-time.ts'

/** Stands for a time that is there as text. */
const AS_TEXT = -1

export class TransactionClock {
  /** The time at hand is this text, undefined for none, or the text of these microseconds with so many digits. */
  private time: string | undefined
  private micros = 0
  private digits = AS_TEXT
  /** The taker is this id, or the one behind the reference of this scope. */
  private taker: string | undefined
  private takerScope: FrameScope | undefined
  private takerReference = 0
  /** During an auction's collection a crossed book is legal: no end is told until a book without auction is loaded. */
  private isAuction = false

  /** A message of this time comes: ends the transaction before it. */
  enter(time: string, sink: MarketSink): void {
    const before = this.timeAtHand()
    if (time === before) return
    this.begin(before !== undefined, sink)
    this.time = time
    this.digits = AS_TEXT
  }

  /** As `enter`, of the time of a row: microseconds, written with so many digits of a second. */
  enterAt(micros: number, digits: number, sink: MarketSink): void {
    if (this.digits === AS_TEXT) {
      if (this.time !== undefined && this.time === timeText(micros, digits)) return
      this.begin(this.time !== undefined, sink)
    } else {
      if (micros === this.micros && digits === this.digits) return
      this.begin(true, sink)
    }
    this.micros = micros
    this.digits = digits
  }

  private begin(hasBefore: boolean, sink: MarketSink): void {
    if (hasBefore && !this.isAuction) sink.transactionEnded()
    this.forgetTaker()
  }

  private timeAtHand(): string | undefined {
    return this.digits === AS_TEXT ? this.time : timeText(this.micros, this.digits)
  }

  /** An incoming order is at work until it rests or is done. */
  takerEntered(id: string): void {
    this.taker = id
    this.takerScope = undefined
  }

  /** As `takerEntered`, of an id in a row. */
  takerEnteredAt(scope: FrameScope, reference: number): void {
    this.takerScope = scope
    this.takerReference = reference
  }

  takerLeft(id: string): void {
    if (this.takerAtHand() === id) this.forgetTaker()
  }

  /** As `takerLeft`, of an id in a row. */
  takerLeftAt(scope: FrameScope, reference: number): void {
    if (scope === this.takerScope) {
      if (reference === this.takerReference) this.forgetTaker()
    } else if (this.isOpen) {
      this.takerLeft(scope.idText(reference))
    }
  }

  private takerAtHand(): string | undefined {
    return this.takerScope === undefined ? this.taker : this.takerScope.idText(this.takerReference)
  }

  private forgetTaker(): void {
    this.taker = undefined
    this.takerScope = undefined
  }

  /** True while an incoming order is at work: its trades belong together. */
  get isOpen(): boolean {
    return this.taker !== undefined || this.takerScope !== undefined
  }

  /** A whole book was loaded. */
  loaded(isAuction: boolean, sink: MarketSink): void {
    this.abandon()
    this.isAuction = isAuction
    if (!isAuction) sink.transactionEnded()
  }

  /** The book was given up: nothing is open any more. */
  abandon(): void {
    this.time = undefined
    this.digits = AS_TEXT
    this.forgetTaker()
  }

  reset(): void {
    this.abandon()
    this.isAuction = false
  }

  save(writer: StateWriter): void {
    writer.optionalText(this.timeAtHand())
    writer.optionalText(this.takerAtHand())
    writer.bool(this.isAuction)
  }

  restore(reader: StateReader): void {
    this.reset()
    this.time = reader.optionalText()
    this.taker = reader.optionalText()
    this.isAuction = reader.bool()
  }
}
