/**
 * One product's sequenced messages (`full`, `level3`) and its REST book, made into one sound book by orders: order of
 * numbers, synchronisation, validity and losses. What a single message does is in order-events.ts.
 */
import type { EntryView } from '../../log/entry.ts'
import { type InvalidReason, isGapCause } from '../../market/event.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { Micros } from '../../market/time.ts'
import type { DecoderSink } from '../venue.ts'
import type { BoundRow } from './bindings/bound-row.ts'
import { readBookBody } from './book-body.ts'
import { BookPhase } from './book-phase.ts'
import { type Failure, failureOf } from './failure.ts'
import type { Scales } from './instruments.ts'
import type { Level3Schema } from './level3.ts'
import { OrderMessages, type SequencedMessage } from './order-messages.ts'
import { REORDER_TIMER, REORDER_WINDOW, SequenceQueue } from './sequence.ts'
import { Synchronisation } from './synchronisation.ts'

/** Messages kept for a book to come; at the bound the connection is given up for a fresh start. */
const QUEUE_LIMIT = 200_000

export class OrderFeed {
  private readonly queue = new SequenceQueue()
  private readonly synchronisation = new Synchronisation()
  private readonly messages: OrderMessages
  private product = ''
  private readonly phase = new BookPhase()

  constructor(scales: Scales) {
    this.messages = new OrderMessages(scales)
  }

  get schema(): Level3Schema {
    return this.messages.schema
  }

  get isMidTransaction(): boolean {
    return this.phase.isLive && this.messages.isMidTransaction
  }

  readonly orderId = (order: number): string => this.messages.events.ids.text(order)

  /** A run begins. */
  begin(product: string, startsEmpty: boolean): void {
    this.disconnect()
    this.synchronisation.begin()
    this.product = product
    this.phase.startsEmpty = startsEmpty
    this.messages.events.ids.clear()
  }

  /** The last connection is gone: the next one begins anew. The ids stay, they name what the book still shows. */
  disconnect(): void {
    this.messages.disconnect()
    this.queue.reset()
    this.synchronisation.reset()
    this.phase.disconnect()
  }

  /** One of several connections is gone. */
  readonly forget = (connection: number): void => this.queue.forget(connection)

  readonly reachedOn = (connection: number): number => this.queue.highestOf(connection)

  /** Time has come so far: late messages may be overdue. */
  advanceTo(now: Micros, sink: DecoderSink): void {
    if (!this.queue.isHoleOverdue(now)) return
    while (this.queue.isHoleOverdue(now)) this.giveUpHole(now, sink)
    this.afterLoss(now, sink)
  }

  /** The live recorder's timer fired: waits on where it fired too early. */
  timerFired(timer: string | undefined, now: Micros, sink: DecoderSink): void {
    if (timer !== REORDER_TIMER) return
    if (this.queue.hasHole) this.startTimer(now, sink)
  }

  /** No more messages will come: what is missing now is lost. */
  end(now: Micros, sink: DecoderSink): void {
    while (this.queue.hasHole) this.giveUpHole(now, sink)
  }

  /** A sequenced message of this product. */
  accept(sequence: number, message: SequencedMessage, entry: EntryView, sink: DecoderSink): void {
    const { queue } = this
    const verdict = queue.judge(entry.connection, sequence)
    if (verdict === 'restart') this.restart(sequence, entry.receiveTime, sink)
    if (verdict === 'old') sink.duplicate()
    else if (queue.isLate(sequence)) {
      sink.duplicate()
      if (this.phase.isUnproven && sequence === queue.reached && !queue.hasHole) this.prove(sink)
    } else if (!queue.isNext(sequence)) {
      this.holdBack(sequence, entry, sink)
    } else if (this.phase.isLive || this.phase.startsEmpty) {
      this.take(sequence, message, entry.receiveTime, sink)
    } else {
      queue.keep({ sequence, receiveTime: entry.receiveTime, text: entry.text() })
      this.afterQueued(entry, sink)
    }
  }

  /** As `accept`, of a message as a row. */
  acceptRow(row: BoundRow, entry: EntryView, sink: DecoderSink): void {
    // A book under way and the next message: all that `accept` would look at is as it should be.
    if (!this.phase.isSteady || !this.queue.takesNext(entry.connection, row.sequence)) {
      this.accept(row.sequence, row, entry, sink)
      return
    }
    const failure = this.messages.applyRow(row, sink)
    if (failure !== undefined) this.fail(failure.cause, failure.detail, entry.receiveTime, sink)
  }

  private take(sequence: number, message: SequencedMessage, now: Micros, sink: DecoderSink): void {
    const { queue, messages } = this
    if (this.phase.startsEmpty) {
      this.phase.startsEmpty = false
      this.phase.isLive = true
      messages.startEmpty(sink)
    }
    if (this.phase.isUnproven || queue.hasHole) this.prove(sink)
    queue.advance(sequence)
    const failure = messages.apply(sequence, message, sink)
    if (failure !== undefined) this.fail(failure.cause, failure.detail, now, sink)
    else if (queue.size > 0) this.drain(now, sink)
  }

  /** The venue counts anew: nothing that follows belongs to the book at hand. */
  private restart(sequence: number, now: Micros, sink: DecoderSink): void {
    const { queue, synchronisation } = this
    this.end(now, sink)
    if (this.phase.isLive) sink.bookInvalid('venue-sequence')
    sink.gap({ cause: 'venue-sequence', expected: String((queue.reached ?? 0) + 1), found: String(sequence) })
    this.giveUpBook()
    queue.restart()
    synchronisation.failed(false, now)
  }

  /** Applies what was kept, as far as the numbers follow. */
  private drain(now: Micros, sink: DecoderSink): void {
    const { queue } = this
    for (let held = queue.takeNext(); held !== undefined; held = queue.takeNext()) {
      const failure = this.messages.applyText(held.sequence, held.text, sink)
      if (failure !== undefined) {
        this.fail(failure.cause, failure.detail, now, sink)
        return
      }
    }
    if (!queue.hasHole) return
    queue.refreshHole()
    this.openHole(now, sink)
    this.advanceTo(now, sink)
  }

  private holdBack(sequence: number, entry: EntryView, sink: DecoderSink): void {
    const { queue } = this
    const { receiveTime } = entry
    const hadHole = queue.hasHole
    if (!queue.hold({ sequence, receiveTime, text: entry.text() })) sink.duplicate()
    if (!hadHole) this.openHole(receiveTime, sink)
    this.advanceTo(receiveTime, sink)
  }

  private openHole(now: Micros, sink: DecoderSink): void {
    if (this.phase.isLive) sink.bookInvalid('venue-sequence')
    this.startTimer(now, sink)
  }

  private startTimer(now: Micros, sink: DecoderSink): void {
    const delay = Math.max(1, Math.ceil((this.queue.holeSince + REORDER_WINDOW - now) / 1000))
    sink.command({ kind: 'timer', timer: REORDER_TIMER, delay })
  }

  private giveUpHole(now: Micros, sink: DecoderSink): void {
    const lost = this.queue.loseHole()
    if (lost === undefined) return
    // A book that no message ever followed was older than the feed: a failed synchronisation, not a loss.
    const isLoss = !(this.phase.isLive && this.phase.isUnproven)
    if (isLoss)
      sink.gap({ cause: 'venue-sequence', expected: String(lost.expected), found: String(lost.found) })
    if (this.phase.isLive) {
      this.giveUpBook()
      this.synchronisation.failed(false, now)
    }
  }

  private afterLoss(now: Micros, sink: DecoderSink): void {
    if (this.queue.hasHole) this.startTimer(now, sink)
    this.tryHeldBody(now, sink)
    this.synchronisation.ask(this.product, now, sink)
  }

  private afterQueued(entry: EntryView, sink: DecoderSink): void {
    const { queue, synchronisation } = this
    this.tryHeldBody(entry.receiveTime, sink)
    if (this.phase.isLive) return
    synchronisation.ask(this.product, entry.receiveTime, sink)
    if (queue.size <= QUEUE_LIMIT) return
    queue.drop()
    synchronisation.release()
    sink.command({ kind: 'reconnect', connection: entry.connection, cause: 'resubscribe', delay: 1_000 })
  }

  /** The numbers hold: the book may be used (again). A book that began by assumption is never verified. */
  private prove(sink: DecoderSink): void {
    this.phase.isUnproven = false
    sink.bookValid(!this.messages.events.isAssumed)
  }

  private giveUpBook(): void {
    this.phase.giveUp()
    this.messages.abandon()
  }

  /** The book cannot be trusted any more: says so once and asks for a new one. */
  fail(cause: InvalidReason, detail: string, now: Micros, sink: DecoderSink): void {
    if (!this.phase.isLive) return
    sink.bookInvalid(cause)
    if (isGapCause(cause)) sink.gap({ cause, expected: '', found: detail })
    if (cause === 'not-representable') this.messages.events.scales.giveUp()
    this.giveUpBook()
    this.queue.connect()
    this.synchronisation.failed(true, now)
    if (this.queue.size > 0) this.afterLoss(now, sink)
  }

  /** An answer to a request for this product's book. */
  answered(status: number, body: Uint8Array, now: Micros, sink: DecoderSink): void {
    this.synchronisation.answered()
    if (this.phase.isLive && !this.phase.isUnproven) return
    if (status === 200) this.takeBody(body, now, sink)
    else if (this.queue.reached !== undefined) this.synchronisation.askAgain(this.product, status, now, sink)
  }

  private tryHeldBody(now: Micros, sink: DecoderSink): void {
    const { synchronisation, queue } = this
    const body = synchronisation.takeHeld(queue.reached ?? 0)
    if (body !== undefined) this.takeBody(body, now, sink)
    else if (synchronisation.isHeldTooLong(now)) synchronisation.askAgain(this.product, 200, now, sink)
  }

  private takeBody(bytes: Uint8Array, now: Micros, sink: DecoderSink): void {
    const { queue, synchronisation } = this
    const book = readBookBody(bytes)
    if (book === undefined) {
      this.refuseBody(failureOf('malformed', 'book'), now, sink)
      return
    }
    const { sequence } = book.body
    if (this.phase.isLive) {
      // A further book before the first message: the newer one counts.
      if (queue.hasHole || sequence < (queue.reached ?? 0)) return
    } else if (sequence < (queue.oldestBook ?? 0)) {
      synchronisation.askAgain(this.product, 200, now, sink)
      return
    } else if (queue.reached === undefined ? synchronisation.hasReconnected : sequence > queue.reached) {
      synchronisation.hold(bytes, sequence, now)
      return
    }
    const rows = book.readRows(this.messages.events.scales, sink)
    if ('cause' in rows) {
      this.refuseBody(rows, now, sink)
      return
    }
    const isUnproven = this.phase.isLive || queue.reached === undefined
    this.phase.load(isUnproven)
    queue.startAfter(sequence)
    synchronisation.succeeded(now)
    this.messages.load(book, rows, !isUnproven, sink)
    this.drain(now, sink)
  }

  private refuseBody(failure: Failure, now: Micros, sink: DecoderSink): void {
    if (failure.cause === 'not-representable') this.messages.events.scales.giveUp()
    if (failure.cause === 'malformed') sink.undecoded('malformed:book')
    else if (!this.phase.hasToldUnrepresentable) {
      this.phase.hasToldUnrepresentable = true
      sink.bookInvalid(failure.cause)
      sink.gap({ cause: failure.cause, expected: '', found: failure.detail })
    }
    if (this.queue.reached !== undefined) this.synchronisation.askAgain(this.product, 200, now, sink)
  }

  save(writer: StateWriter): void {
    writer.text(this.product)
    this.phase.save(writer)
    this.messages.save(writer)
    this.queue.save(writer)
    this.synchronisation.save(writer)
  }

  restore(reader: StateReader): void {
    this.product = reader.text()
    this.phase.restore(reader)
    this.messages.restore(reader)
    this.queue.restore(reader)
    this.synchronisation.restore(reader)
  }
}
