/** What recorders that share a MongoDB store keep there beside the log: leases, notes of runs, and what dead writers left. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { describeStoreError, type EventStore, StoreFailure } from '../../src/log/event-store.ts'
import type { RunNote } from '../../src/log/run-book.ts'
import type { Lease } from '../../src/log/stream-leases.ts'
import { microsOf } from '../../src/market/time.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { sampleChunk } from '../support/sample-chunks.ts'

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

const leasesOf = ({ leases }: EventStore) => {
  if (leases === undefined) throw new Error('the store has no leases')
  return leases
}

const lease = (owner: string, epoch: number): Lease => ({
  stream: STREAM,
  owner,
  recorder: `${owner}'s`,
  epoch,
  beat: 0,
})

const note = (epoch: number, changes: Partial<RunNote> = {}): RunNote => ({
  stream: STREAM,
  epoch,
  recorder: 'r',
  software: 'bookreel 0',
  firstSeq: epoch * 10,
  startedAt: microsOf(epoch),
  end: null,
  lastSeq: null,
  ...changes,
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
        const [here, there] = [leasesOf(one), leasesOf(two)]
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

    it('renews all leases of a process at once, and tells which it holds still', async () => {
      await withStores(async (one, two) => {
        const [here, there] = [leasesOf(one), leasesOf(two)]
        await here.take(undefined, lease('a', 1))
        await here.take(undefined, { ...lease('a', 1), stream: OTHER })
        expect(await here.renew('a', [STREAM, OTHER])).toEqual([STREAM, OTHER])
        expect((await there.read(OTHER))?.beat).toBe(1)
        await there.take(await there.read(STREAM), lease('b', 2))
        expect(await here.renew('a', [STREAM, OTHER])).toEqual([OTHER])
      })
    })

    it('names a lease that was altered', async () => {
      await withStores(async (one, _two, database) => {
        await leasesOf(one).take(undefined, lease('a', 1))
        await database
          .collection<{ _id: string }>('leases')
          .updateOne({ _id: STREAM }, { $set: { epoch: 'x' } })
        const reading = leasesOf(one).read(STREAM)
        await expect(reading).rejects.toThrow(/"toy:A-B" of the collection leases is not what was written/)
        await expect(reading).rejects.toBeInstanceOf(StoreFailure)
      })
    })

    it('lists runs in their order; one that never ended before the next began has crashed', async () => {
      await withStores(async ({ runs }) => {
        if (runs === undefined) throw new Error('the store lists no runs')
        await runs.put(note(1))
        await runs.put(note(1, { end: 'stopped', lastSeq: 19 }))
        await runs.put(note(2))
        await runs.put(note(11))
        await runs.put({ ...note(3), stream: OTHER })
        expect(await runs.list(STREAM)).toEqual([
          note(1, { end: 'stopped', lastSeq: 19 }),
          note(2, { end: 'crash' }),
          note(11),
        ])
        expect((await runs.list(OTHER)).length).toBe(1)
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
