/**
 * What only a replica set of several servers can show: the primary steps down, the majority is gone, what is read is
 * what a majority has. Runs where MONGODB_URI names one (see compose.yaml); one with `enableTestCommands` shows it all.
 */
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { describeStoreError, type EventStore } from '../../src/log/event-store.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { chunkSpans } from '../support/filled-stores.ts'
import { mongoAddressIn } from '../support/mongo-server/mongo-server.ts'
import { sampleChunk } from '../support/sample-chunks.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const OTHER: StreamId = 'bitfinex:BTC-USD'
const DONE = right(undefined)
const uri = process.env['MONGODB_URI'] ?? ''
const LIMIT = 120_000

interface Hello {
  readonly setName?: string
  readonly primary?: string
  readonly hosts?: readonly string[]
}

const hello = async (client: MongoClient): Promise<Hello> => await client.db('admin').command({ hello: 1 })

/** How many servers there are; 0: MONGODB_URI names no replica set. */
const members = async (): Promise<number> => {
  if (uri === '') return 0
  const client = new MongoClient(uri)
  try {
    const { setName, hosts } = await hello(client)
    return setName === undefined ? 0 : (hosts?.length ?? 0)
  } finally {
    await client.close()
  }
}

const size = await members()
const name =
  size >= 3
    ? `a replica set of ${String(size)}`
    : 'a replica set (skipped: MONGODB_URI names none of three servers; see compose.yaml)'

describe.skipIf(size < 3)(name, () => {
  let admin: MongoClient
  const { before, hosts, settings } = mongoAddressIn(uri)
  const databases: string[] = []
  const newUrl = (): string => {
    const database = `bookreel-set-${String(process.pid)}-${String(databases.length)}`
    databases.push(database)
    return `${before}${hosts}/${database}?${[...settings, 'retryWrites=true'].join('&')}`
  }
  const opened = async (url: string, mode: 'read' | 'write' = 'write'): Promise<EventStore> => {
    const store = await openMongoStore(url, mode)()
    if (isLeft(store)) throw new Error(describeStoreError(store.left))
    return store.right
  }
  /** Asks one server alone. */
  const onServer = async (host: string, command: Readonly<Record<string, unknown>>): Promise<void> => {
    const others = settings.filter((setting) => !/^(replicaSet|directConnection)=/i.test(setting))
    const client = new MongoClient(`${before}${host}/?${[...others, 'directConnection=true'].join('&')}`)
    try {
      await client.db('admin').command({ ...command })
    } finally {
      await client.close()
    }
  }
  const secondaries = async (): Promise<readonly string[]> => {
    const { primary, hosts: all } = await hello(admin)
    return (all ?? []).filter((host) => host !== primary)
  }
  const copying = async (mode: 'alwaysOn' | 'off'): Promise<void> => {
    for (const host of await secondaries())
      await onServer(host, { configureFailPoint: 'rsSyncApplyStop', mode })
  }
  /** Appends until it is taken, as the recorder does. */
  const appendAtLast = async (store: EventStore, from: number, to: number): Promise<number> => {
    const end = Date.now() + LIMIT
    for (let tries = 1; ; tries++) {
      const result = await store.append(sampleChunk(STREAM, from, to))()
      if (!isLeft(result)) return tries
      if (result.left.kind !== 'unavailable' || Date.now() > end)
        throw new Error(describeStoreError(result.left))
    }
  }
  const expectSound = async (url: string, chunks: number): Promise<void> => {
    const reader = await opened(url, 'read')
    const spans = await chunkSpans(reader, STREAM, {})
    expect(spans).toEqual(Array.from({ length: chunks }, (_none, index) => [index * 10 + 1, index * 10 + 10]))
    for (const header of await reader.headers(STREAM))
      expect(isLeft(decodeChunk(header, await reader.payload(STREAM, header.firstSeq)))).toBe(false)
    await reader.close()
  }

  beforeAll(() => {
    admin = new MongoClient(uri)
  })
  afterAll(async () => {
    await copying('off').catch(() => undefined)
    for (const database of databases) await admin.db(database).dropDatabase()
    await admin.close()
  })

  it('keeps every chunk once, in order, while the primary steps down in the middle of writing', async () => {
    const url = newUrl()
    const store = await opened(url)
    const CHUNKS = 60
    let downs = 0
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      const stepping =
        chunk % 20 === 5
          ? admin
              .db('admin')
              .command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 })
              .then(() => downs++)
              // The connection that asked for it is cut as well.
              .catch(() => downs++)
          : undefined
      await appendAtLast(store, chunk * 10 + 1, chunk * 10 + 10)
      await stepping
    }
    expect(downs).toBe(3)
    await store.close()
    await expectSound(url, CHUNKS)
  })

  it('fences two writers while the primary changes: one of them has each place', async () => {
    const url = newUrl()
    const one = await opened(url)
    const other = await opened(url)
    expect(await one.append(sampleChunk(STREAM, 1, 10))()).toEqual(DONE)
    const stepping = admin
      .db('admin')
      .command({ replSetStepDown: 10 })
      .catch(() => undefined)
    const results = await Promise.all([
      one.append(sampleChunk(STREAM, 11, 20))(),
      other.append(sampleChunk(STREAM, 11, 20, 1))(),
    ])
    await stepping
    const kept = results.filter((result) => !isLeft(result))
    expect(kept.length).toBeLessThanOrEqual(1)
    await one.append(sampleChunk(STREAM, 11, 20))()
    expect(await chunkSpans(one, STREAM, {})).toEqual([
      [1, 10],
      [11, 20],
    ])
    await one.close()
    await other.close()
  })

  it('acknowledges nothing without a majority, shows nothing that none has, and recognises it afterwards', async (context) => {
    try {
      await copying('off')
    } catch {
      context.skip('these servers do not allow test commands')
    }
    const url = newUrl()
    const store = await opened(url)
    expect(await store.append(sampleChunk(STREAM, 1, 10))()).toEqual(DONE)
    const reader = await opened(url, 'read')
    await copying('alwaysOn')
    try {
      const [refused] = await Promise.all([
        store.append(sampleChunk(STREAM, 11, 20))(),
        store.append(sampleChunk(OTHER, 1, 10))(),
      ])
      expect(isLeft(refused) && refused.left.kind).toBe('unavailable')
      expect(await reader.lastSeq(STREAM)).toBe(10)
      expect(await reader.streams()).toEqual([STREAM])
    } finally {
      await copying('off')
    }
    expect(await appendAtLast(store, 11, 20)).toBeGreaterThan(0)
    expect(await store.append(sampleChunk(STREAM, 11, 20))()).toEqual(DONE)
    expect(await reader.lastSeq(STREAM)).toBe(20)
    await reader.close()
    await store.close()
  })
})
