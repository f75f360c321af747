/**
 * Changes of a log on MongoDB that end at every possible moment: what a reader sees then is the log before or after, and
 * the next writer finishes it.
 */
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { encodeKeyframe } from '../../src/codec/keyframe.ts'
import { describeStoreError, type EventStore } from '../../src/log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart, type Tombstone } from '../../src/log/tombstone.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { microsOf } from '../../src/market/time.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { type MongoFault, MongoProxy } from '../support/mongo-proxy.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { sampleChunk } from '../support/sample-chunks.ts'
import { tombstoneOf } from '../support/tombstones.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const DONE = right(undefined)
const WRITES = ['insert', 'update', 'delete', 'findAndModify']
const BOUNDS = [
  [1, 5],
  [6, 9],
  [10, 20],
  [21, 30],
] as const

const source = await findMongo()
let server: MongoServer

const opened = async (url: string, mode: 'read' | 'write' = 'write'): Promise<EventStore> => {
  const store = await openMongoStore(url, mode)()
  if (isLeft(store)) throw new Error(describeStoreError(store.left))
  return store.right
}

/** A client as impatient as these are may need some attempts where the machine is busy. */
const openedInTime = async (url: string): Promise<EventStore> => {
  for (let attempt = 1; attempt < 300; attempt++) {
    const store = await openMongoStore(url, 'write')()
    if (!isLeft(store)) return store.right
  }
  return await opened(url)
}

const tombstone = (kind: Tombstone['kind'], lastSeq = 20): Tombstone => {
  return tombstoneOf(sampleChunk(STREAM, 6, lastSeq).header, { kind, restartsChain: lastSeq === 30 })
}

const withDatabase = async <A>(url: string, use: (database: Db) => Promise<A>): Promise<A> => {
  const client = new MongoClient(url)
  try {
    return await use(client.db())
  } finally {
    await client.close()
  }
}

const filled = async (): Promise<string> => {
  const url = server.newUrl()
  const store = await opened(url)
  for (const [from, to] of BOUNDS) expect(await store.append(sampleChunk(STREAM, from, to))()).toEqual(DONE)
  for (const seq of [5, 9, 15, 20]) {
    const state = Buffer.from(String(seq))
    await store.putKeyframe(
      encodeKeyframe({ stream: STREAM, seq, receiveTime: microsOf(seq), decoderVersion: 1, state }),
    )()
  }
  await store.close()
  return url
}

/** How many documents there are of each kind: rests would show. */
const countsOf = async (url: string): Promise<readonly number[]> =>
  await withDatabase(url, async (database) => {
    const names = ['chunks', 'payloads', 'keyframes', 'quarantine']
    const counts = await Promise.all(names.map((name) => database.collection(name).countDocuments()))
    const left = await database.collection('chunks').countDocuments({ unfinished: true })
    const unsettled = await database.collection('quarantine').countDocuments({ settled: false })
    return [...counts, left, unsettled]
  })

const tell = (parts: readonly LogPart[]): readonly string[] =>
  parts.map((part) => `${part.kind} ${String(firstSeqOf(part))}-${String(lastSeqOf(part))}`)

/** Reads from every entry on: no entry twice, none missing, every payload there. */
const expectSound = async (store: EventStore): Promise<void> => {
  for (let from = 1; from <= 30; from++) {
    const parts = await store.parts(STREAM, { from })
    let reached = Math.min(from, ...parts.slice(0, 1).map(firstSeqOf)) - 1
    for (const part of parts) {
      expect(firstSeqOf(part)).toBe(reached + 1)
      reached = lastSeqOf(part)
      if (part.kind !== 'chunk') continue
      const { header } = part
      expect(isLeft(decodeChunk(header, await store.payload(STREAM, header.firstSeq)))).toBe(false)
    }
    expect(reached).toBe(30)
  }
  expect(await store.lastSeq(STREAM)).toBe(30)
}

type Change = (store: EventStore) => ReturnType<ReturnType<EventStore['bury']>>
interface Case {
  readonly change: Change
  readonly after: readonly string[]
  readonly aside: number
  /** What may be seen besides, of a change that is two. */
  readonly between?: readonly (readonly string[])[]
}

const CHANGES: Readonly<Record<string, Case>> = {
  'a tombstone': {
    change: async (store) => await store.bury(tombstone('deleted'))(),
    after: ['chunk 1-5', 'hole 6-20', 'chunk 21-30'],
    aside: 0,
  },
  'putting aside': {
    change: async (store) => await store.quarantine(STREAM, [6, 10], tombstone('damaged'))(),
    after: ['chunk 1-5', 'hole 6-20', 'chunk 21-30'],
    aside: 2,
  },
  'putting the end aside': {
    change: async (store) => await store.quarantine(STREAM, [6, 10, 21], tombstone('damaged', 30))(),
    after: ['chunk 1-5', 'hole 6-30'],
    aside: 3,
  },
  'a tombstone over another': {
    change: async (store) => {
      const { header } = sampleChunk(STREAM, 6, 9)
      const first = await store.bury({ ...tombstone('deleted', 9), headAfter: header.chainAfter })()
      return isLeft(first) ? first : await store.bury(tombstone('deleted'))()
    },
    after: ['chunk 1-5', 'hole 6-20', 'chunk 21-30'],
    between: [['chunk 1-5', 'hole 6-9', 'chunk 10-20', 'chunk 21-30']],
    aside: 0,
  },
  'a split': {
    change: async (store) => await store.split(sampleChunk(STREAM, 10, 13), sampleChunk(STREAM, 14, 20))(),
    after: ['chunk 1-5', 'chunk 6-9', 'chunk 10-13', 'chunk 14-20', 'chunk 21-30'],
    aside: 0,
  },
  'a replacement': {
    change: async (store) => await store.replace(sampleChunk(STREAM, 6, 30))(),
    after: ['chunk 1-5', 'chunk 6-30'],
    aside: 0,
  },
}

describe.skipIf(source === undefined)(`changes cut short (${source?.name ?? 'no server, no Go'})`, () => {
  beforeAll(async () => {
    if (source !== undefined) server = await source.start()
  })
  afterAll(async () => {
    await server.close()
  })

  const before = BOUNDS.map(([from, to]) => `chunk ${String(from)}-${String(to)}`)
  const faults: readonly MongoFault[] = ['cut', 'lose-reply']
  const cases = Object.keys(CHANGES).flatMap((name) => faults.map((fault) => [name, fault] as const))

  it.concurrent.each(cases)('%s counts wholly or not at all: %s', async (name, fault) => {
    const { change, after, aside, between } = CHANGES[name] ?? { change: undefined, after: [], aside: 0 }
    if (change === undefined) throw new Error('no such change')
    const whole = await filled()
    const wholeStore = await opened(whole)
    expect(await change(wholeStore)).toEqual(DONE)
    await wholeStore.append(sampleChunk(STREAM, 31, 32))()
    await wholeStore.close()
    const expected = await countsOf(whole)
    expect(expected.slice(4)).toEqual([0, 0])
    let moments = 0
    let cut = 0
    for (let isCut = true; isCut; moments++) {
      const url = await filled()
      const proxy = await MongoProxy.start(server.host)
      const { pathname, search } = new URL(url)
      const query = `${search === '' ? '?' : `${search}&`}serverSelectionTimeoutMS=100&retryReads=false`
      const store = await openedInTime(`mongodb://${proxy.host}${pathname}${query}`)
      let writes = 0
      proxy.nextFault = (command) => {
        if (command !== undefined && WRITES.includes(command) && writes++ === moments) return fault
        return writes > moments ? 'cut' : undefined
      }
      isCut = isLeft(await change(store))
      await store.close()
      await proxy.close()

      const reader = await opened(url, 'read')
      const seen = tell(await reader.parts(STREAM))
      const isAfter = seen.join() === after.join()
      const isBefore = !isAfter
      if (!isAfter) expect([before, ...(between ?? [])]).toContainEqual(seen)
      expect(await reader.quarantined(STREAM)).toHaveLength(isBefore ? 0 : aside)
      await expectSound(reader)
      await reader.close()
      if (isCut && !isBefore) cut++

      const writer = await opened(url)
      expect(await writer.append(sampleChunk(STREAM, 31, 32))()).toEqual(DONE)
      if (isBefore) expect(await change(writer)).toEqual(DONE)
      expect(tell(await writer.parts(STREAM))).toEqual([...after, 'chunk 31-32'])
      const kept = await writer.quarantined(STREAM)
      expect(kept.map(({ firstSeq }) => firstSeq)).toEqual([6, 10, 21].slice(0, aside))
      for (const { number, firstSeq } of kept) {
        const [from, to] = BOUNDS.find(([first]) => first === firstSeq) ?? [0, 0]
        const { payload } = await writer.quarantinedChunk(STREAM, number)
        expect(Buffer.compare(payload, sampleChunk(STREAM, from, to).payload)).toBe(0)
      }
      await writer.close()
      const counts = await countsOf(url)
      // What a replaced chunk's payload was is not known any more: it costs space alone.
      if (name !== 'a replacement' && name !== 'a split') expect(counts).toEqual(expected)
    }
    expect(moments).toBeGreaterThan(3)
    expect(cut).toBeGreaterThan(0)
  })
})
