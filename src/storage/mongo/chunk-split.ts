/**
 * Makes two chunks of one in the collection `chunks` by one write that counts: the second half is written behind the
 * whole, where nobody reads it, then the first half takes the whole's place. Throws the driver's errors and StoreFailure.
 */
import { randomUUID } from 'node:crypto'

import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { Collection } from 'mongodb'

import type { Chunk, ChunkHeader } from '../../log/chunk.ts'
import type { StoreError } from '../../log/event-store.ts'
import { judgeSplit } from '../chunk-rules.ts'
import { chunkDocumentOf } from './mongo-documents.ts'
import { isDuplicate } from './mongo-errors.ts'
import type { PartDocument } from './part-documents.ts'
import type { PartReader } from './part-reader.ts'
import { chunkPlaceOf, type Payloads } from './payloads.ts'
import type { Rests } from './rests.ts'

type Result = Either<StoreError, void>

const DONE: Result = right(undefined)
/** Others write at the same time: so often what was found is looked at again. */
const TRIES = 3

const unsettled = ({ stream, firstSeq }: ChunkHeader): Result => {
  const message = `Others change the chunk at entry ${String(firstSeq)} of ${stream} at the same time: see to it that one does, and try again.`
  return left({ kind: 'unavailable', message })
}

export class ChunkSplit {
  private readonly collection: Collection<PartDocument>
  private readonly payloads: Payloads
  private readonly reader: PartReader
  private readonly rests: Rests

  constructor(collection: Collection<PartDocument>, payloads: Payloads, reader: PartReader, rests: Rests) {
    this.collection = collection
    this.payloads = payloads
    this.reader = reader
    this.rests = rests
  }

  async split(first: Chunk, second: Chunk): Promise<Result> {
    const { stream, firstSeq } = first.header
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) this.rests.note(stream)
      await this.rests.clear(stream)
      const covered = await this.reader.headers(stream, firstSeq, second.header.lastSeq)
      const judged = judgeSplit(covered, first.header, second.header)
      if (judged === 'done') return DONE
      if (typeof judged === 'object') return left(judged)
      const [whole] = covered
      if (whole !== undefined && (await this.attempt(whole, first, second))) return DONE
    }
    return unsettled(first.header)
  }

  /** False: others changed it meanwhile. */
  private async attempt(whole: ChunkHeader, first: Chunk, second: Chunk): Promise<boolean> {
    const { collection, payloads } = this
    const { stream } = whole
    const { _id, ...document } = chunkDocumentOf(first.header)
    const unchanged = {
      _id,
      stream,
      firstSeq: whole.firstSeq,
      lastSeq: whole.lastSeq,
      payloadHash: whole.payloadHash,
    }
    // Who takes the second half for a rest must take this mark away first, and then the first half is not put in place.
    const splitting = randomUUID()
    const marked = await collection.updateOne(unchanged, { $set: { splitting } })
    if (marked.matchedCount === 0) return false
    this.rests.note(stream)
    await payloads.write(chunkPlaceOf(second.header), second.payload)
    const behind = chunkDocumentOf(second.header)
    try {
      await collection.insertOne({ ...behind, splitOf: splitting })
    } catch (error) {
      if (isDuplicate(error)) return false
      throw error
    }
    await payloads.write(chunkPlaceOf(first.header), first.payload)
    const { matchedCount } = await collection.replaceOne({ ...unchanged, splitting }, document)
    if (matchedCount === 0) return false
    await payloads.remove(chunkPlaceOf(whole))
    await collection.updateOne({ _id: behind._id, splitOf: splitting }, { $unset: { splitOf: '' } })
    return true
  }
}
