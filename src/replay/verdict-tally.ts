/** Counts what a stream's entries showed, since the last time it was taken. Judges nothing itself. */
import type { BookVerdict, DisconnectRecord, GapRecord, Verdict } from '../log/chunk.ts'
import type { Seq } from '../log/entry.ts'
import type { DisconnectCause } from '../market/event.ts'
import type { Gap } from '../venues/venue.ts'

/** Distinct names of undecoded kinds kept apart; further ones are counted as `other`. */
const MOST_UNDECODED_KINDS = 100

export class VerdictTally {
  events = 0
  trades = 0
  runs = 0
  right = 0
  wrong = 0
  undecodedFrames = 0
  spanMicros = 0
  validMicros = 0
  verifiedMicros = 0
  readonly gaps: GapRecord[] = []
  readonly disconnects: DisconnectRecord[] = []
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
      known !== undefined || this.undecodedKinds.size < MOST_UNDECODED_KINDS ? what.slice(0, 80) : 'other'
    this.undecodedKinds.set(name, (this.undecodedKinds.get(name) ?? 0) + 1)
  }

  /** Time that passed in the state before an entry. */
  addTime(micros: number, isValid: boolean, isVerified: boolean): void {
    this.spanMicros += micros
    if (!isValid) return
    this.validMicros += micros
    if (isVerified) this.verifiedMicros += micros
  }

  undecoded(): { readonly frames: number; readonly kinds: Readonly<Record<string, number>> } {
    const kinds = [...this.undecodedKinds].sort(([left], [right]) => (left < right ? -1 : 1))
    return { frames: this.undecodedFrames, kinds: Object.fromEntries(kinds) }
  }

  toVerdict(decoderVersion: number, book: BookVerdict): Verdict {
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
      book,
    }
  }
}
