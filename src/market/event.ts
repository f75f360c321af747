/**
 * What a venue's frames mean, as calls with primitives (fast) and as objects (comfortable). Decoders call a
 * MarketSink; books are changed by the same calls; EventCollector turns them into MarketEvent objects.
 */
import type { BookView } from './book-view.ts'
import type { OrderHandle } from './order-ids.ts'
import type { Price, Size } from './price.ts'
import type { AggressorSide, BookSide } from './side.ts'
import type { Micros } from './time.ts'

/** Why a book cannot be used. */
export type InvalidReason =
  | 'no-snapshot' // nothing from the venue yet
  | 'venue-sequence' // a hole in the venue's numbers
  | 'checksum' // the venue's checksum does not match the book
  | 'crossed' // best bid at or above best ask after a transaction
  | 'contradiction' // an event that does not fit the book: unknown maker, duplicate id, wrong old size …
  | 'not-representable' // a value past 2^53 units
  | 'malformed' // a frame that should have changed the book could not be read
  | 'disconnect' // the connection closed
  | 'stale' // the feed fell silent
  | 'maintenance' // the venue said so
  | 'resubscribe' // the channel was given up for a fresh start
  | 'run-ended' // the recorder stopped
  | 'missing-entries' // entries of the log are gone: deleted, or lost to damage

/** Causes of losses: what stands in a stream's list of gaps. */
export type GapCause =
  'venue-sequence' | 'checksum' | 'crossed' | 'contradiction' | 'malformed' | 'not-representable'

/** Causes of interruptions that are no loss of data: a fresh snapshot follows. */
export type DisconnectCause = 'disconnect' | 'stale' | 'maintenance' | 'resubscribe'

// The same words as keys, for what is read back and checked; their order is that of the categories in exported files.
export const GAP_CAUSES = {
  'venue-sequence': null,
  checksum: null,
  crossed: null,
  contradiction: null,
  'not-representable': null,
  malformed: null,
} as const satisfies Record<GapCause, null>
export const DISCONNECT_CAUSES = {
  disconnect: null,
  stale: null,
  maintenance: null,
  resubscribe: null,
} as const satisfies Record<DisconnectCause, null>
export const INVALID_REASONS = {
  'no-snapshot': null,
  ...GAP_CAUSES,
  ...DISCONNECT_CAUSES,
  'run-ended': null,
  'missing-entries': null,
} as const satisfies Record<InvalidReason, null>

/** Whether a book that may not be used for this reason lost something. */
export const isGapCause = (reason: InvalidReason): reason is GapCause => Object.hasOwn(GAP_CAUSES, reason)

/** Why an order left the book. `unknown`: deleted, the venue does not say why. */
export type RemovalCause = 'filled' | 'canceled' | 'unknown'

/** Computes the venue's checksum of a book, comparable with the value the venue sent. */
export type BookChecksum = (book: BookView) => number

/**
 * Receives market events in order. Every method returns at once and never throws for bad data: contradictions are
 * the book's to find. Sizes are absolute unless said otherwise.
 */
export interface MarketSink {
  /** Venue time and number of the events that follow, until the next call; undefined where the venue tells none. */
  stamp(exchangeTime: Micros | undefined, venueSequence: number | undefined): void
  /**
   * Scales of all prices and sizes that follow. A valid book is rescaled: its scales only grow. They may begin anew with
   * the content: told while the book is invalid, before `bookStarted`.
   */
  instrument(priceScale: number, sizeScale: number): void
  /**
   * A venue snapshot begins: the book's content is discarded; rows follow as orderOpened or levelSet.
   * `queueKnown`: whether rows of one price come in the venue's queue order.
   */
  bookStarted(kind: 'orders' | 'levels', queueKnown: boolean): void
  /** From here on the book may be used. `verified`: a proof of the venue (its sequence) already holds. */
  bookValid(verified: boolean): void
  /** From here on the book may not be used; its content stays as last applied. */
  bookInvalid(reason: InvalidReason): void
  /** An order rests behind those of its price with a rank at most its own. FIFO venues pass rank 0 always. */
  orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size, rank: number): void
  /**
   * Price and size of a resting order become these. It keeps its place when the price stays and the size does not
   * grow; else it goes behind its new price's orders of at most its rank. The venue's idea of the old values is
   * checked where given.
   */
  orderChanged(
    order: OrderHandle,
    price: Price,
    size: Size,
    oldPrice: Price | undefined,
    oldSize: Size | undefined,
  ): void
  /** A trade took this much from a resting order; at zero it leaves the book. */
  orderReduced(order: OrderHandle, by: Size): void
  /** An order leaves the book, if it is still there. Its handle means nothing afterwards. */
  orderRemoved(order: OrderHandle, cause: RemovalCause): void
  /** A level's size becomes this; zero deletes it. */
  levelSet(side: BookSide, price: Price, size: Size, orderCount: number | undefined): void
  /** A trade; maker is NO_ORDER where the venue does not name it, aggressor `unknown` where the book must tell it. */
  traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    maker: OrderHandle,
  ): void
  /** The venue's checksum of the book as it stands now. */
  check(checksum: BookChecksum, expected: number): void
  /** The venue's transaction (one engine step, one burst) is complete: invariants must hold now. */
  transactionEnded(): void
}

/** The same events as objects, in the same order; see MarketSink for their meaning. */
export type MarketEvent =
  | { readonly kind: 'instrument'; readonly priceScale: number; readonly sizeScale: number }
  | { readonly kind: 'book-started'; readonly book: 'orders' | 'levels'; readonly queueKnown: boolean }
  | { readonly kind: 'book-valid'; readonly verified: boolean }
  | { readonly kind: 'book-invalid'; readonly reason: InvalidReason }
  | ({
      readonly kind: 'order-opened'
      readonly order: OrderHandle
      readonly side: BookSide
      readonly price: Price
      readonly size: Size
      readonly rank: number
    } & Stamp)
  | ({
      readonly kind: 'order-changed'
      readonly order: OrderHandle
      readonly price: Price
      readonly size: Size
      readonly oldPrice: Price | undefined
      readonly oldSize: Size | undefined
    } & Stamp)
  | ({ readonly kind: 'order-reduced'; readonly order: OrderHandle; readonly by: Size } & Stamp)
  | ({ readonly kind: 'order-removed'; readonly order: OrderHandle; readonly cause: RemovalCause } & Stamp)
  | ({
      readonly kind: 'level-set'
      readonly side: BookSide
      readonly price: Price
      readonly size: Size
      readonly orderCount: number | undefined
    } & Stamp)
  | ({
      readonly kind: 'traded'
      readonly tradeId: number | undefined
      readonly price: Price
      readonly size: Size
      readonly aggressor: AggressorSide
      readonly maker: OrderHandle
    } & Stamp)
  | { readonly kind: 'check'; readonly expected: number }
  | { readonly kind: 'transaction-ended' }

/** What the venue said of an event: its time and its number. */
export interface Stamp {
  readonly exchangeTime: Micros | undefined
  readonly venueSequence: number | undefined
}

/** Turns sink calls into objects, collected until taken. For comfort and tests, not for the fast way. */
export class EventCollector implements MarketSink {
  private events: MarketEvent[] = []
  private exchangeTime: Micros | undefined
  private venueSequence: number | undefined

  /** The events since the last call. */
  take(): readonly MarketEvent[] {
    const taken = this.events
    this.events = []
    return taken
  }

  private stamped(): Stamp {
    return { exchangeTime: this.exchangeTime, venueSequence: this.venueSequence }
  }

  stamp(exchangeTime: Micros | undefined, venueSequence: number | undefined): void {
    this.exchangeTime = exchangeTime
    this.venueSequence = venueSequence
  }

  instrument(priceScale: number, sizeScale: number): void {
    this.events.push({ kind: 'instrument', priceScale, sizeScale })
  }

  bookStarted(book: 'orders' | 'levels', queueKnown: boolean): void {
    this.events.push({ kind: 'book-started', book, queueKnown })
  }

  bookValid(verified: boolean): void {
    this.events.push({ kind: 'book-valid', verified })
  }

  bookInvalid(reason: InvalidReason): void {
    this.events.push({ kind: 'book-invalid', reason })
  }

  orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size, rank: number): void {
    this.events.push({ kind: 'order-opened', order, side, price, size, rank, ...this.stamped() })
  }

  orderChanged(
    order: OrderHandle,
    price: Price,
    size: Size,
    oldPrice: Price | undefined,
    oldSize: Size | undefined,
  ): void {
    this.events.push({ kind: 'order-changed', order, price, size, oldPrice, oldSize, ...this.stamped() })
  }

  orderReduced(order: OrderHandle, by: Size): void {
    this.events.push({ kind: 'order-reduced', order, by, ...this.stamped() })
  }

  orderRemoved(order: OrderHandle, cause: RemovalCause): void {
    this.events.push({ kind: 'order-removed', order, cause, ...this.stamped() })
  }

  levelSet(side: BookSide, price: Price, size: Size, orderCount: number | undefined): void {
    this.events.push({ kind: 'level-set', side, price, size, orderCount, ...this.stamped() })
  }

  traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    this.events.push({ kind: 'traded', tradeId, price, size, aggressor, maker, ...this.stamped() })
  }

  check(_checksum: BookChecksum, expected: number): void {
    this.events.push({ kind: 'check', expected })
  }

  transactionEnded(): void {
    this.events.push({ kind: 'transaction-ended' })
  }
}
