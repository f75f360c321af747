/** What a stream holds, added up from the headers of its chunks alone. Reads no payload. */
import type {
  ChunkHeader,
  DisconnectRecord,
  EntryCounts,
  Extent,
  GapRecord,
  SeqSpans,
} from '../../log/chunk.ts'
import { ENTRY_KINDS, type Seq } from '../../log/entry.ts'
import type { EventStore, QuarantineRef } from '../../log/event-store.ts'
import { joinSpans } from '../../log/seq-spans.ts'
import { headAfter, lastSeqOf, type Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { Micros } from '../../market/time.ts'

/** Times in microseconds, sizes in bytes, shares from 0 to 1. */
export interface StreamInfo {
  readonly stream: StreamId
  readonly entries: number
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly firstReceiveTime: Micros | null
  readonly lastReceiveTime: Micros | null
  readonly chunks: number
  readonly keyframes: number
  readonly kinds: EntryCounts
  readonly rawBytes: number
  readonly storedBytes: number
  readonly bytesPerEntry: number
  readonly runs: number
  readonly events: number
  readonly trades: number
  readonly gaps: readonly GapRecord[]
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly undecoded: { readonly frames: number; readonly kinds: Readonly<Record<string, number>> }
  readonly disconnects: readonly DisconnectRecord[]
  /** Share of the time between first and last entry in which the book was valid, verified. */
  readonly validShare: number
  readonly verifiedShare: number
  /** The entries after which the book was valid, verified. */
  readonly validSpans: SeqSpans
  readonly verifiedSpans: SeqSpans
  /** The venue's times (microseconds) and numbers; null: it told none. */
  readonly exchangeTimes: Extent | null
  readonly venueSequences: Extent | null
  /** Versions of the decoder that judged. */
  readonly decoderVersions: readonly number[]
  /** Entries that are not there any more. */
  readonly holes: readonly Omit<Tombstone, 'stream'>[]
  /** What was put aside as damaged. */
  readonly quarantined: readonly Omit<QuarantineRef, 'stream'>[]
  /** Parts of the log whose headers cannot be read: nothing of them is counted above. */
  readonly unreadable: readonly { readonly firstSeq: Seq; readonly detail: string }[]
  /** How many times the recorder's live book was not the one that replaying gave. */
  readonly sealMismatches: number
  /** Head of the chain after the last entry, hex; '' where damage hides it. */
  readonly head: string
}

const sum = (headers: readonly ChunkHeader[], value: (header: ChunkHeader) => number): number =>
  headers.reduce((total, header) => total + value(header), 0)

/** With no time between first and last entry, the state at the end counts for all of it. */
const share = (part: number, whole: number, atTheEnd: boolean): number =>
  whole > 0 ? part / whole : atTheEnd ? 1 : 0

const addKinds = (headers: readonly ChunkHeader[]): Readonly<Record<string, number>> => {
  const kinds = new Map<string, number>()
  for (const { verdict } of headers)
    for (const [kind, count] of Object.entries(verdict.undecoded.kinds))
      kinds.set(kind, (kinds.get(kind) ?? 0) + count)
  return Object.fromEntries([...kinds].sort(([left], [right]) => (left < right ? -1 : 1)))
}

const addCounts = (headers: readonly ChunkHeader[]): EntryCounts =>
  Object.fromEntries(
    ENTRY_KINDS.map((kind) => [kind, sum(headers, ({ kinds }) => kinds[kind] ?? 0)] as const).filter(
      ([, count]) => count > 0,
    ),
  )

const joinExtents = (extents: readonly (Extent | null)[]): Extent | null => {
  let least = Infinity
  let greatest = -Infinity
  for (const extent of extents) {
    if (extent === null) continue
    least = Math.min(least, extent.least)
    greatest = Math.max(greatest, extent.greatest)
  }
  return least <= greatest ? { least, greatest } : null
}

/** Stretches listed of a whole stream. */
const MOST_STREAM_SPANS = 10_000

/** What only the newest verdicts, and the parts between chunks, have to say. */
const proofOf = async (
  store: EventStore,
  stream: StreamId,
  headers: readonly ChunkHeader[],
  holes: readonly Tombstone[],
): Promise<
  Pick<
    StreamInfo,
    | 'validSpans'
    | 'verifiedSpans'
    | 'exchangeTimes'
    | 'venueSequences'
    | 'decoderVersions'
    | 'holes'
    | 'quarantined'
  >
> => {
  const verdicts = headers.map(({ verdict }) => verdict)
  const spansOf = (spans: readonly SeqSpans[]): SeqSpans => joinSpans(spans, MOST_STREAM_SPANS)
  return {
    validSpans: spansOf(verdicts.map(({ validSpans }) => validSpans)),
    verifiedSpans: spansOf(verdicts.map(({ verifiedSpans }) => verifiedSpans)),
    exchangeTimes: joinExtents(verdicts.map(({ exchangeTimes }) => exchangeTimes)),
    venueSequences: joinExtents(verdicts.map(({ venueSequences }) => venueSequences)),
    decoderVersions: [...new Set(verdicts.map(({ decoderVersion }) => decoderVersion))].sort(
      (one, other) => one - other,
    ),
    holes: holes.map(({ stream: _, ...hole }) => hole),
    quarantined: (await store.quarantined(stream)).map(({ stream: _, ...reference }) => reference),
  }
}

/** Throws StoreFailure only when the store as a whole fails. */
export const streamInfo = async (store: EventStore, stream: StreamId): Promise<StreamInfo> => {
  const parts = await store.parts(stream)
  const headers: ChunkHeader[] = []
  const holes: Tombstone[] = []
  const unreadable: { readonly firstSeq: Seq; readonly detail: string }[] = []
  for (const part of parts) {
    if (part.kind === 'chunk') headers.push(part.header)
    else if (part.kind === 'hole') holes.push(part.tombstone)
    else unreadable.push({ firstSeq: part.firstSeq, detail: part.detail })
  }
  const end = parts.at(-1)
  const keyframes = await store.keyframes(stream)
  const first = headers[0]
  const last = headers.at(-1)
  const entries = sum(headers, (header) => header.entries)
  const storedBytes = sum(headers, (header) => header.storedBytes)
  const span = sum(headers, ({ verdict }) => verdict.spanMicros)
  const valid = sum(headers, ({ verdict }) => verdict.validMicros)
  const verified = sum(headers, ({ verdict }) => verdict.verifiedMicros)
  return {
    stream,
    entries,
    firstSeq: first?.firstSeq ?? 0,
    lastSeq: end === undefined ? 0 : lastSeqOf(end),
    firstReceiveTime: first?.firstReceiveTime ?? null,
    lastReceiveTime: last?.lastReceiveTime ?? null,
    chunks: headers.length,
    keyframes: keyframes.length,
    kinds: addCounts(headers),
    rawBytes: sum(headers, (header) => header.rawBytes),
    storedBytes,
    bytesPerEntry: entries === 0 ? 0 : Math.round((storedBytes / entries) * 100) / 100,
    runs: sum(headers, ({ verdict }) => verdict.runs),
    events: sum(headers, ({ verdict }) => verdict.events),
    trades: sum(headers, ({ verdict }) => verdict.trades),
    gaps: headers.flatMap(({ verdict }) => verdict.gaps),
    checksums: {
      right: sum(headers, ({ verdict }) => verdict.checksums.right),
      wrong: sum(headers, ({ verdict }) => verdict.checksums.wrong),
    },
    undecoded: { frames: sum(headers, ({ verdict }) => verdict.undecoded.frames), kinds: addKinds(headers) },
    disconnects: headers.flatMap(({ verdict }) => verdict.disconnects),
    validShare: share(valid, span, last?.verdict.book.valid ?? false),
    verifiedShare: share(verified, span, last?.verdict.book.verified ?? false),
    ...(await proofOf(store, stream, headers, holes)),
    unreadable,
    sealMismatches: sum(headers, ({ verdict }) => verdict.sealMismatches ?? 0),
    head: headAfter(end),
  }
}
