/** The rows that `replay --every` prints: the books of all streams at one instant. A derivation, so that workers make them. */
import type { BookSide } from '../../market/side.ts'
import { type Micros, microsToIso } from '../../market/time.ts'
import type { NewDerivation } from '../../replay/derivation.ts'
import { renderSide } from '../../replay/derived/book-row.ts'
import { Sampler } from '../../replay/derived/sampler.ts'
import type { StreamState } from '../../replay/stream-state.ts'

export interface RowOptions {
  /** Microseconds. */
  readonly every: number
  /** Levels a side. */
  readonly depth: number
}

type Levels = readonly (readonly [price: string, size: string])[]

/** One stream's book at one instant: what `--json` prints. A book that may not be used has no levels. */
export interface BookRow {
  readonly stream: string
  readonly time: Micros
  readonly valid: boolean
  readonly reason: string | null
  readonly verified: boolean
  readonly bids: Levels
  readonly asks: Levels
}

const rowOf = (state: StreamState, time: Micros, depth: number): BookRow => {
  const { stream, isValid: valid, invalidReason, isVerified: verified, book } = state
  const levels = (side: BookSide): Levels =>
    valid ? renderSide(book, side, () => '', depth).map(({ price, size }) => [price, size] as const) : []
  return {
    ...{ stream, time, valid, reason: invalidReason ?? null, verified },
    ...{ bids: levels('bid'), asks: levels('ask') },
  }
}

/** A row of every stream at each instant that passes. */
export class BookRows {
  private readonly sampler: Sampler
  private readonly depth: number
  private readonly emit: (row: BookRow) => void
  private states: readonly StreamState[] = []

  /** `after`: see ReplayPart. */
  constructor({ every, depth }: RowOptions, after: Micros | undefined, emit: (row: BookRow) => void) {
    this.sampler = new Sampler(every, after)
    this.depth = depth
    this.emit = emit
  }

  begin(states: readonly StreamState[]): void {
    this.states = states
  }

  /** An entry of this time comes next: the rows of the instants before it. */
  reach(time: Micros): void {
    for (const instant of this.sampler.due(time))
      for (const state of this.states) this.emit(rowOf(state, instant, this.depth))
  }
}

/** The rows of one part of a replay. */
export const newDerivation: NewDerivation<RowOptions, BookRow> = (options, { after }, emit) => {
  const rows = new BookRows(options, after, emit)
  return {
    replayBegins: (states) => {
      rows.begin(states)
    },
    entryBegins: (_state, time) => {
      rows.reach(time)
    },
  }
}

const sideText = (levels: Levels): string => levels.map(([price, size]) => `${price}×${size}`).join(' ')

/** The row for people. */
export const rowText = ({ stream, time, valid, reason, bids, asks }: BookRow): string => {
  const head = `${microsToIso(time)} ${stream}`
  return valid
    ? `${head}  ${sideText(bids.toReversed())} | ${sideText(asks)}`
    : `${head}  not valid: ${reason ?? ''}`
}
