/** The collection `runs`: one document per run of a stream. Throws the driver's errors and StoreFailure. */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Collection } from 'mongodb'

import type { RunNote } from '../../log/run-book.ts'
import type { StreamId } from '../../market/instrument.ts'
import { microsOf } from '../../market/time.ts'
import { altered, paddedNumber } from './mongo-documents.ts'

const runDocument = t.type({
  _id: t.string,
  stream: t.string,
  epoch: t.number,
  recorder: t.string,
  software: t.string,
  firstSeq: t.number,
  startedAt: t.number,
  end: t.union([t.literal('stopped'), t.literal('crash'), t.literal('fenced'), t.null]),
  lastSeq: t.union([t.number, t.null]),
})
export type RunDocument = t.TypeOf<typeof runDocument>

/** Padded: they sort like the runs. */
const idOf = (stream: StreamId, epoch: number): string => `${stream}/${paddedNumber(epoch)}`

export class RunDocuments {
  private readonly collection: Collection<RunDocument>

  constructor(collection: Collection<RunDocument>) {
    this.collection = collection
  }

  async put(note: RunNote): Promise<void> {
    const { stream, epoch, recorder, software, firstSeq, startedAt, end, lastSeq } = note
    const earlier = { $gte: idOf(stream, 0), $lt: idOf(stream, epoch) }
    await this.collection.updateMany({ _id: earlier, end: null }, { $set: { end: 'crash' } })
    const document = { stream, epoch, recorder, software, firstSeq, startedAt, end, lastSeq }
    await this.collection.replaceOne({ _id: idOf(stream, epoch) }, document, { upsert: true })
  }

  async list(stream: StreamId): Promise<readonly RunNote[]> {
    const range = { $gte: idOf(stream, 0), $lte: idOf(stream, Number.MAX_SAFE_INTEGER) }
    const documents = await this.collection.find({ _id: range }).sort({ _id: 1 }).toArray()
    return documents.map((document) => {
      const decoded = runDocument.decode(document)
      if (isLeft(decoded))
        throw altered({ collection: 'runs', stream, seq: 0 }, document, 'a field is not what it should be')
      const { epoch, recorder, software, firstSeq, startedAt, end, lastSeq } = decoded.right
      return { stream, epoch, recorder, software, firstSeq, startedAt: microsOf(startedAt), end, lastSeq }
    })
  }
}
