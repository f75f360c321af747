/** In which parts of the range a book could be used, was proved, or could not be used and why. Bounded in any range. */
import type { InvalidReason } from '../../market/event.ts'
import type { Micros } from '../../market/time.ts'
import type { StreamState } from '../../replay/stream-state.ts'
import type { TimeColumns } from './time-columns.ts'

/** `verified`: usable and proved by the venue. */
export type QualityState = 'verified' | 'valid' | 'invalid'

/** A time in one state: it ends where the next one begins. */
export interface QualitySpan {
  readonly state: QualityState
  /** Undefined unless invalid. */
  readonly reason: InvalidReason | undefined
  readonly start: Micros
  readonly end: Micros
  /** The entry it begins with. */
  readonly seq: number
}

const MOST_LISTED = 200
/** Times that are drawn apart are at least this share of a column apart. */
const DRAWN_APART = 0.25

const stateOf = (state: StreamState): QualityState =>
  !state.isValid ? 'invalid' : state.isVerified ? 'verified' : 'valid'

export class QualityColumns {
  /** Microseconds of each column. */
  readonly verified: Float64Array
  readonly valid: Float64Array
  readonly invalid: Float64Array
  /** How many times in a column a book became unusable. */
  readonly breaks: Uint32Array
  readonly breaksBy = new Map<InvalidReason, number>()
  /** All of the range, by state; invalid by reason. */
  verifiedTime = 0
  validTime = 0
  readonly invalidTimes = new Map<InvalidReason, number>()
  /** The first ones; `further` is how many more there were. */
  readonly spans: QualitySpan[] = []
  further = 0
  /** Where no book could be used, [from, to] each; those too close to be told apart in a drawing are one. */
  readonly holes: [number, number][] = []
  private readonly columns: TimeColumns
  private open: Omit<QualitySpan, 'end'> | undefined

  constructor(columns: TimeColumns) {
    this.columns = columns
    this.verified = new Float64Array(columns.count)
    this.valid = new Float64Array(columns.count)
    this.invalid = new Float64Array(columns.count)
    this.breaks = new Uint32Array(columns.count)
  }

  break(column: number, reason: InvalidReason): void {
    this.breaks[column] = (this.breaks[column] ?? 0) + 1
    this.breaksBy.set(reason, (this.breaksBy.get(reason) ?? 0) + 1)
  }

  pass(column: number, micros: number, state: StreamState): void {
    if (micros <= 0) return
    const now = stateOf(state)
    const times = this[now]
    times[column] = (times[column] ?? 0) + micros
    if (now === 'invalid') {
      const reason = state.invalidReason ?? 'no-snapshot'
      this.invalidTimes.set(reason, (this.invalidTimes.get(reason) ?? 0) + micros)
      return
    }
    this.validTime += micros
    if (now === 'verified') this.verifiedTime += micros
  }

  /** An entry was applied, or the range begins, at this time. */
  look(state: StreamState, time: Micros): void {
    const now = stateOf(state)
    const { open } = this
    if (open !== undefined && open.state === now && open.reason === state.invalidReason) return
    this.close(time)
    this.open = { state: now, reason: state.invalidReason, start: time, seq: state.seq }
  }

  /** The open span ends. */
  close(time: Micros): void {
    const { open, spans, holes } = this
    if (open === undefined) return
    this.open = undefined
    if (time <= open.start) return
    if (spans.length < MOST_LISTED) spans.push({ ...open, end: time })
    else this.further++
    if (open.state !== 'invalid') return
    const last = holes.at(-1)
    if (last !== undefined && open.start - last[1] < this.columns.width * DRAWN_APART) last[1] = time
    else holes.push([open.start, time])
  }
}
