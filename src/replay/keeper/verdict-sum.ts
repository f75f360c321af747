/** The verdict of a chunk made of two: what replaying it would give, without replaying. */
import type { Extent, Verdict } from '../../log/chunk.ts'
import { joinSpans } from '../../log/seq-spans.ts'
import { MOST_UNDECODED_KINDS, OTHER_KINDS } from './verdict-tally.ts'

const joinExtents = (first: Extent | null, next: Extent | null): Extent | null =>
  first === null || next === null
    ? (first ?? next)
    : {
        least: Math.min(first.least, next.least),
        greatest: Math.max(first.greatest, next.greatest),
      }

const addKinds = (first: Verdict, next: Verdict): Readonly<Record<string, number>> => {
  const sums = new Map(Object.entries(first.undecoded.kinds))
  for (const [kind, count] of Object.entries(next.undecoded.kinds))
    sums.set(kind, (sums.get(kind) ?? 0) + count)
  return Object.fromEntries([...sums].sort(([left], [right]) => (left < right ? -1 : 1)))
}

/**
 * The verdict over the entries of two chunks, the second right behind the first. Undefined where that cannot be told
 * from the two: decoders of different versions judged them, or a bounded list was cut or would be.
 */
export const addVerdicts = (first: Verdict, next: Verdict): Verdict | undefined => {
  const kinds = addKinds(first, next)
  const validSpans = joinSpans([first.validSpans, next.validSpans])
  const verifiedSpans = joinSpans([first.verifiedSpans, next.verifiedSpans])
  const isCut =
    validSpans.further + verifiedSpans.further > 0 ||
    Object.keys(kinds).length > MOST_UNDECODED_KINDS ||
    Object.hasOwn(kinds, OTHER_KINDS)
  if (isCut || first.decoderVersion !== next.decoderVersion) return undefined
  const sealMismatches = (first.sealMismatches ?? 0) + (next.sealMismatches ?? 0)
  return {
    decoderVersion: first.decoderVersion,
    events: first.events + next.events,
    trades: first.trades + next.trades,
    runs: first.runs + next.runs,
    gaps: [...first.gaps, ...next.gaps],
    disconnects: [...first.disconnects, ...next.disconnects],
    checksums: {
      right: first.checksums.right + next.checksums.right,
      wrong: first.checksums.wrong + next.checksums.wrong,
    },
    undecoded: { frames: first.undecoded.frames + next.undecoded.frames, kinds },
    spanMicros: first.spanMicros + next.spanMicros,
    validMicros: first.validMicros + next.validMicros,
    verifiedMicros: first.verifiedMicros + next.verifiedMicros,
    validSpans,
    verifiedSpans,
    exchangeTimes: joinExtents(first.exchangeTimes, next.exchangeTimes),
    venueSequences: joinExtents(first.venueSequences, next.venueSequences),
    book: next.book,
    ...(sealMismatches > 0 ? { sealMismatches } : {}),
  }
}
