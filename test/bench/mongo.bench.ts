/** The MongoDB store beside a bare driver loop that moves the same bytes, and beside the embedded store. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Collection, MongoClient } from 'mongodb'

import { CHAIN_START } from '../../src/log/chain.ts'
import type { Chunk } from '../../src/log/chunk.ts'
import { EntryCursor } from '../../src/log/entry.ts'
import { describeStoreError, type EventStore, type StoreError } from '../../src/log/event-store.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { generateFullFeed, recordsOf } from '../support/full-feed.ts'
import { findMongo } from '../support/mongo-server/mongo-server.ts'
import { chunkSizes } from './chunk-sizes.ts'
import { documentSizes } from './document-sizes.ts'
import { type Benchmark, median, type Row } from './row.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const FRAMES = 300_000
const ORDERS = 10_000
/** A quarter of what a busy stream's chunks hold, and as many as they hold at most. */
const CHUNK_ENTRIES = 25_000
const FULL_CHUNK_ENTRIES = 100_000
const ROUNDS = 5

/** Milliseconds of one round. */
interface Times {
  readonly store: number
  readonly bare: number
}

interface BareDocument {
  readonly _id: string
  readonly bytes: Uint8Array
}

const done = async <A>(task: TaskEither<StoreError, A>): Promise<A> => {
  const result = await task()
  if (isLeft(result)) throw new Error(describeStoreError(result.left))
  return result.right
}

const taking = async (action: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await action()
  return performance.now() - start
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** The generated feed, sealed. */
const sealedChunks = (records: Uint8Array, chunkEntries: number): readonly Chunk[] => {
  const sealer = new StreamSealer(coinbaseVenue, { stream: STREAM, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }) // prettier-ignore
  const chunks: Chunk[] = []
  const cursor = new EntryCursor(records)
  let start = 0
  for (let entries = 1; cursor.next(); entries++) {
    if (entries % chunkEntries !== 0 && cursor.recordEnd !== records.length) continue
    chunks.push(sealer.seal(records.subarray(start, cursor.recordEnd)).chunk)
    start = cursor.recordEnd
  }
  return chunks
}

const bookFrom = async (store: EventStore): Promise<string> => {
  const keeper = new BookKeeper(coinbaseVenue)
  for await (const { records } of readChunks(store, STREAM)) keeper.applyRecords(records)
  return keeper.takeVerdict().book.digest
}

const megabytesPerSecond = (bytes: number, milliseconds: number): string =>
  `${(bytes / 1000 / milliseconds).toFixed(1)} MB/s`

/**
 * Alternately by the store and by the driver alone, chunk by chunk, so that a drift of the machine meets both. The first is
 * not counted: it makes the collections.
 */
const write = async (store: EventStore, bare: Collection<BareDocument>, chunks: readonly Chunk[]) => {
  const times = { store: [] as number[], bare: [] as number[] }
  for (const [index, chunk] of chunks.entries()) {
    const stored = await taking(async () => await done(store.append(chunk)))
    const document = { _id: `bare/${String(index)}`, bytes: chunk.payload }
    const inserted = await taking(async () => await bare.insertOne(document))
    if (index === 0) continue
    times.store.push(stored)
    times.bare.push(inserted)
  }
  return times
}

const read = async (store: EventStore, bare: Collection<BareDocument>) => {
  const times = { store: [] as number[], bare: [] as number[] }
  let headers = await store.headers(STREAM)
  times.store.push(await taking(async () => (headers = await store.headers(STREAM))))
  for (const [index, { firstSeq }] of headers.entries()) {
    times.store.push(await taking(async () => await store.payload(STREAM, firstSeq)))
    times.bare.push(await taking(async () => await bare.findOne({ _id: `bare/${String(index)}` })))
  }
  return times
}

/** Of all chunks that count. */
const writtenBytes = (chunks: readonly Chunk[]): number =>
  sum(chunks.slice(1).map(({ payload }) => payload.length))

const compare = (name: string, bytes: number, rounds: readonly Times[]): Row[] => {
  const ratios = rounds.map(({ store, bare }) => bare / store)
  return [
    {
      name: `${name}, bare driver`,
      value: megabytesPerSecond(bytes, median(rounds.map(({ bare }) => bare))),
    },
    {
      name: `${name}, store`,
      value: megabytesPerSecond(bytes, median(rounds.map(({ store }) => store))),
      note: `${median(ratios).toFixed(2)} of the bare driver; floor 0.8; ${String(rounds.length)} rounds, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    },
  ]
}

const run = async (): Promise<readonly Row[]> => {
  const source = await findMongo()
  if (source === undefined) return [{ name: 'server', value: 'none', note: 'and no Go to build one' }]
  const server = await source.start()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const records = recordsOf(generateFullFeed(FRAMES, ORDERS))
  const chunks = sealedChunks(records, CHUNK_ENTRIES)
  const fullChunks = sealedChunks(records, FULL_CHUNK_ENTRIES)
  const bytes = sum(chunks.map(({ payload }) => payload.length))
  const writes: Times[] = []
  const fullWrites: Times[] = []
  const reads: Times[] = []
  const books: { lmdb: number; mongo: number }[] = []
  const lmdb = await done(openLmdbStore(path.join(folder, 'store'), { mode: 'write', create: true }))
  for (const chunk of chunks) await done(lmdb.append(chunk))
  const digests = new Set<string>()
  let sizes: readonly Row[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const url = server.newUrl()
    const client = new MongoClient(server.newUrl(), { writeConcern: { w: 'majority', journal: true }, promoteBuffers: true }) // prettier-ignore
    const bare = client.db().collection<BareDocument>('bare')
    const store = await done(openMongoStore(url, 'write'))
    const written = await write(store, bare, chunks)
    writes.push({ store: sum(written.store), bare: sum(written.bare) })
    const got = await read(store, bare)
    reads.push({ store: sum(got.store), bare: sum(got.bare) })
    const lmdbTime = await taking(async () => digests.add(await bookFrom(lmdb)))
    const mongoTime = await taking(async () => digests.add(await bookFrom(store)))
    books.push({ lmdb: lmdbTime, mongo: mongoTime })
    const kept = client.db(new URL(url).pathname.slice(1))
    sizes = await documentSizes(kept)
    const fullUrl = server.newUrl()
    const fullStore = await done(openMongoStore(fullUrl, 'write'))
    const full = await write(fullStore, client.db().collection<BareDocument>('full'), fullChunks)
    fullWrites.push({ store: sum(full.store), bare: sum(full.bare) })
    const fullKept = client.db(new URL(fullUrl).pathname.slice(1))
    for (const database of [client.db(), kept, fullKept]) await database.dropDatabase()
    await store.close()
    await fullStore.close()
    await client.close()
  }
  await lmdb.close()
  await server.close()
  await rm(folder, { recursive: true })
  const entries = chunks.at(-1)?.header.lastSeq ?? 0
  const share = median(books.map(({ lmdb: embedded, mongo }) => embedded / mongo))
  const bareRead = median(reads.map((times) => times.bare))
  return [
    { name: 'server', value: source.name, note: `${String(chunks.length)} chunks of ${(bytes / chunks.length / 1e6).toFixed(2)} MB, ${String(entries)} entries` }, // prettier-ignore
    ...compare('write', writtenBytes(chunks), writes),
    ...compare('write full chunks', writtenBytes(fullChunks), fullWrites),
    { name: 'chunks stored', value: `${Math.round(((chunks.length - 1) / median(writes.map(({ store }) => store))) * 1000).toLocaleString('en-US')}/s`, note: 'one after another: each waits for the one before' }, // prettier-ignore
    ...sizes,
    ...chunkSizes(records),
    ...compare('read', bytes, reads),
    { name: 'archive to book, embedded', value: `${Math.round((entries / median(books.map((times) => times.lmdb))) * 1000).toLocaleString('en-US')}/s` }, // prettier-ignore
    {
      name: 'archive to book, MongoDB',
      value: `${Math.round((entries / median(books.map((times) => times.mongo))) * 1000).toLocaleString('en-US')}/s`,
      note: `${share.toFixed(2)} of the embedded store; bare reading alone would take ${(bareRead / median(books.map((times) => times.mongo))).toFixed(2)} of this time`,
    },
    { name: 'digests', value: digests.size === 1 ? 'equal' : 'DIFFER' },
  ]
}

export const mongoBenchmark: Benchmark = {
  name: 'mongo',
  about:
    'Chunks to and from MongoDB, beside the driver alone with the same bytes, and books rebuilt from it beside the embedded store.',
  run,
}
