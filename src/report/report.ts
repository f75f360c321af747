/** What a report is made of: the figures of its summary, and what one replay collected. Plain data, below the store. */
import type { GapCause, InvalidReason } from '../market/event.ts'
import type { Micros } from '../market/time.ts'
import type { ReportCollector } from './collecting/report-collector.ts'

/** Something that went wrong, and the entry that showed it. */
export interface Incident {
  readonly seq: number
  readonly time: Micros | undefined
  readonly cause: string
  /** Of a gap: what the venue should have said, and what it said. */
  readonly expected: string
  readonly found: string
}

/** Counts of the range, as `bookreel info` gives them of a whole stream. Shares from 0 to 1. */
export interface ReportFigures {
  readonly entries: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly frames: number
  readonly events: number
  readonly trades: number
  readonly gaps: number
  readonly disconnects: number
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly undecodedFrames: number
  /** Holes of the log inside the range. */
  readonly missingEntries: number
  readonly decoderVersions: readonly number[]
  /** The book behind the last entry. */
  readonly book: {
    readonly valid: boolean
    readonly reason: InvalidReason | null
    readonly verified: boolean
    readonly digest: string
    readonly digestSeq: number
    readonly bestBid: string | null
    readonly bestAsk: string | null
  }
  /** The chain's head at the end of the whole log, as in `verify --head`; '' where damage hides it. */
  readonly head: string
}

export interface Report {
  readonly stream: string
  /** The venue as people call it; base and quote of the pair, which are the units of sizes and prices. */
  readonly venue: string
  readonly base: string
  readonly quote: string
  readonly software: string
  readonly figures: ReportFigures
  /** The first ones; the figures count all. */
  readonly gaps: readonly Incident[]
  readonly disconnects: readonly Incident[]
  readonly collected: ReportCollector
}

/** Words for people: what each cause and reason means. */
export const REASON_TEXTS: Readonly<Record<InvalidReason | GapCause, string>> = {
  'no-snapshot': 'no snapshot yet',
  'venue-sequence': 'gap in the venue’s numbers',
  checksum: 'wrong checksum',
  crossed: 'crossed book',
  contradiction: 'contradicts the book',
  'not-representable': 'value too large',
  malformed: 'unreadable frame',
  disconnect: 'connection lost',
  stale: 'feed fell silent',
  maintenance: 'maintenance',
  resubscribe: 'subscribed anew',
  'run-ended': 'recorder stopped',
  'missing-entries': 'entries missing in the log',
}
