/**
 * Applies a decoder's calls to the stream's book and judges them: one place for validity, verification and
 * contradictions. Content of an invalid book is never changed until the venue's next snapshot.
 */
import { bookDigest } from '../../book/digest.ts'
import type { BookFault } from '../../book/integrity.ts'
import { LevelBook } from '../../book/level-book.ts'
import { OrderBook } from '../../book/order-book.ts'
import type { Seq } from '../../log/entry.ts'
import type { BookChecksum, DisconnectCause, InvalidReason, MarketSink } from '../../market/event.ts'
import type { RemovalCause } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { Price, Size } from '../../market/price.ts'
import type { ProductState } from '../../market/product-state.ts'
import { aggressorAgainst, type AggressorSide, type BookSide } from '../../market/side.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { Micros } from '../../market/time.ts'
import type { DecoderSink, FeedCommand, Gap } from '../../venues/venue.ts'
import { touchText } from '../told-book.ts'
import { VerdictTally } from './verdict-tally.ts'

/** What a consumer may watch beside the book. */
export interface ApplierOptions {
  /** Gets every market event after the book has taken it; aggressors are resolved. */
  readonly listener?: MarketSink | undefined
  readonly onCommand?: ((command: FeedCommand) => void) | undefined
  readonly onStarted?: ((connection: number) => void) | undefined
}

export class BookApplier implements DecoderSink {
  private orderBook = new OrderBook()
  private levelBook = new LevelBook()
  book: OrderBook | LevelBook = this.orderBook
  isValid = false
  reason: InvalidReason = 'no-snapshot'
  isVerified = false
  tally = new VerdictTally()
  /** The entry being decoded. */
  seq: Seq = 0
  /** The entry that last changed the book's content; 0: none since the run began. */
  contentSeq: Seq = 0
  /** The first contradiction of the entry being decoded. */
  fault: BookFault | undefined
  /** Gets every market event after the book has taken it; may be another from one entry to the next. */
  listener: MarketSink | undefined
  /** The venue's transaction is complete and its book stands: it is not told where the book contradicts itself. */
  onTransactionEnded: (() => void) | undefined
  /** What was stamped last; NaN where the venue told none. */
  exchangeTime = NaN
  venueSequence = NaN
  isLoading = false
  /** What the venue said last of the product, in this run. */
  lastProduct: ProductState | undefined
  readonly product = (state: ProductState): void => void (this.lastProduct = state)
  private cachedDigest = ''
  private digestIsCurrent = false
  private readonly orderId: (order: OrderHandle) => string
  private readonly options: ApplierOptions

  constructor(orderId: (order: OrderHandle) => string, options: ApplierOptions) {
    this.orderId = orderId
    this.options = options
    this.listener = options.listener
  }

  /** A run begins: nothing of the run before it counts any more. */
  reset(): void {
    // New books, not cleared ones: scales begin anew with the decoder's.
    this.orderBook = new OrderBook()
    this.levelBook = new LevelBook()
    this.book = this.orderBook
    this.isValid = false
    this.isLoading = false
    this.isVerified = false
    this.reason = 'no-snapshot'
    this.contentSeq = 0
    this.digestIsCurrent = false
    this.fault = undefined
    this.lastProduct = undefined
  }

  /** Receive time of the entry that is decoded next: what the books call now. */
  tellTime(receiveTime: Micros): void {
    this.orderBook.now = receiveTime
    this.levelBook.now = receiveTime
  }

  /** SHA-256 of the content as last applied. */
  digest(): string {
    if (!this.digestIsCurrent) {
      this.cachedDigest = bookDigest(this.book, this.orderId)
      this.digestIsCurrent = true
    }
    return this.cachedDigest
  }

  get hasRefused(): boolean {
    return this.fault !== undefined
  }

  private changed(fault: BookFault | undefined): void {
    this.tally.events++
    this.contentSeq = this.seq
    this.digestIsCurrent = false
    if (fault !== undefined) this.fault ??= fault
  }

  private get isAccepting(): boolean {
    return (this.isValid || this.isLoading) && !this.hasRefused
  }

  stamp(exchangeTime: Micros | undefined, venueSequence: number | undefined): void {
    this.tally.addStamp(exchangeTime, venueSequence)
    this.exchangeTime = exchangeTime ?? NaN
    this.venueSequence = venueSequence ?? NaN
    this.listener?.stamp(exchangeTime, venueSequence)
  }

  instrument(priceScale: number, sizeScale: number): void {
    const orderFault = this.orderBook.rescale(priceScale, sizeScale)
    const fault = this.levelBook.rescale(priceScale, sizeScale) ?? orderFault
    // The content of an invalid book may stay in its old scales: what comes next replaces it.
    if (fault !== undefined && this.isValid) this.fault ??= fault
    this.tally.events++
    this.listener?.instrument(priceScale, sizeScale)
  }

  bookStarted(kind: 'orders' | 'levels', queueKnown: boolean): void {
    this.orderBook.clear(queueKnown)
    this.levelBook.clear()
    this.book = kind === 'orders' ? this.orderBook : this.levelBook
    this.isValid = false
    this.isLoading = true
    this.isVerified = false
    this.changed(undefined)
    this.listener?.bookStarted(kind, queueKnown)
  }

  bookValid(verified: boolean): void {
    if (this.fault !== undefined || this.isBehindHole) return
    if (!this.book.isConverted) {
      this.fault ??= { reason: 'not-representable', detail: 'the book in the scales of its instrument' }
      return
    }
    this.orderBook.endSnapshot()
    this.isLoading = false
    this.isValid = true
    this.isVerified = verified
    this.tally.events++
    this.listener?.bookValid(verified)
  }

  /**
   * Entries of the log are missing behind the last one: until the venue's next snapshot nothing can be said of the
   * book, and what seems lost meanwhile is no loss between venue and recorder.
   */
  entriesMissing(): void {
    this.bookInvalid('missing-entries')
    this.fault = undefined
  }

  private get isBehindHole(): boolean {
    return !this.isValid && !this.isLoading && this.reason === 'missing-entries'
  }

  bookInvalid(reason: InvalidReason): void {
    if (this.isBehindHole) return
    this.isLoading = false
    this.isValid = false
    this.isVerified = false
    this.reason = reason
    this.tally.events++
    this.listener?.bookInvalid(reason)
  }

  orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size, rank: number): void {
    if (!this.isAccepting) return
    this.changed(this.orderBook.open(order, side, price, size, rank))
    this.listener?.orderOpened(order, side, price, size, rank)
  }

  orderChanged(
    order: OrderHandle,
    price: Price,
    size: Size,
    oldPrice: Price | undefined,
    oldSize: Size | undefined,
  ): void {
    if (!this.isAccepting) return
    this.changed(this.orderBook.change(order, price, size, oldPrice, oldSize))
    this.listener?.orderChanged(order, price, size, oldPrice, oldSize)
  }

  orderReduced(order: OrderHandle, by: Size): void {
    if (!this.isAccepting) return
    this.changed(this.orderBook.reduce(order, by))
    this.listener?.orderReduced(order, by)
  }

  orderRemoved(order: OrderHandle, cause: RemovalCause): void {
    if (!this.isAccepting) return
    // An order filled to the end has left by its last trade already.
    if (this.orderBook.remove(order)) this.changed(undefined)
    this.listener?.orderRemoved(order, cause)
  }

  levelSet(side: BookSide, price: Price, size: Size, orderCount: number | undefined): void {
    if (!this.isAccepting) return
    this.changed(this.levelBook.set(side, price, size, orderCount))
    this.listener?.levelSet(side, price, size, orderCount)
  }

  traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    this.tally.events++
    this.tally.trades++
    if (this.listener === undefined) return
    const resting = aggressor === 'unknown' && maker >= 0 ? this.orderBook.orderAt(maker)?.side : undefined
    const resolved = resting === undefined ? aggressor : aggressorAgainst(resting)
    this.listener.traded(tradeId, price, size, resolved, maker)
  }

  check(checksum: BookChecksum, expected: number): void {
    if (!this.isValid || this.fault !== undefined) return
    const computed = checksum(this.book)
    this.tally.events++
    if (computed === expected) {
      this.tally.right++
      this.isVerified = true
    } else {
      this.tally.wrong++
      this.fault ??= { reason: 'checksum', detail: String(computed) }
    }
    this.listener?.check(checksum, expected)
  }

  transactionEnded(): void {
    if (this.isValid && this.fault === undefined && this.book.isCrossed()) {
      this.fault ??= { reason: 'crossed', detail: touchText(this.book) }
    }
    this.listener?.transactionEnded()
    if (this.onTransactionEnded !== undefined && this.fault === undefined) this.onTransactionEnded()
  }

  gap(gap: Gap): void {
    if (!this.isBehindHole) this.tally.addGap(this.seq, gap)
  }

  disconnected(cause: DisconnectCause): void {
    this.tally.addDisconnect(this.seq, cause)
  }

  undecoded(what: string): void {
    this.tally.addUndecoded(what)
  }

  duplicate(): void {
    this.tally.duplicates++
  }
  started(connection: number): void {
    this.options.onStarted?.(connection)
  }
  command(command: FeedCommand): void {
    this.options.onCommand?.(command)
  }

  save(writer: StateWriter): void {
    writer.bool(this.isValid)
    writer.bool(this.isLoading)
    writer.bool(this.isVerified)
    writer.text(this.reason)
    writer.uint(this.contentSeq)
    writer.text(this.digest())
    writer.bool(this.book.kind === 'orders')
    this.book.save(writer)
  }

  restore(reader: StateReader): void {
    this.reset()
    this.isValid = reader.bool()
    this.isLoading = reader.bool()
    this.isVerified = reader.bool()
    this.reason = reader.text() as InvalidReason
    this.contentSeq = reader.uint()
    this.cachedDigest = reader.text()
    this.digestIsCurrent = true
    this.book = reader.bool() ? this.orderBook : this.levelBook
    this.book.restore(reader)
    // Both books keep the instrument's scales, whichever is in use.
    const { price, size } = this.book.instrumentScales
    if (this.book !== this.orderBook) this.orderBook.rescale(price, size)
    if (this.book !== this.levelBook) this.levelBook.rescale(price, size)
  }
}
