/**
 * The collection `quarantine`: documents of `chunks` and their payloads as they were found, numbered per stream. What is
 * put aside is copied first, and counts from when its original is gone or covered. Throws the driver's errors and StoreFailure.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { BSON, type Collection } from 'mongodb'

import type { Seq } from '../../log/entry.ts'
import { type QuarantinedChunk, type QuarantineRef, StoreFailure } from '../../log/event-store.ts'
import { firstSeqOf } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { noQuarantined } from '../chunk-rules.ts'
import { altered, bytes, DOCUMENT_VERSION, placeId, seqOfId } from './mongo-documents.ts'
import { isDuplicate } from './mongo-errors.ts'
import type { PartDocument } from './part-documents.ts'
import type { PartReader } from './part-reader.ts'
import type { PayloadPlace, Payloads } from './payloads.ts'

const quarantineDocument = t.type({
  _id: t.string,
  version: t.number,
  stream: t.string,
  number: t.number,
  firstSeq: t.number,
  /** The document that was put aside: its `_id`, and all of it as BSON. */
  documentId: t.string,
  document: bytes,
  /** Of the copy of its payload, and the `_id`s of the original's parts. */
  payloadHash: t.string,
  payloadBytes: t.number,
  payloadIds: t.array(t.string),
  /** Nothing is left of the original. */
  settled: t.boolean,
})
export type QuarantineDocument = t.TypeOf<typeof quarantineDocument>

const placeOf = (
  stream: StreamId,
  { number, payloadHash, payloadBytes }: QuarantineDocument,
): PayloadPlace => ({
  owner: 'quarantine',
  stream,
  seq: number,
  hash: payloadHash,
  bytes: payloadBytes,
})

const referenceOf = (stream: StreamId, found: QuarantineDocument): QuarantineRef => ({
  stream,
  number: found.number,
  firstSeq: found.firstSeq,
  headerBytes: found.document.length,
  payloadBytes: found.payloadBytes,
})

/** The entry it is found at, whatever became of its fields. */
const placeIn = ({ _id, firstSeq }: { readonly _id: string; readonly firstSeq: unknown }): Seq =>
  typeof firstSeq === 'number' ? firstSeq : seqOfId(_id)

export class QuarantineDocuments {
  private readonly collection: Collection<QuarantineDocument>
  private readonly originals: Collection<PartDocument>
  private readonly payloads: Payloads
  private readonly reader: PartReader

  constructor(
    collection: Collection<QuarantineDocument>,
    originals: Collection<PartDocument>,
    payloads: Payloads,
    reader: PartReader,
  ) {
    this.collection = collection
    this.originals = originals
    this.payloads = payloads
    this.reader = reader
  }

  /** Copies a document and its payload; the same that was copied before and still stands is not copied again. */
  async copy(stream: StreamId, original: PartDocument): Promise<void> {
    const { _id: documentId } = original
    const document = BSON.serialize(original)
    const hash: unknown = 'payloadHash' in original ? original.payloadHash : undefined
    const payload =
      'hole' in original
        ? { ids: [], bytes: new Uint8Array(0) }
        : await this.payloads.salvage(stream, seqOfId(documentId), hash)
    const payloadHash = createHash('sha256').update(payload.bytes).digest('hex')
    const all = await this.all(stream)
    const isCopied = all.some(
      (copied) =>
        !copied.settled &&
        copied.documentId === documentId &&
        copied.payloadHash === payloadHash &&
        Buffer.compare(copied.document, document) === 0,
    )
    if (isCopied) return
    for (let number = (all.at(-1)?.number ?? 0) + 1; ; number++) {
      const copied: QuarantineDocument = {
        _id: placeId(stream, number),
        version: DOCUMENT_VERSION,
        stream,
        number,
        firstSeq: placeIn(original),
        documentId,
        document,
        payloadHash,
        payloadBytes: payload.bytes.length,
        payloadIds: [...payload.ids],
        settled: false,
      }
      await this.payloads.write(placeOf(stream, copied), payload.bytes)
      try {
        await this.collection.insertOne(copied)
        return
      } catch (error) {
        if (!isDuplicate(error)) throw error
        // Another repair was quicker with this number.
        const [there] = await this.collection.find({ _id: copied._id }).toArray()
        if (there?.payloadHash !== payloadHash) await this.payloads.remove(placeOf(stream, copied))
      }
    }
  }

  /** Removes what is left of originals that do not count any more. */
  async settle(stream: StreamId): Promise<void> {
    for (const copied of await this.all(stream)) {
      if (copied.settled || (await this.stands(stream, copied))) continue
      const { _id, documentId, document, payloadIds } = copied
      const original = await this.originals.findOne({ _id: documentId })
      if (original !== null && Buffer.compare(BSON.serialize(original), document) === 0)
        await this.originals.deleteOne({ _id: documentId })
      await this.payloads.removeIds(payloadIds)
      await this.collection.updateOne({ _id }, { $set: { settled: true } })
    }
  }

  async list(stream: StreamId): Promise<readonly QuarantineRef[]> {
    const references: QuarantineRef[] = []
    for (const copied of await this.all(stream))
      if (copied.settled || !(await this.stands(stream, copied))) references.push(referenceOf(stream, copied))
    return references
  }

  async get(stream: StreamId, number: number): Promise<QuarantinedChunk> {
    const copied = (await this.all(stream)).find((candidate) => candidate.number === number)
    if (copied === undefined) throw new StoreFailure(noQuarantined(stream, number))
    const payload = await this.payloads.read(placeOf(stream, copied))
    return { ...referenceOf(stream, copied), header: copied.document, payload }
  }

  /** Whether the log still has what was copied: its putting aside was cut short before it counted. */
  private async stands(stream: StreamId, { documentId, document }: QuarantineDocument): Promise<boolean> {
    const original = await this.originals.findOne({ _id: documentId })
    if (original === null) return false
    const isSame = Buffer.compare(BSON.serialize(original), document) === 0
    if (!isSame && 'hole' in original) return false
    const seq = placeIn(original)
    const parts = await this.reader.parts(stream, seq, seq)
    return parts.some((part) => firstSeqOf(part) === seq)
  }

  private async all(stream: StreamId): Promise<readonly QuarantineDocument[]> {
    const found = await this.collection.find({ stream }).sort({ _id: 1 }).toArray()
    return found.map((document) => {
      const decoded = quarantineDocument.decode(document)
      if (!isLeft(decoded)) return decoded.right
      const place = { collection: 'quarantine', stream, seq: 0 }
      throw altered(place, document, 'what was put aside there cannot be told')
    })
  }
}
