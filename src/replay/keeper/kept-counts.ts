/** What a keeper counted over all its verdicts. */
import type { VerdictTally } from './verdict-tally.ts'

export interface KeptCounts {
  readonly gaps: number
  readonly disconnects: number
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly undecodedFrames: number
  /** Messages that came again, over a redundant connection or the same. */
  readonly duplicates: number
  readonly events: number
  readonly trades: number
}

export const NO_COUNTS: KeptCounts = {
  gaps: 0,
  disconnects: 0,
  checksums: { right: 0, wrong: 0 },
  undecodedFrames: 0,
  duplicates: 0,
  events: 0,
  trades: 0,
}

/** With what the tally counted. */
export const countedWith = (counts: KeptCounts, tally: VerdictTally): KeptCounts => ({
  gaps: counts.gaps + tally.gaps.length,
  disconnects: counts.disconnects + tally.disconnects.length,
  checksums: { right: counts.checksums.right + tally.right, wrong: counts.checksums.wrong + tally.wrong },
  undecodedFrames: counts.undecodedFrames + tally.undecodedFrames,
  duplicates: counts.duplicates + tally.duplicates,
  events: counts.events + tally.events,
  trades: counts.trades + tally.trades,
})
