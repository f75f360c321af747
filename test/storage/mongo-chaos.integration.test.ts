/**
 * A store on MongoDB through everything that may happen to its connection and its server. BOOKREEL_MONGO_ROUNDS sets the
 * number of rounds, BOOKREEL_MONGO_SEED the first round's seed.
 */
import { setTimeout as pause } from 'node:timers/promises'

import { isLeft, right } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { Chain } from '../../src/log/chain.ts'
import type { Chunk } from '../../src/log/chunk.ts'
import { describeStoreError, type EventStore } from '../../src/log/event-store.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { MONGO_FAULTS, type MongoFault, MongoProxy } from '../support/mongo-proxy.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { primeDatabase } from '../support/primed-database.ts'
import { sampleChunk, sampleRecords } from '../support/sample-chunks.ts'
import { randomFrom } from '../support/seeded-random.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const ROUNDS = Number(process.env['BOOKREEL_MONGO_ROUNDS'] ?? 5)
const FIRST_SEED = Number(process.env['BOOKREEL_MONGO_SEED'] ?? 1)
const CHUNKS = 24
const LIMIT = 120_000

const source = await findMongo()
let server: MongoServer

const patient = (url: string): string => `${url}${url.includes('?') ? '&' : '?'}serverSelectionTimeoutMS=2000`

/** However long it takes, within the limit. */
const opened = async (url: string): Promise<EventStore> => {
  for (const end = Date.now() + LIMIT; ;) {
    const store = await openMongoStore(url, 'write')()
    if (!isLeft(store)) return store.right
    if (Date.now() > end) throw new Error(describeStoreError(store.left))
    await pause(20)
  }
}

/** Chunks of different lengths, a payload of several parts among them. */
const chunksOf = (random: () => number): readonly Chunk[] => {
  const chunks: Chunk[] = []
  for (let from = 1; chunks.length < CHUNKS;) {
    const to = from + Math.floor(random() * 40)
    chunks.push(sampleChunk(STREAM, from, to))
    from = to + 1
  }
  return chunks
}

/** A writer as the recorder is one: the same chunk until it is stored, sometimes by a new process in its middle. */
const writeAll = async (url: string, chunks: readonly Chunk[], random: () => number): Promise<void> => {
  let store = await opened(url)
  for (const chunk of chunks) {
    for (const end = Date.now() + LIMIT; ;) {
      const appended = await store.append(chunk)()
      if (!isLeft(appended)) break
      // Nobody else writes this stream: every refusal would be a mistake of the store.
      if (appended.left.kind !== 'unavailable' || Date.now() > end)
        throw new Error(describeStoreError(appended.left))
      if (random() < 0.3) {
        const left = store
        store = await opened(url)
        void left.close()
      }
    }
  }
  await store.close()
}

const expectAll = async (store: EventStore, chunks: readonly Chunk[]): Promise<void> => {
  const headers = await store.headers(STREAM)
  expect(headers).toEqual(chunks.map(({ header }) => header))
  const chain = new Chain()
  for (const header of headers) {
    expect(header.chainBefore).toBe(chain.head())
    const records = decodeChunk(header, await store.payload(STREAM, header.firstSeq))
    expect(records).toEqual(right(Buffer.from(sampleRecords(header.firstSeq, header.lastSeq))))
    if (!isLeft(records)) chain.add(records.right)
    expect(header.chainAfter).toBe(chain.head())
  }
}

describe.skipIf(source === undefined)(`chaos around MongoDB (${source?.name ?? 'no server, no Go'})`, () => {
  beforeAll(async () => {
    if (source !== undefined) server = await source.start()
  })
  afterAll(async () => {
    await server.close()
  })

  it.each(MONGO_FAULTS)('stores each chunk once when an insert meets "%s"', async (fault) => {
    const proxy = await MongoProxy.start(server.host)
    const store = await opened(patient(server.newUrl(proxy.host)))
    const chunks = [sampleChunk(STREAM, 1, 9), sampleChunk(STREAM, 10, 12), sampleChunk(STREAM, 13, 30)]
    // Of each chunk: its payload, then its header.
    for (const [index, chunk] of chunks.entries()) {
      let inserts = 0
      proxy.nextFault = (command) => (command === 'insert' && inserts++ === index % 2 ? fault : undefined)
      for (const end = Date.now() + LIMIT; isLeft(await store.append(chunk)());)
        if (Date.now() > end) throw new Error('it could not be stored')
    }
    expect(proxy.done.get(fault)).toBe(chunks.length)
    proxy.nextFault = () => undefined
    await expectAll(store, chunks)
    await store.close()
    await proxy.close()
  })

  it.each(Array.from({ length: ROUNDS }, (_none, round) => FIRST_SEED + round))(
    'holds everything exactly once after round %i',
    async (seed) => {
      const random = randomFrom(seed)
      const chunks = chunksOf(random)
      const proxy = await MongoProxy.start(server.host)
      const url = patient(server.newUrl(proxy.host))
      await primeDatabase(url)
      const dice = randomFrom(seed + 1_000_000)
      proxy.nextFault = (): MongoFault | undefined =>
        dice() < 0.08 ? MONGO_FAULTS[Math.floor(dice() * MONGO_FAULTS.length)] : undefined
      const writing = writeAll(url, chunks, random)
      let isOver = false
      const over = writing.finally(() => (isOver = true)).catch(() => undefined)
      for (let kills = 0; kills < 2 && !isOver; kills++) {
        await Promise.race([over, pause(50 + Math.floor(dice() * 400))])
        if (source?.isOurs === true && !isOver) {
          await server.kill()
          proxy.cutAll()
          await server.restart()
        } else proxy.cutAll()
      }
      await writing
      proxy.nextFault = () => undefined
      const reader = await opened(url)
      await expectAll(reader, chunks)
      await reader.close()
      await proxy.close()
    },
  )
})
