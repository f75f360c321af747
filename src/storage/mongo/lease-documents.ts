/** The collection `leases`: one document per stream, whose `_id` it is. Throws the driver's errors and StoreFailure. */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Collection } from 'mongodb'

import type { Lease } from '../../log/stream-leases.ts'
import type { StreamId } from '../../market/instrument.ts'
import { altered } from './mongo-documents.ts'
import { isDuplicate } from './mongo-errors.ts'

const leaseDocument = t.type({
  _id: t.string,
  owner: t.string,
  recorder: t.string,
  epoch: t.number,
  beat: t.number,
})
export type LeaseDocument = t.TypeOf<typeof leaseDocument>

export class LeaseDocuments {
  private readonly collection: Collection<LeaseDocument>

  constructor(collection: Collection<LeaseDocument>) {
    this.collection = collection
  }

  async read(stream: StreamId): Promise<Lease | undefined> {
    const document = await this.collection.findOne({ _id: stream })
    if (document === null) return undefined
    const decoded = leaseDocument.decode(document)
    if (isLeft(decoded))
      throw altered({ collection: 'leases', stream, seq: 0 }, document, 'remove it, it holds nothing else')
    const { owner, recorder, epoch, beat } = decoded.right
    return { stream, owner, recorder, epoch, beat }
  }

  async take(seen: Lease | undefined, { stream, owner, recorder, epoch, beat }: Lease): Promise<boolean> {
    const fields = { owner, recorder, epoch, beat }
    if (seen !== undefined) {
      const unchanged = { _id: stream, owner: seen.owner, epoch: seen.epoch, beat: seen.beat }
      return (await this.collection.updateOne(unchanged, { $set: fields })).matchedCount === 1
    }
    try {
      await this.collection.insertOne({ _id: stream, ...fields })
      return true
    } catch (error) {
      if (!isDuplicate(error)) throw error
      return false
    }
  }

  /** One command for all streams of a process, however many there are. */
  async renew(owner: string, streams: readonly StreamId[]): Promise<readonly StreamId[]> {
    const held = { _id: { $in: [...streams] }, owner }
    const { matchedCount } = await this.collection.updateMany(held, { $inc: { beat: 1 } })
    if (matchedCount === streams.length) return streams
    const found = await this.collection.find(held).toArray()
    return streams.filter((stream) => found.some(({ _id }) => _id === stream))
  }

  async release(owner: string, stream: StreamId): Promise<void> {
    await this.collection.updateOne({ _id: stream, owner }, { $set: { owner: '' } })
  }
}
