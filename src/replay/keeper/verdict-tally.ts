/** Counts what a stream's entries showed, since the last time it was taken. Judges nothing itself. */
import type { BookVerdict, DisconnectRecord, Extent, GapRecord, Verdict } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { SpanCollector } from '../../log/seq-spans.ts'
import type { DisconnectCause } from '../../market/event.ts'
import type { Micros } from '../../market/time.ts'
import type { Gap } from '../../venues/venue.ts'

/** Distinct names of undecoded kinds kept apart; further ones are counted as OTHER_KINDS. */
export const MOST_UNDECODED_KINDS = 100
export const OTHER_KINDS = 'other'

export class VerdictTally {
  events = 0
  trades = 0
  runs = 0
  right = 0
  wrong = 0
  undecodedFrames = 0
  /** Told live alone: no verdict holds them. */
  duplicates = 0
  spanMicros = 0
  validMicros = 0
  verifiedMicros = 0
  readonly gaps: GapRecord[] = []
  readonly disconnects: DisconnectRecord[] = []
  private readonly validSpans = new SpanCollector()
  private readonly verifiedSpans = new SpanCollector()
  // Numbers, not one object: told with every frame.
  private firstExchangeTime = Infinity
  private lastExchangeTime = -Infinity
  private leastSequence = Infinity
  private greatestSequence = -Infinity
  private readonly undecodedKinds = new Map<string, number>()

  addGap(seq: Seq, gap: Gap): void {
    this.gaps.push({ seq, ...gap })
  }

  addDisconnect(seq: Seq, cause: DisconnectCause): void {
    this.disconnects.push({ seq, cause })
  }

  addUndecoded(what: string): void {
    this.undecodedFrames++
    const known = this.undecodedKinds.get(what)
    const name =
      known !== undefined || this.undecodedKinds.size < MOST_UNDECODED_KINDS ? what.slice(0, 80) : OTHER_KINDS
    this.undecodedKinds.set(name, (this.undecodedKinds.get(name) ?? 0) + 1)
  }

  /** Time that passed in the state before an entry. */
  addTime(micros: number, isValid: boolean, isVerified: boolean): void {
    this.spanMicros += micros
    if (!isValid) return
    this.validMicros += micros
    if (isVerified) this.verifiedMicros += micros
  }

  /** What the venue says of the events at hand. */
  addStamp(exchangeTime: Micros | undefined, venueSequence: number | undefined): void {
    if (exchangeTime !== undefined && isWhole(exchangeTime)) {
      if (exchangeTime < this.firstExchangeTime) this.firstExchangeTime = exchangeTime
      if (exchangeTime > this.lastExchangeTime) this.lastExchangeTime = exchangeTime
    }
    if (venueSequence !== undefined && isWhole(venueSequence)) {
      if (venueSequence < this.leastSequence) this.leastSequence = venueSequence
      if (venueSequence > this.greatestSequence) this.greatestSequence = venueSequence
    }
  }

  /** The book after an entry; needs to be told only of the first entry, and where something changed. */
  addBook(seq: Seq, isValid: boolean, isVerified: boolean): void {
    this.validSpans.note(seq, isValid)
    this.verifiedSpans.note(seq, isValid && isVerified)
  }

  undecoded(): { readonly frames: number; readonly kinds: Readonly<Record<string, number>> } {
    const kinds = [...this.undecodedKinds].sort(([left], [right]) => (left < right ? -1 : 1))
    return { frames: this.undecodedFrames, kinds: Object.fromEntries(kinds) }
  }

  /** `lastSeq`: the last entry counted. */
  toVerdict(decoderVersion: number, lastSeq: Seq, book: BookVerdict): Verdict {
    return {
      decoderVersion,
      events: this.events,
      trades: this.trades,
      runs: this.runs,
      gaps: this.gaps,
      disconnects: this.disconnects,
      checksums: { right: this.right, wrong: this.wrong },
      undecoded: this.undecoded(),
      spanMicros: this.spanMicros,
      validMicros: this.validMicros,
      verifiedMicros: this.verifiedMicros,
      validSpans: this.validSpans.finish(lastSeq),
      verifiedSpans: this.verifiedSpans.finish(lastSeq),
      exchangeTimes: extentOf(this.firstExchangeTime, this.lastExchangeTime),
      venueSequences: extentOf(this.leastSequence, this.greatestSequence),
      book,
    }
  }
}

const extentOf = (least: number, greatest: number): Extent | null =>
  least <= greatest ? { least, greatest } : null

/** A venue may say anything; a header holds whole numbers. */
const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
