/**
 * One stream's decoder and book, fed with its entries in order: live, at the seal and in replay alike. Pure: it has no
 * clock and starts nothing; what the decoder wants of a live feed goes to `onCommand`.
 */
import type { LevelBook } from '../../book/level-book.ts'
import type { OrderBook } from '../../book/order-book.ts'
import { FrameScanner } from '../../codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../codec/template/scanning-cursor.ts'
import type { Verdict } from '../../log/chunk.ts'
import type { EntryView, Seq } from '../../log/entry.ts'
import { runModeOf } from '../../log/payloads.ts'
import type { SampledLosses } from '../../log/sample.ts'
import type { BookView } from '../../market/book-view.ts'
import type { InvalidReason, MarketSink } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { ProductState } from '../../market/product-state.ts'
import { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { Decoder, Venue } from '../../venues/venue.ts'
import { bestText, tellContent } from '../told-book.ts'
import { type ApplierOptions, BookApplier } from './book-applier.ts'
import { countedWith, type KeptCounts, NO_COUNTS } from './kept-counts.ts'
import { SampleDecoder } from './sample-decoder.ts'
import { VerdictTally } from './verdict-tally.ts'

/** Stands behind the state of a decoder of samples; behind a venue's stands nothing. */
const SAMPLES = 'samples'

/** A stream at a glance. Counts are since the keeper was made or restored. */
export interface KeeperSummary extends KeptCounts {
  readonly entries: number
  readonly lastSeq: Seq
  readonly lastReceiveTime: Micros
  /** Of the last frame since the keeper was made; 0: none yet. */
  readonly lastFrameTime: Micros
  readonly valid: boolean
  /** Null when valid. */
  readonly reason: InvalidReason | null
  readonly verified: boolean
  /** Decimal text; null where the side is empty. */
  readonly bestBid: string | null
  readonly bestAsk: string | null
  /** What the venue said last of the product; null: nothing yet. */
  readonly product: ProductState | null
}

/**
 * Decoder and book of one stream; see `visit` for stored streams.
 * @internal
 */
export class BookKeeper {
  private readonly venue: Venue
  private decoder: Decoder
  private readonly applier: BookApplier
  private readonly scanner = new FrameScanner()
  private entries = 0
  // What the tally was last told of the book.
  private toldTally: VerdictTally | undefined
  private wasValid = false
  private wasVerified = false
  private lastReceiveTime = microsOf(0)
  private lastFrameTime = microsOf(0)
  /** Counts of the tallies taken already. */
  private taken = NO_COUNTS

  constructor(venue: Venue, options: ApplierOptions = {}) {
    this.venue = venue
    this.decoder = venue.newDecoder()
    this.applier = new BookApplier((order) => this.decoder.orderId(order), options)
  }

  /** Entries must come in the order of their seq. Where numbers are left out, entries are missing: see `skip`. */
  apply(entry: EntryView): void {
    const { applier } = this
    if (entry.seq !== applier.seq + 1 && applier.seq !== 0) this.skip(entry.seq - 1)
    const { tally } = applier
    if (this.lastReceiveTime > 0)
      tally.addTime(entry.receiveTime - this.lastReceiveTime, applier.isValid, applier.isVerified)
    this.lastReceiveTime = entry.receiveTime
    this.entries++
    applier.seq = entry.seq
    const { kind } = entry
    if (kind === 'frame') this.lastFrameTime = entry.receiveTime
    else if (kind === 'run-started') {
      applier.reset()
      tally.runs++
      this.beginRun(entry)
    }
    applier.tellTime(entry.receiveTime)
    this.decoder.decode(entry, applier)
    this.rejectFaults()
    this.noteBook()
  }

  /** A run of samples is understood alike whatever its venue; the venue's decoder begins anew behind it. */
  private beginRun(entry: EntryView): void {
    const hasSamples = runModeOf(entry.text()) === 'snapshot'
    if (hasSamples) this.decoder = new SampleDecoder()
    else if (this.decoder instanceof SampleDecoder) this.decoder = this.venue.newDecoder()
  }

  /** The decoder may go over to the book of another connection, which may be refused in its turn: each only once. */
  private rejectFaults(): void {
    const { applier, decoder } = this
    while (applier.fault !== undefined) {
      const { reason, detail } = applier.fault
      applier.fault = undefined
      decoder.reject(reason, detail, applier)
    }
  }

  private noteBook(): void {
    const { applier, toldTally, wasValid, wasVerified } = this
    const { tally, isValid, isVerified } = applier
    if (tally === toldTally && isValid === wasValid && isVerified === wasVerified) return
    tally.addBook(applier.seq, isValid, isVerified)
    this.toldTally = tally
    this.wasValid = isValid
    this.wasVerified = isVerified
  }

  /**
   * The entries behind the last one, through `lastSeq`, are missing from the log: the book is invalid
   * (`missing-entries`) until the venue's next snapshot. Nothing happens when they were skipped already.
   */
  skip(lastSeq: Seq): void {
    const { applier, decoder } = this
    if (lastSeq <= applier.seq) return
    applier.seq++
    applier.entriesMissing()
    // The decoder must wait for a fresh start, as after any loss.
    decoder.reject('missing-entries', 'entries of the log are missing', applier)
    applier.fault = undefined
    this.noteBook()
    applier.seq = lastSeq
  }

  /** Applies packed records (see log/entry.ts), from the first to the last. */
  applyRecords(records: Uint8Array): void {
    const cursor = new ScanningCursor(records, this.scanner)
    while (cursor.next()) this.apply(cursor)
  }

  /** The verdict over the entries since the last call, and the book as it stands. */
  takeVerdict(): Verdict {
    const { tally, seq, isValid, isVerified } = this.applier
    const book = { valid: isValid, reason: this.reason, verified: isVerified, ...this.digest() }
    const verdict = tally.toVerdict(this.venue.decoderVersion, seq, book)
    this.restartTally()
    return verdict
  }

  /** The losses since the last call of it or of `takeVerdict`, without their entries: for whoever wants no verdict. */
  takeLosses(): SampledLosses {
    const losses = this.pendingLosses()
    this.restartTally()
    return losses
  }

  /** The losses that the next call of `takeLosses` gives. */
  pendingLosses(): SampledLosses {
    const { gaps, disconnects } = this.applier.tally
    return {
      gaps: gaps.map(({ cause, expected, found }) => ({ cause, expected, found })),
      disconnects: disconnects.map(({ cause }) => cause),
    }
  }

  private restartTally(): void {
    this.taken = countedWith(this.taken, this.applier.tally)
    this.applier.tally = new VerdictTally()
  }

  /** The entry that is being applied or was applied last; 0: none yet. */
  get seq(): Seq {
    return this.applier.seq
  }

  get receiveTime(): Micros {
    return this.lastReceiveTime
  }

  /** The venue's time and number as stamped last; NaN where it told none. */
  get exchangeTime(): number {
    return this.applier.exchangeTime
  }

  get venueSequence(): number {
    return this.applier.venueSequence
  }

  /** Whether the book may be used, also in the middle of an entry: not where the entry at hand contradicts it. */
  get isValid(): boolean {
    return this.applier.isValid && !this.applier.hasRefused
  }

  get isVerified(): boolean {
    return this.applier.isVerified && this.isValid
  }

  /** Undefined while the book may be used. */
  get invalidReason(): InvalidReason | undefined {
    const { applier } = this
    return applier.isValid ? applier.fault?.reason : applier.reason
  }

  /** From now on `listener` gets every market event; `onTransactionEnded` is told of transactions whose book stands. */
  listen(listener: MarketSink | undefined, onTransactionEnded?: () => void): void {
    this.applier.listener = listener
    this.applier.onTransactionEnded = onTransactionEnded
  }

  /** Takes these as what the venue stamped last; NaN: nothing. */
  stampedBefore(exchangeTime: number, venueSequence: number): void {
    this.applier.exchangeTime = exchangeTime
    this.applier.venueSequence = venueSequence
  }

  /** Tells the listener the book as it stands, as a snapshot; of one that may not be used no content. */
  tellBook(): void {
    const { listener, book, isValid, isLoading, isVerified, reason } = this.applier
    if (listener === undefined) return
    const { price, size } = book.instrumentScales
    listener.instrument(price, size)
    if (isValid || isLoading) tellContent(book, listener)
    if (isValid) listener.bookValid(isVerified)
    else if (!isLoading) listener.bookInvalid(reason)
  }

  private get reason(): InvalidReason | null {
    return this.applier.isValid ? null : this.applier.reason
  }

  /** The stream at a glance. */
  summary(): KeeperSummary {
    const { applier, taken } = this
    const { tally, book } = applier
    return {
      entries: this.entries,
      lastSeq: applier.seq,
      lastReceiveTime: this.lastReceiveTime,
      lastFrameTime: this.lastFrameTime,
      valid: applier.isValid,
      reason: this.reason,
      verified: applier.isVerified,
      bestBid: bestText(book, 'bid'),
      bestAsk: bestText(book, 'ask'),
      product: applier.lastProduct ?? null,
      ...countedWith(taken, tally),
    }
  }

  /** SHA-256 of the content as last applied, and the entry that last changed it. */
  digest(): { readonly digest: string; readonly digestSeq: Seq } {
    return { digest: this.applier.digest(), digestSeq: this.applier.contentSeq }
  }

  /** The book as last applied; whether it may be used is in `summary`. */
  book(): BookView & (OrderBook | LevelBook) {
    return this.applier.book
  }

  /** The venue's id of an order that rests. */
  orderId(order: OrderHandle): string {
    return this.decoder.orderId(order)
  }

  /** True between events that the venue meant to be seen together. */
  isMidTransaction(): boolean {
    return this.decoder.isMidTransaction()
  }

  /** Book and decoder after the last entry: what a keyframe holds. */
  save(): Uint8Array {
    const writer = new StateWriter()
    writer.uint(this.applier.seq)
    writer.uint(this.lastReceiveTime)
    this.applier.save(writer)
    writer.block(this.decoder.save())
    if (this.decoder instanceof SampleDecoder) writer.text(SAMPLES)
    return writer.finish()
  }

  /**
   * Goes on where `save` of a keeper of the same venue and decoder version stopped. What a keeper that has seen entries
   * already counted is kept.
   */
  restore(state: Uint8Array): void {
    const reader = new StateReader(state)
    this.toldTally = undefined
    this.applier.seq = reader.uint()
    this.lastReceiveTime = microsOf(reader.uint())
    this.applier.restore(reader)
    this.applier.tellTime(this.lastReceiveTime)
    const decoderState = reader.block()
    const hasSamples = !reader.isAtEnd && reader.text() === SAMPLES
    this.decoder = hasSamples ? new SampleDecoder() : this.venue.newDecoder()
    this.decoder.restore(decoderState)
  }
}
