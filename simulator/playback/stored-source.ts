/** A stored stream, or a range of it, as a source of frames. Clients that read the same chunk share it opened. */
import {
  type ChunkHeader,
  EntryCursor,
  type EventStore,
  microsToIso,
  type Position,
  readChunks,
  recordsAfter,
  type ReplayRange,
  type Seq,
  type StreamId,
  type Venue,
} from '../../src/index.ts'
import type { FrameSource } from './frame-source.ts'
import { PlaybackProblem } from './playback-problem.ts'

/** Opened chunks that are kept. */
const KEPT_CHUNKS = 3

export interface StoredPart {
  readonly store: EventStore
  readonly stream: StreamId
  readonly venue: Venue
  readonly range: ReplayRange
}

export class StoredSource implements FrameSource {
  readonly part: StoredPart
  /** The entry before the first that is played; 0: it begins with the stream. */
  before: Seq = 0
  /** The last entry that is played. */
  last: Seq = 0
  /** The last frame that is played: what happens behind it does not concern a client. */
  lastFrame: Seq = 0
  private readonly headers: readonly ChunkHeader[]
  private readonly opened = new Map<Seq, Promise<Uint8Array>>()

  private constructor(part: StoredPart, headers: readonly ChunkHeader[]) {
    this.part = part
    this.headers = headers
  }

  /** Throws PlaybackProblem when the range holds no entry, StoreFailure when the store cannot be read. */
  static async of(part: StoredPart): Promise<StoredSource> {
    const { store, stream, range } = part
    const source = new StoredSource(part, await store.headers(stream))
    const [first] = source.headers
    const final = source.headers.at(-1)
    if (first === undefined || final === undefined) throw new PlaybackProblem(`${stream} holds no entry.`)
    source.before = range.from === undefined ? first.firstSeq - 1 : await source.placeOf(range.from, true)
    source.before = Math.max(source.before, first.firstSeq - 1)
    source.last = range.to === undefined ? final.lastSeq : await source.placeOf(range.to, false)
    source.last = Math.min(source.last, final.lastSeq)
    if (!source.headers.some(({ firstSeq, lastSeq }) => lastSeq > source.before && firstSeq <= source.last))
      throw new PlaybackProblem(
        `${stream} has no entry in that range: it holds entries ${String(first.firstSeq)} to ${String(final.lastSeq)}, ` +
          `from ${microsToIso(first.firstReceiveTime)} to ${microsToIso(final.lastReceiveTime)}.`,
      )
    source.lastFrame = await source.findLastFrame()
    if (source.lastFrame === 0)
      throw new PlaybackProblem(
        `${stream} holds no frame there, so that there is nothing to play: a recording of mode snapshot has samples in their place.`,
      )
    return source
  }

  get name(): StreamId {
    return this.part.stream
  }

  private async placeOf(position: Position, isFirst: boolean): Promise<Seq> {
    const back = isFirst ? 1 : 0
    if (position.kind === 'seq') return position.seq - back
    return await this.seqAt(position.time - back)
  }

  /** The last entry received at or before this time, microseconds; the one before the first where there is none. */
  async seqAt(time: number): Promise<Seq> {
    let found = (this.headers[0]?.firstSeq ?? 1) - 1
    for (const [index, header] of this.headers.entries()) {
      if (header.firstReceiveTime > time) break
      found = header.lastSeq
      if (header.lastReceiveTime <= time) continue
      const cursor = new EntryCursor(await this.chunk(index))
      found = header.firstSeq - 1
      while (cursor.next() && cursor.receiveTime <= time) found = cursor.seq
      break
    }
    return found
  }

  private async findLastFrame(): Promise<Seq> {
    for (let index = this.headers.length - 1; index >= 0; index--) {
      const header = this.headers[index]
      if (header === undefined || header.firstSeq > this.last) continue
      if (header.lastSeq <= this.before) break
      const cursor = new EntryCursor(await this.chunk(index))
      let found = 0
      while (cursor.next() && cursor.seq <= this.last) if (cursor.kind === 'frame') found = cursor.seq
      if (found > 0) return found
    }
    return 0
  }

  /** The entry that opened the connection in use at an entry; the first one where none is known. */
  async connectionAt(seq: Seq): Promise<Seq> {
    const isTelling = (header: ChunkHeader | undefined): boolean =>
      header !== undefined && (header.verdict.runs > 0 || header.verdict.disconnects.length > 0)
    for (let index = this.headers.length - 1; index >= 0; index--) {
      const header = this.headers[index]
      if (header === undefined || header.firstSeq > seq) continue
      // A connection that closed in one chunk may open again in the next.
      if (!isTelling(header) && !isTelling(this.headers[index - 1])) continue
      const cursor = new EntryCursor(await this.chunk(index))
      let found = 0
      while (cursor.next() && cursor.seq <= seq) if (cursor.kind === 'opened') found = cursor.seq
      if (found > 0) return found
    }
    return this.headers[0]?.firstSeq ?? 1
  }

  /** Entries behind `after`, up to the range's end. */
  async *batches(after: Seq): AsyncGenerator<Uint8Array, void> {
    for (let index = 0; index < this.headers.length; index++) {
      const header = this.headers[index]
      if (header === undefined || header.lastSeq <= after) continue
      if (header.firstSeq > this.last) return
      const records = await this.chunk(index)
      // Read ahead: its failure shows when its turn comes.
      if (header.lastSeq < this.last) this.chunk(index + 1).catch(() => undefined)
      const wanted = header.lastSeq > this.last ? recordsUpTo(records, this.last) : records
      yield header.firstSeq <= after ? recordsAfter(wanted, after) : wanted
    }
  }

  private chunk(index: number): Promise<Uint8Array> {
    const header = this.headers[index]
    if (header === undefined) return Promise.resolve(new Uint8Array(0))
    const { firstSeq } = header
    const known = this.opened.get(firstSeq)
    const opening = known ?? this.open(header)
    // The one used last stands last.
    this.opened.delete(firstSeq)
    this.opened.set(firstSeq, opening)
    for (const oldest of this.opened.keys()) {
      if (this.opened.size <= KEPT_CHUNKS) break
      this.opened.delete(oldest)
    }
    return opening
  }

  /** The chunk's own entries, also where it was compacted into a larger one since. */
  private async open({ firstSeq, lastSeq }: ChunkHeader): Promise<Uint8Array> {
    const { store, stream } = this.part
    for await (const { records } of readChunks(store, stream, { from: firstSeq, to: firstSeq }))
      return recordsAfter(recordsUpTo(records, lastSeq), firstSeq - 1)
    return new Uint8Array(0)
  }
}

const recordsUpTo = (records: Uint8Array, last: Seq): Uint8Array => {
  const cursor = new EntryCursor(records)
  while (cursor.next()) if (cursor.seq > last) return records.subarray(0, cursor.recordStart)
  return records
}
