/**
 * The collection `payloads`: bytes of chunks and keyframes under `_id`s that name their content, in parts well below
 * the largest document. Written before the document that refers to them, removed after it; never changed.
 */
import { Buffer } from 'node:buffer'

import { BSON, type Collection } from 'mongodb'

import type { ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import type { StreamId } from '../../market/instrument.ts'
import { bytesIn, paddedNumber, type PayloadDocument } from './mongo-documents.ts'
import { isDuplicate } from './mongo-errors.ts'

/** Half of what a document may hold. */
const PART_BYTES = 8 * 1024 * 1024

type PayloadOwner = 'chunk' | 'keyframe' | 'quarantine'

/** What refers to a payload, and which. */
export interface PayloadPlace {
  readonly owner: PayloadOwner
  readonly stream: StreamId
  /** The first entry of a chunk, the entry of a keyframe, the number of what was put aside. */
  readonly seq: Seq
  /** SHA-256, hex. */
  readonly hash: string
  readonly bytes: number
}

/** Parts as they are found, whether they are right or not. */
export interface FoundPayload {
  readonly ids: readonly string[]
  readonly bytes: Uint8Array
}

/** Where the payload of a chunk stands. */
export const chunkPlaceOf = ({
  stream,
  firstSeq,
  payloadHash,
  storedBytes,
}: Pick<ChunkHeader, 'stream' | 'firstSeq' | 'payloadHash' | 'storedBytes'>): PayloadPlace => ({
  owner: 'chunk',
  stream,
  seq: firstSeq,
  hash: payloadHash,
  bytes: storedBytes,
})

const stemOf = (owner: PayloadOwner, stream: StreamId, seq: Seq): string =>
  `${owner}/${stream}/${paddedNumber(seq)}/`

/** Behind every `_id` that begins with the same stem. */
const END = '~'

/** An empty payload has one part as well. */
const partsOf = (place: PayloadPlace): readonly string[] => {
  const count = Math.max(1, Math.ceil(place.bytes / PART_BYTES))
  const stem = `${stemOf(place.owner, place.stream, place.seq)}${place.hash}`
  return Array.from({ length: count }, (_none, part) => `${stem}/${String(part)}`)
}

const partNumberOf = (id: string): number => Number(id.slice(id.lastIndexOf('/') + 1))

export class Payloads {
  private readonly collection: Collection<PayloadDocument>

  constructor(collection: Collection<PayloadDocument>) {
    this.collection = collection
  }

  /** Durable when it settles. Again and at the same time as others is fine: the same `_id` is the same bytes. */
  async write(place: PayloadPlace, payload: Uint8Array): Promise<void> {
    for (const [part, _id] of partsOf(place).entries()) {
      const bytes = payload.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)
      try {
        await this.collection.insertOne({ _id, bytes })
      } catch (error) {
        if (!isDuplicate(error)) throw error
        // Of an earlier attempt, or altered since.
        await this.collection.replaceOne({ _id }, { bytes }, { upsert: true })
      }
    }
  }

  /** Throws StoreFailure when a part is missing or is none. Whether the bytes are right is the reader's to check. */
  async read(place: PayloadPlace): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (const _id of partsOf(place)) {
      const document = await this.collection.findOne({ _id })
      parts.push(bytesIn(document, _id, place.stream, place.seq))
    }
    const [first] = parts
    return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts)
  }

  /** What is there for a chunk, of the content named or, if there is none of that, of any: for what is damaged. */
  async salvage(stream: StreamId, firstSeq: Seq, hash: unknown): Promise<FoundPayload> {
    const stem = stemOf('chunk', stream, firstSeq)
    const all = await this.collection.find({ _id: { $gte: stem, $lt: stem + END } }).toArray()
    const named = all.filter(({ _id }) => _id.startsWith(`${stem}${String(hash)}/`))
    const found = (named.length > 0 ? named : all).sort(
      (one, other) => partNumberOf(one._id) - partNumberOf(other._id),
    )
    const parts = found.map((document) => {
      const bytes: unknown = document.bytes
      return bytes instanceof Uint8Array ? bytes : BSON.serialize(document)
    })
    return { ids: found.map(({ _id }) => _id), bytes: Buffer.concat(parts) }
  }

  async remove(place: PayloadPlace): Promise<void> {
    await this.removeIds(partsOf(place))
  }

  async removeIds(ids: readonly string[]): Promise<void> {
    for (const _id of ids) await this.collection.deleteOne({ _id })
  }

  /** Everything of the owners at `first` … `last`, of whatever content. */
  async removeRange(owner: PayloadOwner, stream: StreamId, first: Seq, last: Seq): Promise<void> {
    const range = { $gte: stemOf(owner, stream, first), $lt: stemOf(owner, stream, last) + END }
    await this.collection.deleteMany({ _id: range })
  }

  /** Everything of an owner but the content named. */
  async removeOthers(owner: PayloadOwner, stream: StreamId, seq: Seq, hash: string): Promise<void> {
    const stem = stemOf(owner, stream, seq)
    for (const range of [
      { $gte: stem, $lt: `${stem}${hash}/` },
      { $gte: `${stem}${hash}/${END}`, $lt: stem + END },
    ])
      await this.collection.deleteMany({ _id: range })
  }
}
