/**
 * Cuts the time of a replay into equal intervals, for all its streams at once: each holds the entries behind its start, its
 * end included. Owns when an interval is over; what is told of it belongs to the parts.
 */
import type { MarketSink } from '../../market/event.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { ReplayVisitor, StreamState } from '../stream-state.ts'
import { PerStream } from './per-stream.ts'

/** What is kept of one stream. */
export interface IntervalPart {
  readonly sink: MarketSink | undefined
  /** Before each entry, with the start of the interval it lies in. */
  readonly entryBegins?: (start: Micros) => void
  /**
   * An interval is over: all entries up to `end` were applied, and none behind it. `isCovered`: all of the interval was
   * replayed; false where the replay or the log begins inside it.
   */
  readonly intervalEnded: (start: Micros, end: Micros, isCovered: boolean) => void
  /** The replay ended inside this interval: nothing is known behind `lastInstant`. */
  readonly intervalCut?: (start: Micros, end: Micros, lastInstant: Micros) => void
}

interface Begun {
  readonly part: IntervalPart
  isCovered: boolean
  hasBegun: boolean
}

/** Refuses an interval that is none. Throws RangeError. */
const checkInterval = (every: number): void => {
  if (!Number.isSafeInteger(every) || every <= 0)
    throw new RangeError(`an interval is a whole number of microseconds above 0, not ${String(every)}`)
}

class Intervals {
  private readonly every: number
  private readonly streams = new PerStream<Begun>()
  private end = Infinity

  constructor(every: number) {
    this.every = every
  }

  add(state: StreamState, part: IntervalPart): void {
    this.streams.set(state, { part, isCovered: true, hasBegun: false })
  }

  entryBegins(state: StreamState, time: Micros): void {
    if (this.end === Infinity) this.end = Math.ceil(time / this.every) * this.every
    while (time > this.end) this.pass()
    const begun = this.streams.get(state)
    if (begun === undefined) return
    if (!begun.hasBegun) {
      begun.hasBegun = true
      // What was received last in front of the range lies before this interval: nothing of it is missing.
      begun.isCovered = state.seq > 0 && state.receiveTime <= this.end - this.every
    }
    begun.part.entryBegins?.(microsOf(this.end - this.every))
  }

  private pass(): void {
    const { end, every } = this
    for (const begun of this.streams.all()) {
      if (!begun.hasBegun) continue
      begun.part.intervalEnded(microsOf(end - every), microsOf(end), begun.isCovered)
      begun.isCovered = true
    }
    this.end = end + every
  }

  replayEnded(lastInstant: Micros | undefined): void {
    if (lastInstant === undefined || this.end === Infinity) return
    while (this.end <= lastInstant) this.pass()
    const { end, every } = this
    if (lastInstant <= end - every) return
    for (const { part, hasBegun } of this.streams.all())
      if (hasBegun) part.intervalCut?.(microsOf(end - every), microsOf(end), lastInstant)
  }
}

/** A visitor that tells its parts, one per stream, of each interval of `every` microseconds. Serves one replay. */
export const eachInterval = (every: number, newPart: (state: StreamState) => IntervalPart): ReplayVisitor => {
  checkInterval(every)
  const intervals = new Intervals(every)
  return {
    sinkOf: (state) => {
      const part = newPart(state)
      intervals.add(state, part)
      return part.sink
    },
    entryBegins: (state, time) => {
      intervals.entryBegins(state, time)
    },
    replayEnded: (lastInstant) => {
      intervals.replayEnded(lastInstant)
    },
  }
}
