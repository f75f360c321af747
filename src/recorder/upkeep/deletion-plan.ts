/**
 * Finds out what taking a range out of a log means: which entries, and what must stay whole for the recorder that may be
 * writing at the log's end. Changes nothing.
 */
import { BLOCK_ENTRIES } from '../../log/chain.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { lastSeqOf, type LogPart } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { isAfter, isBefore, type Position, type ReplayRange } from '../../replay/position.ts'
import { openChunk } from '../../replay/reading/chunk-reader.ts'
import { pagedParts } from '../../replay/reading/log-pages.ts'

/** Entries to take out. Times in microseconds, sizes in bytes. */
export interface DeletionPlan {
  readonly stream: StreamId
  /** The first and the last of them. */
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly firstReceiveTime: Micros
  readonly lastReceiveTime: Micros
  /** How many of them are stored; the others are missing already. */
  readonly entries: number
  /** Chunks that go as they are, what they take up, and those of which a part stays. */
  readonly wholeChunks: number
  readonly storedBytes: number
  readonly cutChunks: number
  /** They reach where a recorder may be writing: the stream must be had alone. */
  readonly reachesEnd: boolean
}

/** The entries of a chunk that are in the range, with their times. */
interface Span {
  readonly first: Seq
  readonly last: Seq
  readonly firstTime: Micros
  readonly lastTime: Micros
}

const edgesOf = (header: ChunkHeader): Span => ({
  first: header.firstSeq,
  last: header.lastSeq,
  firstTime: header.firstReceiveTime,
  lastTime: header.lastReceiveTime,
})

const startsBehind = (header: ChunkHeader, to: Position): boolean =>
  to.kind === 'seq' ? header.firstSeq > to.seq : header.firstReceiveTime > to.time

const endsBefore = (header: ChunkHeader, from: Position): boolean =>
  from.kind === 'seq' ? header.lastSeq < from.seq : header.lastReceiveTime < from.time

const isWholly = (header: ChunkHeader, { from, to }: ReplayRange): boolean => {
  const { firstSeq, lastSeq, firstReceiveTime, lastReceiveTime } = header
  const isFrom =
    from === undefined || (from.kind === 'seq' ? firstSeq >= from.seq : firstReceiveTime >= from.time)
  const isTo = to === undefined || (to.kind === 'seq' ? lastSeq <= to.seq : lastReceiveTime <= to.time)
  return isFrom && isTo
}

/** Undefined: none of its entries is. */
const spanIn = async (
  store: EventStore,
  header: ChunkHeader,
  range: ReplayRange,
): Promise<Span | undefined> => {
  const { from, to } = range
  if (isWholly(header, range)) return edgesOf(header)
  if ((to !== undefined && startsBehind(header, to)) || (from !== undefined && endsBefore(header, from)))
    return undefined
  const cursor = (await openChunk(store, header)).cursor()
  let span: Span | undefined
  while (cursor.next()) {
    if (from !== undefined && isBefore(cursor, from)) continue
    if (to !== undefined && isAfter(cursor, to)) break
    const { seq, receiveTime } = cursor
    span = {
      first: span?.first ?? seq,
      firstTime: span?.firstTime ?? receiveTime,
      last: seq,
      lastTime: receiveTime,
    }
  }
  return span
}

const readable = (stream: StreamId, part: LogPart): Exclude<LogPart, { readonly kind: 'unreadable' }> => {
  if (part.kind !== 'unreadable') return part
  throw new StoreFailure({ kind: 'damaged', stream, seq: part.firstSeq, detail: part.detail })
}

/** The first entry that a recorder needs to go on: of the last chunk, of the block that the log ends in. */
const firstNeededSeq = async (store: EventStore, stream: StreamId): Promise<Seq> => {
  const lastSeq = await store.lastSeq(stream)
  const blockSeq = lastSeq - (lastSeq % BLOCK_ENTRIES)
  const [last] = await store.parts(stream, { from: lastSeq, to: lastSeq }, 1)
  const first = last?.kind === 'chunk' ? last.header.firstSeq : lastSeq
  return Math.min(first, blockSeq + 1)
}

class Planner {
  private readonly store: EventStore
  private readonly stream: StreamId
  private span: Span | undefined
  private entries = 0
  private wholeChunks = 0
  private storedBytes = 0
  private cutChunks = 0

  constructor(store: EventStore, stream: StreamId) {
    this.store = store
    this.stream = stream
  }

  /** `wholeOnly`: chunks that are not wholly in the range stay as they are. */
  async run(range: ReplayRange, wholeOnly: boolean): Promise<DeletionPlan | undefined> {
    const { store, stream } = this
    const seqs = {
      from: range.from?.kind === 'seq' ? range.from.seq : 1,
      to: range.to?.kind === 'seq' ? range.to.seq : undefined,
    }
    const needed = await firstNeededSeq(store, stream)
    for await (const found of pagedParts(store, stream, seqs)) {
      const part = readable(stream, found)
      if (part.kind === 'hole') continue
      const { header } = part
      if (range.to !== undefined && startsBehind(header, range.to)) break
      if (wholeOnly && (!isWholly(header, range) || header.lastSeq >= needed)) continue
      const span = await spanIn(store, header, range)
      if (span !== undefined) this.add(header, span)
    }
    return this.span === undefined ? undefined : await this.planOf(this.span, needed)
  }

  private add(header: ChunkHeader, span: Span): void {
    this.entries += span.last - span.first + 1
    const isWhole = span.first === header.firstSeq && span.last === header.lastSeq
    if (isWhole) {
      this.wholeChunks++
      this.storedBytes += header.storedBytes
    } else this.cutChunks++
    const { first, firstTime } = this.span ?? span
    this.span = { ...span, first, firstTime }
  }

  /** What was deleted right before it becomes one hole with it. */
  private async planOf(span: Span, needed: Seq): Promise<DeletionPlan> {
    const { store, stream, entries, wholeChunks, storedBytes, cutChunks } = this
    const { first, last, firstTime, lastTime } = span
    const [before] = first === 1 ? [] : await store.parts(stream, { from: first - 1, to: first - 1 }, 1)
    const earlier =
      before?.kind === 'hole' && before.tombstone.kind === 'deleted' && lastSeqOf(before) === first - 1
        ? before.tombstone
        : undefined
    return {
      stream,
      firstSeq: earlier?.firstSeq ?? first,
      lastSeq: last,
      firstReceiveTime: earlier?.firstReceiveTime ?? firstTime,
      lastReceiveTime: lastTime,
      entries,
      wholeChunks,
      storedBytes,
      cutChunks,
      reachesEnd: last >= needed,
    }
  }
}

/** Exactly the entries of the range; undefined: none of them is stored. Throws StoreFailure. */
export const planDeletion = async (
  store: EventStore,
  stream: StreamId,
  range: ReplayRange,
): Promise<DeletionPlan | undefined> => await new Planner(store, stream).run(range, false)

/**
 * The whole chunks whose entries all were received before this time, as long as a recorder does not need them to go on.
 * Undefined: there are none. Throws StoreFailure.
 */
export const planRetention = async (
  store: EventStore,
  stream: StreamId,
  before: Micros,
): Promise<DeletionPlan | undefined> =>
  await new Planner(store, stream).run({ to: { kind: 'time', time: microsOf(before - 1) } }, true)
