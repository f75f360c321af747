/**
 * What a consumer of a replay may read of one stream: where it stands and its book as of the last entry applied. Owns the
 * shape alone; one object per stream lives as long as the replay and always tells the present.
 */
import type { Seq } from '../log/entry.ts'
import type { BookView } from '../market/book-view.ts'
import type { InvalidReason, MarketSink } from '../market/event.ts'
import type { StreamId } from '../market/instrument.ts'
import type { OrderHandle } from '../market/order-ids.ts'
import type { Micros } from '../market/time.ts'

/** One stream of a replay, as of the last entry applied: always the present, the same object all the time. */
export interface StreamState {
  readonly stream: StreamId
  /** The entry that is being applied or was applied last; 0 before the first one. */
  readonly seq: Seq
  /** When that entry was received: microseconds since the Unix epoch. */
  readonly receiveTime: Micros
  /** The venue's time and number of the last event that had one. */
  readonly exchangeTime: Micros | undefined
  readonly venueSequence: number | undefined
  /** Scales of the prices and sizes that events tell; an invalid book's content may still be in older ones. */
  readonly priceScale: number
  readonly sizeScale: number
  /** The book as last applied, whether it may be used or not. Another object after a snapshot; ask each time. */
  readonly book: BookView
  readonly isValid: boolean
  /** Why the book may not be used; undefined while it is valid. */
  readonly invalidReason: InvalidReason | undefined
  /** A proof of the venue (its sequence, its checksum) holds for the book. */
  readonly isVerified: boolean
  /** True between events that the venue meant to be seen together. */
  readonly isMidTransaction: boolean
  /** The venue's id of an order that rests in the book. */
  readonly orderId: (order: OrderHandle) => string
}

/**
 * Called while a replay runs, synchronously and without an object per event. What it throws ends the replay, which closes
 * everything and throws it on.
 */
export interface ReplayVisitor {
  /** The first call: the states of all streams, in the order of the request, each sought to its place. */
  readonly replayBegins?: ((states: readonly StreamState[]) => void) | undefined
  /**
   * The sink of a stream's market events, asked for once per stream before its first entry; undefined: none wanted. Each
   * event is told after the book has taken it. Entries in front of the range, which only build the book, are not told.
   */
  readonly sinkOf?: ((state: StreamState) => MarketSink | undefined) | undefined
  /**
   * An entry of the range is about to be applied, received at this time: `state` still tells of the entries before it.
   * Behind a hole this comes before the book of the next keyframe is put in place, so that instants inside a hole never
   * see what is known only behind it; its content is then told to the sink as a snapshot.
   */
  readonly entryBegins?: ((state: StreamState, receiveTime: Micros) => void) | undefined
  /** An entry of the range was applied. */
  readonly entryEnded?: ((state: StreamState) => void) | undefined
  /** A group of events that the venue meant to be seen together is complete: no half-applied book is ever seen here. */
  readonly transactionEnded?: ((state: StreamState) => void) | undefined
  /**
   * The replay came to the end of its range, the last call: not when it was aborted or failed. `lastInstant`: all entries
   * received up to it were applied: the end of the range where entries lie behind it, else the time of the last entry;
   * undefined where there was none.
   */
  readonly replayEnded?: ((lastInstant: Micros | undefined) => void) | undefined
}
