/**
 * What came, left, traded and changed at each price, span by span, such that everything adds up. Owns the spans; the
 * sums are FlowTable's, what an event does to a level is LevelFlow's.
 */
import type { InvalidReason } from '../../market/event.ts'
import type { StreamId } from '../../market/instrument.ts'
import { priceOf } from '../../market/price.ts'
import type { BookSide } from '../../market/side.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { ReplayVisitor, StreamState } from '../stream-state.ts'
import { type FlowSums, FlowTable, type LevelFlowRow } from './flow-table.ts'
import { eachInterval } from './intervals.ts'
import { type FlowCause, LevelFlow, type LevelFlowTarget } from './level-flow.ts'

/**
 * A stretch of an interval in which one usable book went on without a break, or in which there was none. The spans of a
 * stream follow each other without holes. Used again for the next one: copy what you keep.
 */
export interface FlowSpan {
  readonly stream: StreamId
  /** Entries received behind `start` (of a book that begins there: at it too), up to and with `end`. */
  readonly start: Micros
  readonly end: Micros
  /** False: no book could be used in this span, and nothing else is told of it. */
  readonly hasBook: boolean
  /** The span is a whole interval, replayed from start to end. */
  readonly isWhole: boolean
  /** Why the book could not be used any more from `end` on; undefined where it goes on. */
  readonly endedBy: InvalidReason | undefined
  readonly priceScale: number
  readonly sizeScale: number
  /** Sums over the levels of a side. */
  readonly bids: FlowSums
  readonly asks: FlowSums
  /** Calls with each level that something happened to, bids then asks, best first. Call it during the call alone. */
  readonly forEachLevel: (visit: (row: LevelFlowRow) => void) => void
}

class OpenSpan implements FlowSpan, LevelFlowTarget {
  readonly stream: StreamId
  start = microsOf(0)
  end = microsOf(0)
  hasBook = false
  isWhole = false
  endedBy: InvalidReason | undefined = undefined
  priceScale = 0
  sizeScale = 0
  readonly bids = new FlowTable('bid')
  readonly asks = new FlowTable('ask')
  private hasBegun = false
  private readonly state: StreamState
  private readonly onSpan: (span: FlowSpan) => void

  constructor(state: StreamState, onSpan: (span: FlowSpan) => void) {
    this.state = state
    this.stream = state.stream
    this.onSpan = onSpan
  }

  forEachLevel(visit: (row: LevelFlowRow) => void): void {
    this.bids.forEach(visit)
    this.asks.forEach(visit)
  }

  /** Before each entry, with the start of its interval. */
  beginAt(intervalStart: Micros): void {
    if (this.hasBegun) return
    this.hasBegun = true
    this.start = microsOf(Math.max(intervalStart, this.state.receiveTime))
  }

  began(): void {
    const { book, receiveTime } = this.state
    if (receiveTime > this.start) this.tell(receiveTime, false, undefined)
    this.hasBook = true
    this.priceScale = book.priceScale
    this.sizeScale = book.sizeScale
  }

  moved(side: BookSide, price: number, delta: number, cause: FlowCause): void {
    const at = priceOf(price)
    const after = this.state.book.sizeAt(side, at)
    if (side === 'bid') this.bids.add(at, after, delta, cause)
    else this.asks.add(at, after, delta, cause)
  }

  rescaled(fromPrice: number, toPrice: number, fromSize: number, toSize: number): void {
    this.bids.rescale(fromPrice, toPrice, fromSize, toSize)
    this.asks.rescale(fromPrice, toPrice, fromSize, toSize)
    this.priceScale = toPrice
    this.sizeScale = toSize
  }

  broke(reason: InvalidReason): void {
    this.tell(this.state.receiveTime, false, reason)
    this.hasBook = false
  }

  /** The span ends here; the next one begins. */
  tell(end: Micros, isWhole: boolean, endedBy: InvalidReason | undefined): void {
    // A book that breaks with the entry that ended the span before has nothing to tell.
    if (end > this.start || this.bids.count + this.asks.count > 0) {
      this.end = end
      this.isWhole = isWhole && this.hasBook
      this.endedBy = endedBy
      this.onSpan(this)
    }
    this.bids.clear()
    this.asks.clear()
    this.start = end
  }

  intervalEnded(intervalStart: Micros, end: Micros, isCovered: boolean): void {
    this.tell(end, isCovered && this.start <= intervalStart, undefined)
  }
}

/** `every`: microseconds; left out: spans end only where the book breaks and with the replay. */
export interface OrderFlowOptions {
  readonly every?: number | undefined
}

/**
 * Calls `onSpan` for every interval of every stream: at the multiples of `every` since the epoch, and whenever a book
 * begins or breaks in between. What happened while no book could be used is not known, and is not filled in. The last span
 * ends with the last entry replayed. Throws RangeError for an interval that is none.
 */
export const orderFlowTo = (options: OrderFlowOptions, onSpan: (span: FlowSpan) => void): ReplayVisitor =>
  eachInterval(options.every ?? Number.MAX_SAFE_INTEGER, (state) => {
    const span = new OpenSpan(state, onSpan)
    const flow = new LevelFlow(state, span)
    return {
      sink: flow,
      entryBegins: (intervalStart) => {
        span.beginAt(intervalStart)
        flow.entryBegins()
      },
      intervalEnded: (start, end, isCovered) => {
        span.intervalEnded(start, end, isCovered)
      },
      intervalCut: (_start, _end, lastInstant) => {
        span.tell(lastInstant, false, undefined)
      },
    }
  })
