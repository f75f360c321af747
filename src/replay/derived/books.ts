/** The best levels of books as rows: at every instant of an interval, or at every change. Owns the rows alone. */
import { type BookView, type DepthWatch, type LevelColumns, newLevelColumns } from '../../market/book-view.ts'
import type { InvalidReason } from '../../market/event.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { BookSide } from '../../market/side.ts'
import type { Micros } from '../../market/time.ts'
import type { ReplayVisitor, StreamState } from '../stream-state.ts'
import { PerStream } from './per-stream.ts'
import { statesTo } from './states.ts'

/**
 * The best levels of one book. The object and its columns are used again for the next row of the stream: copy what you
 * keep.
 */
export interface BookRow {
  readonly stream: StreamId
  /** The instant told of: of the interval, or when the entry that changed the book was received. */
  readonly time: Micros
  /** The last entry applied up to then, and when it was received. */
  readonly seq: number
  readonly receiveTime: Micros
  /** False: the book may not be used; its levels are then left empty. */
  readonly isValid: boolean
  /** Why it may not be used; undefined while it is valid. */
  readonly invalidReason: InvalidReason | undefined
  /** A proof of the venue holds for the book. */
  readonly isVerified: boolean
  readonly priceScale: number
  readonly sizeScale: number
  /** Best first, as many as were asked for; NaN in price, size and order count where there is no such level. */
  readonly bids: LevelColumns
  readonly asks: LevelColumns
  /** Levels that are there, at most as many as were asked for. */
  readonly bidCount: number
  readonly askCount: number
}

/** `levels`: how many of each side. `every`: microseconds; left out: a row for every change of what the row holds. */
export interface BooksOptions {
  readonly levels: number
  readonly every?: number | undefined
}

class BookRowOf implements BookRow {
  readonly stream: StreamId
  time: Micros
  seq = 0
  receiveTime: Micros
  isValid = false
  invalidReason: InvalidReason | undefined
  isVerified = false
  priceScale = 0
  sizeScale = 0
  readonly bids: LevelColumns
  readonly asks: LevelColumns
  bidCount = 0
  askCount = 0
  private readonly state: StreamState

  constructor(state: StreamState, levels: number) {
    this.state = state
    this.stream = state.stream
    this.time = state.receiveTime
    this.receiveTime = state.receiveTime
    this.bids = newLevelColumns(levels)
    this.asks = newLevelColumns(levels)
  }

  read(time: Micros): void {
    const { state } = this
    const { book } = state
    this.time = time
    this.seq = state.seq
    this.receiveTime = state.receiveTime
    this.isValid = state.isValid
    this.invalidReason = state.invalidReason
    this.isVerified = state.isVerified
    this.priceScale = book.priceScale
    this.sizeScale = book.sizeScale
    this.bidCount = this.readSide('bid', this.bids)
    this.askCount = this.readSide('ask', this.asks)
  }

  private readSide(side: BookSide, columns: LevelColumns): number {
    const count = this.state.isValid ? this.state.book.readTop(side, columns) : 0
    columns.prices.fill(NaN, count)
    columns.sizes.fill(NaN, count)
    columns.orderCounts.fill(NaN, count)
    return count
  }
}

const isSameColumn = (left: Float64Array, right: Float64Array): boolean => {
  for (let index = 0; index < left.length; index++) if (!Object.is(left[index], right[index])) return false
  return true
}

const isSameSide = (left: LevelColumns, right: LevelColumns): boolean =>
  isSameColumn(left.prices, right.prices) &&
  isSameColumn(left.sizes, right.sizes) &&
  isSameColumn(left.orderCounts, right.orderCounts)

const isSameRow = (left: BookRowOf, right: BookRowOf): boolean =>
  left.isValid === right.isValid &&
  left.invalidReason === right.invalidReason &&
  left.isVerified === right.isVerified &&
  left.priceScale === right.priceScale &&
  left.sizeScale === right.sizeScale &&
  isSameSide(left.bids, right.bids) &&
  isSameSide(left.asks, right.asks)

/** Two rows in turns: the one told last, and the one that is read where something may have changed. */
class ChangeWatch {
  private told: BookRowOf
  private spare: BookRowOf
  private hasTold = false
  private readonly state: StreamState
  private readonly levels: number
  private watched: BookView | undefined
  private watch: DepthWatch | undefined

  constructor(state: StreamState, levels: number) {
    this.state = state
    this.levels = levels
    this.told = new BookRowOf(state, levels)
    this.spare = new BookRowOf(state, levels)
  }

  look(onRow: (row: BookRow) => void): void {
    const { state, told, spare } = this
    if (!this.mayDiffer()) return
    spare.read(state.receiveTime)
    if (this.hasTold && isSameRow(spare, told)) return
    this.hasTold = true
    this.spare = told
    this.told = spare
    onRow(spare)
  }

  private mayDiffer(): boolean {
    const { state, told, watch } = this
    const { book } = state
    if (watch === undefined || book !== this.watched) {
      watch?.close()
      this.watched = book
      this.watch = book.watch(this.levels)
      return true
    }
    const isChanged = watch.isChanged('bid') || watch.isChanged('ask')
    if (isChanged) watch.reset()
    return isChanged || state.isValid !== told.isValid || state.isVerified !== told.isVerified
  }

  /** The book became usable or ceased to be so since the last row. */
  hasTurned(): boolean {
    return !this.hasTold || this.told.isValid !== this.state.isValid
  }
}

const onChange = (levels: number, onRow: (row: BookRow) => void): ReplayVisitor => {
  const watches = new PerStream<ChangeWatch>()
  const watchOf = (state: StreamState): ChangeWatch => {
    let watch = watches.get(state)
    if (watch === undefined) {
      watch = new ChangeWatch(state, levels)
      watches.set(state, watch)
    }
    return watch
  }
  return {
    transactionEnded: (state) => {
      watchOf(state).look(onRow)
    },
    entryEnded: (state) => {
      const watch = watchOf(state)
      // In the middle of a transaction a book that has just become usable waits for its end.
      if (watch.hasTurned() && !(state.isValid && state.isMidTransaction)) watch.look(onRow)
    },
  }
}

/**
 * Rows of the best levels of every stream. With `every` one per stream and instant, at the multiples of the interval since
 * the epoch: the book after all entries received up to it, from the first instant behind a stream's first entry on, streams
 * in their order. Without it a row whenever a transaction changed something that a row holds. A book that may not be used
 * has a row that says so and no levels. Throws RangeError for options that are none.
 */
export const booksTo = (options: BooksOptions, onRow: (row: BookRow) => void): ReplayVisitor => {
  const { levels, every } = options
  if (!Number.isSafeInteger(levels) || levels < 1)
    throw new RangeError(`levels are a whole number above 0, not ${String(levels)}`)
  if (every === undefined) return onChange(levels, onRow)
  const rows = new PerStream<BookRowOf>()
  return statesTo(every, (state, time) => {
    const row = rows.get(state) ?? new BookRowOf(state, levels)
    rows.set(state, row)
    row.read(time)
    onRow(row)
  })
}
