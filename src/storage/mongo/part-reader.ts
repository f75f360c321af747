/**
 * Reads the parts of a log out of the collection `chunks`. Owns what counts while a change was cut short: what a tombstone or
 * a larger chunk covers is passed over. Throws StoreFailure and the driver's errors.
 */
import type { Collection } from 'mongodb'

import type { ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { StoreFailure } from '../../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type PartDocument, partIn } from './part-documents.ts'

/** Others write at the same time: so often what was found is looked at again. */
const TRIES = 3

type Hole = Extract<LogPart, { readonly kind: 'hole' }>

/** Parts as one pass found them. */
interface FoundParts {
  readonly parts: readonly LogPart[]
  /** False: entries are missing between two of them. */
  readonly isWhole: boolean
}

const damaged = (stream: StreamId, seq: Seq, detail: string): StoreFailure =>
  new StoreFailure({ kind: 'damaged', stream, seq, detail })

export class PartReader {
  private readonly collection: Collection<PartDocument>

  constructor(collection: Collection<PartDocument>) {
    this.collection = collection
  }

  async lastSeq(stream: StreamId): Promise<Seq> {
    const holes = await this.unfinishedHoles(stream)
    const last = await this.lastBefore(stream, Infinity)
    if (last === undefined) return 0
    const first = firstSeqOf(last)
    const cover = holes.find(({ tombstone }) => tombstone.firstSeq <= first && tombstone.lastSeq >= first)
    if (cover !== undefined) return cover.tombstone.lastSeq
    if (last.kind === 'unreadable') throw damaged(stream, first, last.detail)
    return lastSeqOf(last)
  }

  /** The parts that touch the range, at most so many. */
  async parts(stream: StreamId, from: Seq, to: Seq, most = Infinity): Promise<readonly LogPart[]> {
    if (from > to) return []
    for (let attempt = 1; ; attempt++) {
      const holes = await this.unfinishedHoles(stream)
      // Parts do not overlap: the first to touch the range is the last that begins at or before `from`, or the next.
      const before = from <= 1 ? undefined : await this.lastBefore(stream, from)
      const start = before === undefined ? from : firstSeqOf(before)
      const { parts, isWhole } = await this.partsFrom(stream, start, { from, to, most }, holes)
      // A hole may be one that a replacement at this very moment makes for who reads one document after the other.
      if (isWhole || attempt >= TRIES) return parts
    }
  }

  /** The headers of the chunks that touch the range. */
  async headers(stream: StreamId, from: Seq, to: Seq): Promise<readonly ChunkHeader[]> {
    const headers: ChunkHeader[] = []
    for (const part of await this.parts(stream, from, to)) {
      if (part.kind === 'unreadable') throw damaged(stream, part.firstSeq, part.detail)
      if (part.kind === 'chunk') headers.push(part.header)
    }
    return headers
  }

  /** The chunk that begins at this entry. */
  async headerAt(stream: StreamId, firstSeq: Seq): Promise<ChunkHeader | undefined> {
    const document = await this.collection.findOne({ stream, firstSeq })
    const part = document === null ? undefined : partIn(document, stream)
    if (part?.kind === 'unreadable') throw damaged(stream, firstSeq, part.detail)
    return part?.kind === 'chunk' ? part.header : undefined
  }

  /** The last part that begins at or before this entry. */
  async lastBefore(stream: StreamId, seq: Seq, except: readonly Seq[] = []): Promise<LogPart | undefined> {
    const filter = { stream, firstSeq: { $gte: 0, ...(seq === Infinity ? {} : { $lte: seq }) } }
    const documents = this.collection
      .find(filter)
      .sort({ firstSeq: -1 })
      .limit(1 + except.length)
    for await (const document of documents)
      if (!except.includes(document.firstSeq)) return partIn(document, stream)
    return undefined
  }

  private async partsFrom(
    stream: StreamId,
    start: Seq,
    { from, to, most }: { readonly from: Seq; readonly to: Seq; readonly most: number },
    holes: readonly Hole[],
  ): Promise<FoundParts> {
    const parts: LogPart[] = []
    // Reading may begin among the rests of what a tombstone stands for.
    const cover = holes.find(({ tombstone }) => tombstone.firstSeq < start && tombstone.lastSeq >= start)
    let reached: Seq = cover?.tombstone.lastSeq ?? 0
    let isWhole = true
    let isOpenEnded = cover === undefined
    if (cover !== undefined && reached >= from) parts.push(cover)
    for await (const document of this.documents(stream, start, to, most)) {
      if (parts.length >= most) break
      const part = partIn(document, stream)
      const first = firstSeqOf(part)
      const last = lastSeqOf(part)
      if (last <= reached) continue
      if (first !== reached + 1 && !isOpenEnded) isWhole = false
      reached = last
      isOpenEnded = part.kind === 'unreadable'
      // How far an unreadable part goes nobody knows: it may touch the range.
      if (isOpenEnded || last >= from) parts.push(part)
    }
    return { parts, isWhole }
  }

  private documents(stream: StreamId, start: Seq, to: Seq, most: number): AsyncIterable<PartDocument> {
    const range = { $gte: start, ...(to === Infinity ? {} : { $lte: to }) }
    const found = this.collection.find({ stream, firstSeq: range }).sort({ firstSeq: 1 })
    // One more than wanted: the first may end before the range.
    return most < 1000 ? found.batchSize(most + 1) : found
  }

  private async unfinishedHoles(stream: StreamId): Promise<readonly Hole[]> {
    const found = await this.collection.find({ stream, unfinished: true }).toArray()
    return found.map((document) => partIn(document, stream)).filter((part) => part.kind === 'hole')
  }
}
