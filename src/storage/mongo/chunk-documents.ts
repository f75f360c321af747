/**
 * Chunks in the collection `chunks`: one document each. Owns appending exactly once, replacing a run of chunks and a header by
 * one write. Throws the driver's errors and StoreFailure.
 */
import { type Either, isRight, left, right } from 'fp-ts/lib/Either.js'
import type { Collection } from 'mongodb'

import type { Chunk, ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { type StoreError, StoreFailure } from '../../log/event-store.ts'
import { lastSeqOf, type LogPart } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { judgeAppend, judgeHeader, judgeReplace, noChunk } from '../chunk-rules.ts'
import { chunkDocumentOf } from './mongo-documents.ts'
import { isDuplicate } from './mongo-errors.ts'
import type { PartDocument } from './part-documents.ts'
import type { PartReader } from './part-reader.ts'
import { chunkPlaceOf, type PayloadPlace, type Payloads } from './payloads.ts'
import type { Rests } from './rests.ts'

type Result = Either<StoreError, void>

const DONE: Result = right(undefined)
/** Others write at the same time: so often what was found is looked at again. */
const TRIES = 3
/** Places of payloads known from headers read, and ends of streams written to; more are forgotten. */
const MOST_PLACES = 10_000

const unsettled = ({ stream, firstSeq }: ChunkHeader): Result => {
  const message = `Others write entries ${String(firstSeq)} and later of ${stream} at the same time, or MongoDB has not confirmed an earlier attempt yet.`
  return left({ kind: 'unavailable', message })
}

export class ChunkDocuments {
  private readonly collection: Collection<PartDocument>
  private readonly payloads: Payloads
  private readonly reader: PartReader
  private readonly rests: Rests
  private readonly places = new Map<string, PayloadPlace>()
  /** The last entry of a stream, when the last to append to it was this store: entries only ever come behind it. */
  private readonly ends = new Map<StreamId, Seq>()

  constructor(collection: Collection<PartDocument>, payloads: Payloads, reader: PartReader, rests: Rests) {
    this.collection = collection
    this.payloads = payloads
    this.reader = reader
    this.rests = rests
  }

  async append(chunk: Chunk): Promise<Result> {
    const { stream, lastSeq } = chunk.header
    const end = this.ends.get(stream)
    this.ends.delete(stream)
    const result = await this.appendBehind(chunk, end)
    if (isRight(result)) {
      if (this.ends.size >= MOST_PLACES) this.ends.clear()
      this.ends.set(stream, lastSeq)
    }
    return result
  }

  /** `end`: what is known of the stream's end; others may have written behind it since, which the fence tells. */
  private async appendBehind({ header, payload }: Chunk, end: Seq | undefined): Promise<Result> {
    const { stream, firstSeq } = header
    await this.rests.clear(stream)
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const last = attempt === 0 && end === firstSeq - 1 ? end : await this.reader.lastSeq(stream)
      const atFirst = last < firstSeq ? undefined : await this.reader.headerAt(stream, firstSeq)
      const judged = judgeAppend(last, atFirst, header)
      if (judged === 'done') return DONE
      if (typeof judged === 'object') {
        const isOurs = atFirst?.payloadHash === header.payloadHash
        if (attempt > 0 && !isOurs) await this.payloads.remove(chunkPlaceOf(header))
        return left(judged)
      }
      await this.payloads.write(chunkPlaceOf(header), payload)
      try {
        await this.collection.insertOne(chunkDocumentOf(header))
        return await this.checkFence(header)
      } catch (error) {
        if (!isDuplicate(error) && !(await this.isKept(header))) throw error
      }
    }
    return unsettled(header)
  }

  async headers(stream: StreamId, from: Seq, to: Seq): Promise<readonly ChunkHeader[]> {
    const headers = await this.reader.headers(stream, from, to)
    for (const header of headers) this.notePlace(header)
    return headers
  }

  async parts(stream: StreamId, from: Seq, to: Seq, most: number): Promise<readonly LogPart[]> {
    const parts = await this.reader.parts(stream, from, to, most)
    for (const part of parts) if (part.kind === 'chunk') this.notePlace(part.header)
    return parts
  }

  async payload(stream: StreamId, firstSeq: Seq): Promise<Uint8Array> {
    const known = this.places.get(`${stream}/${String(firstSeq)}`)
    if (known !== undefined) {
      try {
        return await this.payloads.read(known)
      } catch (error) {
        // Replaced since its header was read, or missing indeed.
        if (!(error instanceof StoreFailure)) throw error
        this.places.clear()
      }
    }
    const header = await this.reader.headerAt(stream, firstSeq)
    if (header === undefined) throw new StoreFailure(noChunk(stream, firstSeq))
    return await this.payloads.read(chunkPlaceOf(header))
  }

  async replace({ header, payload }: Chunk): Promise<Result> {
    const { stream, firstSeq, lastSeq } = header
    const { _id, ...document } = chunkDocumentOf(header)
    await this.rests.clear(stream)
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const covered = await this.headers(stream, firstSeq, lastSeq)
      const problem = judgeReplace(covered, header)
      if (problem !== undefined) return left(problem)
      const [old] = covered
      if (old === undefined) return unsettled(header)
      await this.payloads.write(chunkPlaceOf(header), payload)
      // Only in the place of what was judged.
      const unchanged = { stream, firstSeq, lastSeq: old.lastSeq, payloadHash: old.payloadHash }
      const { matchedCount } = await this.collection.replaceOne({ _id, ...unchanged }, document)
      if (matchedCount === 0) continue
      if (old.payloadHash !== header.payloadHash) await this.payloads.remove(chunkPlaceOf(old))
      this.rests.note(stream)
      await this.rests.clear(stream)
      return DONE
    }
    return unsettled(header)
  }

  async putHeader(header: ChunkHeader): Promise<Result> {
    const { stream, firstSeq, lastSeq, payloadHash } = header
    await this.rests.clear(stream)
    const problem = judgeHeader(await this.reader.headerAt(stream, firstSeq), header)
    if (problem !== undefined) return left(problem)
    const { _id, ...document } = chunkDocumentOf(header)
    const unchanged = { _id, stream, firstSeq, lastSeq, payloadHash }
    const { matchedCount } = await this.collection.replaceOne(unchanged, document)
    return matchedCount > 0 ? DONE : unsettled(header)
  }

  /**
   * A writer that slept for long between looking and writing may have put its chunk where another's entries stand that
   * were merged meanwhile, so that the unique index did not stop it: then it takes its document back.
   */
  private async checkFence(header: ChunkHeader): Promise<Result> {
    const { stream, firstSeq } = header
    const before = firstSeq <= 1 ? undefined : await this.reader.lastBefore(stream, firstSeq - 1)
    const expected = (before === undefined ? 0 : lastSeqOf(before)) + 1
    if (expected === firstSeq) return DONE
    await this.collection.deleteOne({ stream, firstSeq, payloadHash: header.payloadHash })
    await this.payloads.remove(chunkPlaceOf(header))
    return left({ kind: 'does-not-follow', expected, found: firstSeq })
  }

  /** After an error that tells nothing: whether the chunk is there, and a majority has it. */
  private async isKept(header: ChunkHeader): Promise<boolean> {
    try {
      const found = await this.reader.headerAt(header.stream, header.firstSeq)
      return found?.payloadHash === header.payloadHash && found.lastSeq === header.lastSeq
    } catch {
      return false
    }
  }

  private notePlace(header: ChunkHeader): void {
    if (this.places.size >= MOST_PLACES) this.places.clear()
    this.places.set(`${header.stream}/${String(header.firstSeq)}`, chunkPlaceOf(header))
  }
}
