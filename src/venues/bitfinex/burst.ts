/**
 * Bursts of a book channel: the venue collects changes and sends them together, one frame each. Frames whose times are
 * at most 20 ms apart are one transaction. A rule over data alone: no timer takes part.
 */
import type { MarketSink } from '../../market/event.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Micros, microsOf } from '../../market/time.ts'

/** A frame of the second time is of another burst. */
export const isBurstOver = (last: Micros, time: Micros): boolean => Math.abs(time - last) > LONGEST_PAUSE

// Bursts come about every 200 ms; the frames of one were seen to straddle two milliseconds.
const LONGEST_PAUSE = 20_000

export class Burst {
  private last: Micros | undefined

  get isOpen(): boolean {
    return this.last !== undefined
  }

  /** A frame of this time came, of whatever channel: a later one ends the burst. */
  pass(time: Micros, sink: MarketSink): void {
    if (this.last !== undefined && isBurstOver(this.last, time)) this.end(sink)
  }

  /** The frame changes the book. */
  extend(time: Micros): void {
    this.last = time
  }

  end(sink: MarketSink): void {
    if (this.last === undefined) return
    this.last = undefined
    sink.transactionEnded()
  }

  /** What was begun will not be completed. */
  abandon(): void {
    this.last = undefined
  }

  save(writer: StateWriter): void {
    writer.optionalNumber(this.last)
  }

  restore(reader: StateReader): void {
    const last = reader.optionalNumber()
    this.last = last === undefined ? undefined : microsOf(last)
  }
}
