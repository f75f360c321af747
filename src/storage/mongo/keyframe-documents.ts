/** The collection `keyframes`: one document per keyframe, its payload apart. Throws the driver's errors and StoreFailure. */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Collection } from 'mongodb'

import { decodeKeyframeRef, encodeKeyframeRef } from '../../codec/documents.ts'
import type { Keyframe } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { type DamagedKeyframe, type KeyframeRef, StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { noKeyframe } from '../chunk-rules.ts'
import {
  altered,
  at,
  bytes,
  checkedVersion,
  checkFields,
  DOCUMENT_VERSION,
  placeId,
  seqOfId,
} from './mongo-documents.ts'
import { isDuplicate } from './mongo-errors.ts'
import type { PayloadPlace, Payloads } from './payloads.ts'

const keyframeDocument = t.type({
  _id: t.string,
  version: t.number,
  stream: t.string,
  seq: t.number,
  receiveTime: t.number,
  decoderVersion: t.number,
  payloadHash: t.string,
  storedBytes: t.number,
  reference: bytes,
})
export type KeyframeDocument = t.TypeOf<typeof keyframeDocument>

const documentOf = (keyframe: Keyframe): KeyframeDocument => ({
  _id: placeId(keyframe.stream, keyframe.seq),
  version: DOCUMENT_VERSION,
  stream: keyframe.stream,
  seq: keyframe.seq,
  receiveTime: keyframe.receiveTime,
  decoderVersion: keyframe.decoderVersion,
  payloadHash: keyframe.payloadHash,
  storedBytes: keyframe.payload.length,
  reference: encodeKeyframeRef(keyframe),
})

interface FoundKeyframe {
  readonly reference: KeyframeRef
  readonly storedBytes: number
}

/** The reference in a document that was asked for by its stream. Throws StoreFailure. */
const referenceIn = (document: unknown, stream: StreamId): FoundKeyframe => {
  const place = at('keyframes', document, stream, 'seq')
  const found = checkedVersion(keyframeDocument, document, place)
  const decoded = decodeKeyframeRef(found.reference)
  if (isLeft(decoded)) throw altered(place, document, `its field "reference" is wrong: ${decoded.left}`)
  const { seq, receiveTime, decoderVersion, payloadHash } = decoded.right
  checkFields(
    found,
    { _id: placeId(stream, seq), stream, seq, receiveTime, decoderVersion, payloadHash },
    place,
  )
  return { reference: decoded.right, storedBytes: found.storedBytes }
}

const placeOf = ({ stream, seq, payloadHash }: KeyframeRef, size: number): PayloadPlace => ({
  owner: 'keyframe',
  stream,
  seq,
  hash: payloadHash,
  bytes: size,
})

export class KeyframeDocuments {
  private readonly collection: Collection<KeyframeDocument>
  private readonly payloads: Payloads

  constructor(collection: Collection<KeyframeDocument>, payloads: Payloads) {
    this.collection = collection
    this.payloads = payloads
  }

  async put(keyframe: Keyframe): Promise<void> {
    const { _id, ...document } = documentOf(keyframe)
    const { stream, seq, payloadHash, payload } = keyframe
    await this.payloads.write(placeOf(keyframe, payload.length), payload)
    const found = await this.replace(_id, document)
    if (found === null) return
    const replaced = this.read(found, stream)
    if ('detail' in replaced) await this.payloads.removeOthers('keyframe', stream, seq, payloadHash)
    else if (replaced.reference.payloadHash !== payloadHash)
      await this.payloads.remove(placeOf(replaced.reference, replaced.storedBytes))
  }

  /** What stood there before; null: nothing. */
  private async replace(_id: string, document: Omit<KeyframeDocument, '_id'>): Promise<unknown> {
    const { stream, seq } = document
    try {
      return await this.collection.findOneAndReplace({ _id, stream, seq }, document, { upsert: true })
    } catch (error) {
      if (!isDuplicate(error)) throw error
      // Another writer's, or one whose fields were altered.
      const found = await this.collection.findOneAndDelete({ _id })
      await this.collection.replaceOne({ _id, stream, seq }, document, { upsert: true })
      return found
    }
  }

  async drop(stream: StreamId, seq: Seq): Promise<void> {
    await this.collection.deleteOne({ _id: placeId(stream, seq) })
    await this.payloads.removeRange('keyframe', stream, seq, seq)
  }

  /** Drops the keyframes at entries `first` … `last`. */
  async dropRange(stream: StreamId, first: Seq, last: Seq): Promise<void> {
    if (first > last) return
    await this.collection.deleteMany({ _id: { $gte: placeId(stream, first), $lte: placeId(stream, last) } })
    await this.payloads.removeRange('keyframe', stream, first, last)
  }

  async references(stream: StreamId): Promise<readonly KeyframeRef[]> {
    const all = await this.all(stream)
    return all.flatMap((found) => ('reference' in found ? [found.reference] : []))
  }

  async damaged(stream: StreamId): Promise<readonly DamagedKeyframe[]> {
    return (await this.all(stream)).flatMap((found) => ('detail' in found ? [found] : []))
  }

  async get(stream: StreamId, seq: Seq): Promise<Keyframe> {
    const document = await this.collection.findOne({ stream, seq })
    if (document === null) throw new StoreFailure(noKeyframe(stream, seq))
    const { reference, storedBytes } = referenceIn(document, stream)
    return { ...reference, payload: await this.payloads.read(placeOf(reference, storedBytes)) }
  }

  private async all(stream: StreamId): Promise<readonly (FoundKeyframe | DamagedKeyframe)[]> {
    const documents = await this.collection.find({ stream }).sort({ _id: 1 }).toArray()
    return documents.map((document) => this.read(document, stream))
  }

  private read(document: unknown, stream: StreamId): FoundKeyframe | DamagedKeyframe {
    try {
      return referenceIn(document, stream)
    } catch (error) {
      if (!(error instanceof StoreFailure) || error.error.kind !== 'damaged') throw error
      const id = (document as { readonly _id?: unknown })._id
      return { seq: seqOfId(id), detail: error.error.detail }
    }
  }
}
