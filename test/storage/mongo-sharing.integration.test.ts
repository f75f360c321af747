/** Recorders that share a MongoDB store, each with a connection of its own; what dead writers left there. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { describeStoreError, type EventStore, StoreFailure } from '../../src/log/event-store.ts'
import type { Lease } from '../../src/log/stream-leases.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { sampleChunk } from '../support/sample-chunks.ts'
import { storeShares } from '../support/store-shares.ts'

const STREAM = 'toy:A-B'
const OTHER = 'toy:A-C'
const source = await findMongo()
let server: MongoServer

const withStores = async (
  use: (one: EventStore, two: EventStore, database: Db) => Promise<void>,
): Promise<void> => {
  const url = server.newUrl()
  const client = new MongoClient(url)
  const stores: EventStore[] = []
  try {
    for (let count = 0; count < 2; count++) {
      const opened = await openMongoStore(url, 'write')()
      if (isLeft(opened)) throw new Error(describeStoreError(opened.left))
      stores.push(opened.right)
    }
    const [one, two] = stores
    if (one !== undefined && two !== undefined) await use(one, two, client.db())
  } finally {
    for (const store of stores) await store.close()
    await client.close()
  }
}

const lease = (owner: string, epoch: number): Lease => ({
  stream: STREAM,
  owner,
  recorder: `${owner}'s`,
  epoch,
  beat: 0,
})

describe.skipIf(source === undefined)(
  `a shared store on MongoDB (${source?.name ?? 'no server, no Go'})`,
  () => {
    beforeAll(async () => {
      if (source !== undefined) server = await source.start()
    })
    afterAll(async () => {
      await server.close()
    })

    it('gives a lease to one of those who saw it free, and to nobody who saw an older one', async () => {
      await withStores(async (one, two) => {
        const [here, there] = [storeShares(one).leases, storeShares(two).leases]
        expect(await here.read(STREAM)).toBeUndefined()
        const taken = await Promise.all([
          here.take(undefined, lease('a', 1)),
          there.take(undefined, lease('b', 1)),
        ])
        expect(taken.filter(Boolean).length).toBe(1)
        const [owner, other] = taken[0] ? ['a', 'b'] : ['b', 'a']
        const seen = await there.read(STREAM)
        expect(seen).toEqual(lease(owner, 1))
        expect(await here.renew(owner, [STREAM])).toEqual([STREAM])
        expect(await there.take(seen, lease(other, 2))).toBe(false)
        expect(await there.take(await there.read(STREAM), lease(other, 2))).toBe(true)
        expect(await here.renew(owner, [STREAM])).toEqual([])
        await here.release(owner, STREAM)
        expect(await here.read(STREAM)).toEqual(lease(other, 2))
        await there.release(other, STREAM)
        expect(await here.read(STREAM)).toEqual({ ...lease('', 2), recorder: `${other}'s` })
      })
    })

    it('names a lease that was altered', async () => {
      await withStores(async (one, _two, database) => {
        await storeShares(one).leases.take(undefined, lease('a', 1))
        await database
          .collection<{ _id: string }>('leases')
          .updateOne({ _id: STREAM }, { $set: { epoch: 'x' } })
        const reading = storeShares(one).leases.read(STREAM)
        await expect(reading).rejects.toThrow(/"toy:A-B" of the collection leases is not what was written/)
        await expect(reading).rejects.toBeInstanceOf(StoreFailure)
      })
    })

    it('removes payloads without a document when they have been so for an hour, and nothing else', async () => {
      await withStores(async (one, two, database) => {
        const payloads = database.collection<{ _id: string; bytes: Buffer; orphanedAt?: Date }>('payloads')
        for (const [from, to] of [[1, 5], [6, 9]] as const) await one.append(sampleChunk(STREAM, from, to))() // prettier-ignore
        const before = await payloads.countDocuments()
        const orphan = `chunk/${STREAM}/0000000000000006/${'a'.repeat(64)}/0`
        await payloads.insertOne({ _id: orphan, bytes: Buffer.from('x') })
        expect(await one.sweep?.(STREAM)).toEqual({ removed: 0, noted: 1 })
        expect(await two.sweep?.(STREAM)).toEqual({ removed: 0, noted: 1 })
        expect(await one.sweep?.(OTHER)).toEqual({ removed: 0, noted: 0 })
        const noted = (await payloads.findOne({ _id: orphan }))?.orphanedAt?.getTime() ?? 0
        expect(noted).toBeGreaterThan(0)
        await payloads.updateOne({ _id: orphan }, { $set: { orphanedAt: new Date(noted - 3_700_000) } })
        expect(await two.sweep?.(STREAM)).toEqual({ removed: 1, noted: 0 })
        expect(await payloads.countDocuments()).toBe(before)
        expect((await two.payload(STREAM, 6)).length).toBeGreaterThan(0)
      })
    })

    it('leaves a payload alone that got its document after all', async () => {
      await withStores(async (one, two, database) => {
        const payloads = database.collection<{ _id: string; bytes: Buffer; orphanedAt?: Date }>('payloads')
        const chunk = sampleChunk(STREAM, 1, 5)
        await payloads.insertOne({
          _id: `chunk/${STREAM}/0000000000000001/${chunk.header.payloadHash}/0`,
          bytes: Buffer.from(chunk.payload),
          orphanedAt: new Date(0),
        })
        await one.append(chunk)()
        expect(await two.sweep?.(STREAM)).toEqual({ removed: 0, noted: 0 })
        expect(await payloads.countDocuments({ orphanedAt: { $exists: true } })).toBe(0)
        expect((await two.payload(STREAM, 1)).length).toBe(chunk.payload.length)
      })
    })
  },
)
