/** What the headers of a stream's chunks, and the entries of those at the edges, say of a range. Replays nothing. */
import type { ChunkHeader, DisconnectRecord, GapRecord } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import type { EventStore } from '../../log/event-store.ts'
import { firstSeqOf, headAfter, lastSeqOf } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { endsOf, isWithin, type ReplayRange, touches } from '../../replay/position.ts'
import { readEntries } from '../../replay/proof/readable-chunks.ts'

export interface RangeFacts {
  /** Clipped to what the stream holds. */
  readonly start: Micros
  readonly end: Micros
  /** What to replay: it ends with the last entry counted here, also where the stream is being recorded. */
  readonly range: ReplayRange
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly entries: number
  readonly frames: number
  /** Entries of the range that are not there any more. */
  readonly missingEntries: number
  readonly gaps: readonly GapRecord[]
  readonly disconnects: readonly DisconnectRecord[]
  readonly decoderVersions: readonly number[]
  /** Head of the stream's chain, hex; '' where damage hides it. */
  readonly head: string
}

const lies = (header: ChunkHeader, range: ReplayRange): 'inside' | 'outside' | 'partly' => {
  if (endsOf(header).every((end) => isWithin(end, range))) return 'inside'
  return touches(header, range) ? 'partly' : 'outside'
}

class Facts {
  entries = 0
  frames = 0
  firstSeq = 0
  lastSeq = 0
  firstTime = 0
  lastTime = 0

  add(first: readonly [Seq, number], last: readonly [Seq, number], entries: number, frames: number): void {
    if (this.entries === 0) [this.firstSeq, this.firstTime] = first
    ;[this.lastSeq, this.lastTime] = last
    this.entries += entries
    this.frames += frames
  }
}

const addPart = async (
  store: EventStore,
  header: ChunkHeader,
  range: ReplayRange,
  facts: Facts,
): Promise<void> => {
  await readEntries(store, header, (entry) => {
    if (!isWithin(entry, range)) return
    const place = [entry.seq, entry.receiveTime] as const
    facts.add(place, place, 1, entry.kind === 'frame' ? 1 : 0)
  })
}

/** Undefined: no entry of the stream lies in the range. Throws StoreFailure. */
export const rangeFacts = async (
  store: EventStore,
  stream: StreamId,
  range: ReplayRange,
): Promise<RangeFacts | undefined> => {
  const facts = new Facts()
  const parts = await store.parts(stream)
  const headers: ChunkHeader[] = []
  let [streamStart, streamEnd] = [Infinity, -Infinity]
  for (const part of parts) {
    if (part.kind !== 'chunk') continue
    const { header } = part
    streamStart = Math.min(streamStart, header.firstReceiveTime)
    streamEnd = Math.max(streamEnd, header.lastReceiveTime)
    const place = lies(header, range)
    if (place === 'outside') continue
    const { firstSeq, lastSeq, firstReceiveTime, lastReceiveTime, entries, kinds } = header
    if (place === 'partly') await addPart(store, header, range, facts)
    else facts.add([firstSeq, firstReceiveTime], [lastSeq, lastReceiveTime], entries, kinds.frame ?? 0)
    headers.push(header)
  }
  if (facts.entries === 0) return undefined
  const { firstSeq, lastSeq } = facts
  const isCounted = ({ seq }: { readonly seq: Seq }): boolean => seq >= firstSeq && seq <= lastSeq
  const missing = parts.filter((part) => part.kind === 'hole' && firstSeqOf(part) >= firstSeq && lastSeqOf(part) <= lastSeq)
  const verdicts = headers.map(({ verdict }) => verdict)
  const { from, to } = range
  const isCutByTime = to?.kind === 'time' && to.time < streamEnd
  return {
    start: microsOf(from?.kind === 'time' ? Math.max(from.time, streamStart) : facts.firstTime),
    end: microsOf(to?.kind === 'time' ? Math.min(to.time, streamEnd) : facts.lastTime),
    range: { from, to: isCutByTime ? to : { kind: 'seq', seq: lastSeq } },
    firstSeq,
    lastSeq,
    entries: facts.entries,
    frames: facts.frames,
    missingEntries: missing.reduce((sum, part) => sum + lastSeqOf(part) - firstSeqOf(part) + 1, 0),
    gaps: verdicts.flatMap(({ gaps }) => gaps.filter(isCounted)),
    disconnects: verdicts.flatMap(({ disconnects }) => disconnects.filter(isCounted)),
    decoderVersions: [...new Set(verdicts.map(({ decoderVersion }) => decoderVersion))].sort((one, other) => one - other),
    head: headAfter(parts.at(-1)),
  }
} // prettier-ignore
