import { isLeft, right } from 'fp-ts/lib/Either.js'
import { BSON, type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { encodeKeyframe } from '../../src/codec/keyframe.ts'
import { describeStoreError, type EventStore, StoreFailure } from '../../src/log/event-store.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { microsOf } from '../../src/market/time.ts'
import { planRepair, repair } from '../../src/recorder/upkeep/repair.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { eventStoreContract } from '../contract/event-store.contract.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { sampleChunk } from '../support/sample-chunks.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const OTHER: StreamId = 'bitfinex:BTC-USD'
const DONE = right(undefined)
const source = await findMongo()
let server: MongoServer

const opened = async (url: string, mode: 'read' | 'write' = 'write'): Promise<EventStore> => {
  const store = await openMongoStore(url, mode)()
  if (isLeft(store)) throw new Error(describeStoreError(store.left))
  return store.right
}

const refusalOf = async (url: string, mode: 'read' | 'write' = 'write'): Promise<string> => {
  const store = await openMongoStore(url, mode)()
  if (!isLeft(store)) throw new Error('it was opened')
  return describeStoreError(store.left)
}

const expectSentence = (text: string, expected: RegExp): void => {
  expect(text).toMatch(expected)
  expect(text).toMatch(/^[A-Z][^\n]*\.$/)
  expect(text).not.toMatch(/secret|somebody/)
  expect(text.length).toBeLessThan(400)
}

/** A store with three chunks, and its database behind its back. */
const withDatabase = async (
  use: (store: EventStore, database: Db, url: string) => Promise<void>,
): Promise<void> => {
  const url = server.newUrl()
  const client = new MongoClient(url)
  const store = await opened(url)
  try {
    for (const [from, to] of [
      [1, 5],
      [6, 9],
      [10, 20],
    ] as const)
      expect(await store.append(sampleChunk(STREAM, from, to))()).toEqual(DONE)
    await use(store, client.db(), url)
  } finally {
    await store.close()
    await client.close()
  }
}

const failureOf = async (reading: Promise<unknown>): Promise<string> => {
  try {
    await reading
  } catch (error) {
    if (error instanceof StoreFailure) return error.message
    throw error
  }
  throw new Error('it did not fail')
}

const spansOf = async (store: EventStore, from?: number): Promise<readonly (readonly number[])[]> =>
  (await store.headers(STREAM, { from })).map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])

describe.skipIf(source === undefined)(
  `MongoDB (${source?.name ?? 'no server, and no Go to build one'})`,
  () => {
    beforeAll(async () => {
      if (source !== undefined) server = await source.start()
    })
    afterAll(async () => {
      await server.close()
    })

    eventStoreContract('mongodb:', async () => await opened(server.newUrl()), true)

    it('holds after opening again what it held, and may be opened for reading alone', async () => {
      await withDatabase(async (store, _database, url) => {
        const reader = await opened(url, 'read')
        expect(await reader.headers(STREAM)).toEqual(await store.headers(STREAM))
        const refused = await reader.append(sampleChunk(STREAM, 21, 22))()
        expectSentence(isLeft(refused) ? describeStoreError(refused.left) : '', /opened for reading only/)
        expect(await store.append(sampleChunk(STREAM, 21, 22))()).toEqual(DONE)
        expect(await reader.lastSeq(STREAM)).toBe(22)
        await reader.close()
        await reader.close()
        await expect(reader.lastSeq(STREAM)).rejects.toThrow(/closed already/)
      })
    })

    it('lets one of two writers win that append different chunks at the same place', async () => {
      await withDatabase(async (store, database, url) => {
        const other = await opened(url)
        const [one, two] = [sampleChunk(STREAM, 21, 40), sampleChunk(STREAM, 21, 50)]
        const results = await Promise.all([store.append(one)(), other.append(two)()])
        expect(results.filter((result) => !isLeft(result))).toHaveLength(1)
        const lost = results.find(isLeft)
        expect(lost?.left).toMatchObject({ kind: 'does-not-follow', found: 21 })
        const [header] = await store.headers(STREAM, { from: 21 })
        expect([40, 50]).toContain(header?.lastSeq)
        expect(await store.headers(STREAM, { from: 21 })).toHaveLength(1)
        // Nothing is left of the loser.
        const payloads = await database.collection('payloads').countDocuments()
        expect(payloads).toBe(4)
        await other.close()
      })
    })

    it('takes a document back that stands where others were merged meanwhile', async () => {
      await withDatabase(async (store, database) => {
        expect(await store.replace(sampleChunk(STREAM, 1, 20))()).toEqual(DONE)
        // As a writer does that slept between looking and writing: the unique index has no entry 10 any more.
        const chunks = database.collection('chunks')
        const original = chunks.find.bind(chunks)
        expect(await original({}).toArray()).toHaveLength(1)
        const late = await store.append(sampleChunk(STREAM, 10, 30))()
        expect(isLeft(late) && late.left).toEqual({ kind: 'does-not-follow', expected: 21, found: 10 })
        expect(await spansOf(store)).toEqual([[1, 20]])
      })
    })

    it('reads every entry once while a replacement was cut short, and finishes it', async () => {
      await withDatabase(async (store, database, url) => {
        const chunks = database.collection('chunks')
        const payloads = database.collection('payloads')
        const covered = await chunks.find({ firstSeq: { $gt: 1 } }).toArray()
        const bytes = await payloads.find({}).toArray()
        expect(await store.replace(sampleChunk(STREAM, 1, 20))()).toEqual(DONE)
        expect(await payloads.countDocuments()).toBe(1)
        // Documents are removed from the first on: a crash leaves the last ones.
        for (const left of [covered, covered.slice(1)]) {
          await chunks.insertMany(left)
          const places = left.map(({ _id }) => `chunk/${String(_id)}/`)
          await payloads.insertMany(
            bytes.filter(({ _id }) => places.some((place) => String(_id).startsWith(place))),
          )
          const reader = await opened(url, 'read')
          expect(await reader.lastSeq(STREAM)).toBe(20)
          expect(await spansOf(reader)).toEqual([[1, 20]])
          for (let from = 1; from <= 20; from++) {
            const headers = await reader.headers(STREAM, { from })
            expect(headers[0]?.firstSeq).toBeLessThanOrEqual(from)
            let reached = (headers[0]?.firstSeq ?? 0) - 1
            for (const header of headers) {
              expect(header.firstSeq).toBe(reached + 1)
              reached = header.lastSeq
              const payload = await reader.payload(STREAM, header.firstSeq)
              expect(isLeft(decodeChunk(header, payload))).toBe(false)
            }
            expect(reached).toBe(20)
          }
          await reader.close()
          const writer = await opened(url)
          expect(await writer.append(sampleChunk(STREAM, 1, 20))()).toEqual(DONE)
          expect(await chunks.countDocuments()).toBe(1)
          expect(await payloads.countDocuments()).toBe(1)
          await writer.close()
        }
      })
    })

    it('names collection, document and path of what was altered', async () => {
      await withDatabase(async (store, database) => {
        const chunks = database.collection<{ _id: string }>('chunks')
        const _id = `${STREAM}/0000000000000006`
        const right = await chunks.findOne({ _id })
        if (right === null) throw new Error('no such document')
        for (const [field, value] of [
          ['lastSeq', 8],
          ['lastSeq', 'nine'],
          ['payloadHash', 'x'],
          ['header', 'no bytes'],
          ['header', Buffer.from('header-1 scribble')],
          ['version', null],
          ['gaps', 3],
        ] as const) {
          await chunks.replaceOne({ _id }, { ...right, [field]: value })
          const told = await failureOf(store.headers(STREAM))
          expectSentence(
            told.replace(/^Stream/, 'S'),
            new RegExp(`"${_id}" of the collection chunks.*"${field}"`),
          )
        }
        await chunks.replaceOne({ _id }, { ...right, version: 99 })
        expectSentence(await failureOf(store.headers(STREAM)), /version 99, newer than this version's 1/)
        await chunks.replaceOne({ _id }, right)
        expect(await spansOf(store)).toHaveLength(3)
      })
    })

    it.each([
      ['header', Buffer.from('scribble')],
      ['lastSeq', 100],
      ['firstSeq', 8],
      ['firstSeq', 'six'],
      ['stream', OTHER],
      ['payload', undefined],
    ] as const)('repairs what was altered in its field "%s" (%s)', async (field, value) => {
      await withDatabase(async (store, database) => {
        const chunks = database.collection<{ _id: string }>('chunks')
        const _id = `${STREAM}/0000000000000006`
        const { header, payload } = sampleChunk(STREAM, 6, 9)
        if (field === 'payload') {
          const stem = `chunk/${STREAM}/0000000000000006/`
          const bytes = Buffer.from('other bytes')
          await database
            .collection<{ _id: string }>('payloads')
            .updateOne({ _id: `${stem}${header.payloadHash}/0` }, { $set: { bytes } })
        } else await chunks.updateOne({ _id }, { $set: { [field]: value } })
        const plan = await planRepair(store, STREAM)
        // The end of its block cannot be proved any more, so that it is given up.
        expect(plan.map(({ tombstone }) => tombstone?.kind)).toEqual(['damaged', 'unused'])
        expect(plan[0]?.tombstone).toMatchObject({ kind: 'damaged', firstSeq: 6, lastSeq: 9 })
        await repair(store, plan)
        expect(await planRepair(store, STREAM)).toEqual([])
        const parts = await store.parts(STREAM)
        expect(parts.map(({ kind }) => kind)).toEqual(['chunk', 'hole', 'chunk', 'hole'])
        expect(await spansOf(store)).toEqual([
          [1, 5],
          [10, 20],
        ])
        const [aside] = await store.quarantined(STREAM)
        const kept = await store.quarantinedChunk(STREAM, aside?.number ?? 0)
        expect(BSON.deserialize(kept.header)).toMatchObject({ _id })
        expect(Buffer.compare(kept.payload, field === 'payload' ? Buffer.from('other bytes') : payload)).toBe(
          0,
        )
        expect(await chunks.countDocuments()).toBe(4)
        expect(await database.collection('payloads').countDocuments()).toBe(3)
      })
    })

    it('tells, drops and replaces a keyframe whose document was altered', async () => {
      await withDatabase(async (store, database) => {
        const keyframes = database.collection<{ _id: string }>('keyframes')
        const keyframe = (seq: number) =>
          encodeKeyframe({ stream: STREAM, seq, receiveTime: microsOf(seq), decoderVersion: 1, state: Buffer.from('k') }) // prettier-ignore
        for (const seq of [5, 9, 15]) await store.putKeyframe(keyframe(seq))()
        const idOf = (seq: number) => `${STREAM}/${String(seq).padStart(16, '0')}`
        await keyframes.updateOne({ _id: idOf(5) }, { $set: { reference: Buffer.from('scribble') } })
        await keyframes.updateOne({ _id: idOf(9) }, { $set: { seq: 7 } })
        expect((await store.keyframes(STREAM)).map(({ seq }) => seq)).toEqual([15])
        const damaged = await store.damagedKeyframes(STREAM)
        expect(damaged.map(({ seq }) => seq)).toEqual([5, 9])
        expectSentence(`${damaged[0]?.detail.replace(/^the/, 'The') ?? ''}`, /the collection keyframes/)
        expect(await store.putKeyframe(keyframe(9))()).toEqual(DONE)
        expect(await store.dropKeyframe(STREAM, 5)()).toEqual(DONE)
        expect(await store.damagedKeyframes(STREAM)).toEqual([])
        expect((await store.keyframes(STREAM)).map(({ seq }) => seq)).toEqual([9, 15])
        expect(await database.collection('payloads').countDocuments()).toBe(5)
      })
    })

    it('removes nothing for the sake of a document that was altered', async () => {
      await withDatabase(async (store, database, url) => {
        const chunks = database.collection<{ _id: string }>('chunks')
        const _id = `${STREAM}/0000000000000001`
        await chunks.updateOne({ _id }, { $set: { lastSeq: 100 } })
        const writer = await opened(url)
        expect(await writer.append(sampleChunk(STREAM, 21, 22))()).toEqual(DONE)
        await writer.close()
        await chunks.updateOne({ _id }, { $set: { lastSeq: 5 } })
        expect(await spansOf(store)).toHaveLength(4)
      })
    })

    it('finds an altered or missing payload', async () => {
      await withDatabase(async (store, database) => {
        const payloads = database.collection<{ _id: string }>('payloads')
        const [header] = await store.headers(STREAM)
        if (header === undefined) throw new Error('no chunk')
        const { _id } = (await payloads.find({}).toArray()).find((found) => found._id.includes('01/')) ?? {
          _id: '',
        }
        await payloads.updateOne({ _id }, { $set: { bytes: Buffer.from('other bytes') } })
        expect(isLeft(decodeChunk(header, await store.payload(STREAM, 1)))).toBe(true)
        await payloads.updateOne({ _id }, { $set: { bytes: 'text' } })
        expect(await failureOf(store.payload(STREAM, 1))).toContain('"bytes"')
        await payloads.deleteOne({ _id })
        const told = await failureOf(store.payload(STREAM, 1))
        expect(told).toContain(`the document "${_id}" of the collection payloads`)
        expect(told).toMatch(/it is missing\.$/)
      })
    })

    it('keeps no payload of a keyframe that was replaced', async () => {
      await withDatabase(async (store, database) => {
        const keyframe = (text: string) =>
        encodeKeyframe({ stream: STREAM, seq: 9, receiveTime: microsOf(9), decoderVersion: 1, state: Buffer.from(text) }) // prettier-ignore
        for (const text of ['a', 'b', 'b']) expect(await store.putKeyframe(keyframe(text))()).toEqual(DONE)
        expect(await database.collection('payloads').countDocuments()).toBe(4)
        expect(await store.keyframe(STREAM, 9)).toEqual(keyframe('b'))
      })
    })

    it('says in one sentence why a database cannot be opened', async () => {
      const url = server.newUrl()
      expectSentence(await refusalOf(url, 'read'), /There is no store at mongodb:\/\/[^ ]+\/bookreel-test-/)
      const client = new MongoClient(url)
      await client.db().collection('holidays').insertOne({ place: 'sea' })
      for (const mode of ['read', 'write'] as const)
        expectSentence(await refusalOf(url, mode), /holds something else \(the collection holidays\)/)
      await client.db().collection<{ _id: string }>('bookreel').insertOne({ _id: 'store' })
      expectSentence(await refusalOf(url), /does not say that it is a store/)
      await client
        .db()
        .collection<{ _id: string }>('bookreel')
        .replaceOne({ _id: 'store' }, { format: 'bookreel-store', version: 99 })
      expectSentence(await refusalOf(url), /format 99, newer than this version's 1/)
      await client.db().dropDatabase()
      await client.close()
    })

    it('says in one sentence why a server cannot be used, and nothing of the credentials', async () => {
      const { host } = server
      const quick = 'serverSelectionTimeoutMS=300'
      for (const [url, expected] of [
        [
          `mongodb://somebody:secret@127.0.0.1:1/books?${quick}`,
          /at mongodb:\/\/127\.0\.0\.1:1\/books (cannot be reached|does not answer)/,
        ],
        [`mongodb://somebody:secret@host.invalid/books?${quick}`, /cannot be reached|does not answer/],
        [
          `mongodb://somebody:secret@${host}/books?tls=true&${quick}`,
          /TLS|cannot be reached|broke|does not answer/,
        ],
        [`mongodb://somebody:secret@/books`, /cannot be used/],
        [`mongodb://some:body:secret@${host}/books`, /cannot be used/],
        [`mongodb://somebody:sec%zzret@${host}/books`, /cannot be used/],
        [`mongodb://${host}/books?nonsense=secret`, /cannot be used/],
        [`mongodb+srv://somebody:secret@host.invalid/books`, /cannot be reached|does not answer/],
      ] as const)
        expectSentence(await refusalOf(url), expected)
    })

    it.skipIf(source?.isOurs !== true)(
      'is unavailable while the server is down, and goes on afterwards',
      async () => {
        const own = await source?.start()
        if (own === undefined) return
        const url = own.newUrl()
        const store = await opened(`${url}${url.includes('?') ? '&' : '?'}serverSelectionTimeoutMS=300`)
        const chunks = [sampleChunk(STREAM, 1, 5), sampleChunk(STREAM, 6, 9)] as const
        expect(await store.append(chunks[0])()).toEqual(DONE)
        await own.kill()
        const away = await store.append(chunks[1])()
        expectSentence(isLeft(away) ? describeStoreError(away.left) : '', /cannot be reached|broke/)
        await own.restart()
        expect(await store.append(chunks[1])()).toEqual(DONE)
        expect(await spansOf(store)).toEqual([
          [1, 5],
          [6, 9],
        ])
        await store.close()
        await own.close()
      },
    )
  },
)
