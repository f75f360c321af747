/** What a stream holds, added up from its chunk headers alone. Reads no payload. */
import type { ChunkHeader, DisconnectRecord, GapRecord } from '../log/chunk.ts'
import type { Seq } from '../log/entry.ts'
import type { EventStore } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'

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
  /** Head of the chain after the last entry, hex. */
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

/** Throws StoreFailure when a header cannot be read. */
export const streamInfo = async (store: EventStore, stream: StreamId): Promise<StreamInfo> => {
  const headers = await store.headers(stream)
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
    lastSeq: last?.lastSeq ?? 0,
    firstReceiveTime: first?.firstReceiveTime ?? null,
    lastReceiveTime: last?.lastReceiveTime ?? null,
    chunks: headers.length,
    keyframes: keyframes.length,
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
    head: last?.chainAfter ?? '',
  }
}
