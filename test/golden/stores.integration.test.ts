/** Every golden stream through every backend, from every keyframe, and in parallel: always the same. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ParallelReplay } from '../../src/app/replaying/replay-in-parallel.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import { recordsAfter, type Seq } from '../../src/log/entry.ts'
import { describeStoreError, type EventStore } from '../../src/log/event-store.ts'
import { EventCollector } from '../../src/market/event.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { compactStream } from '../../src/recorder/upkeep/compaction.ts'
import { dayDigests } from '../../src/replay/proof/day-digest.ts'
import { StreamPlayer } from '../../src/replay/reading/stream-player.ts'
import type { ReplaySummary } from '../../src/replay/replay-summary.ts'
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { builtFile } from '../support/built.ts'
import { splitRecords } from '../support/entries.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { type Golden, goldenStreams, type Outcome, outcomeOf, replayedDirectly } from './golden-streams.ts'

const golden = await goldenStreams()
const expected = golden.map(({ venue, records }) => replayedDirectly(venue, records))
const source = await findMongo()

/** Some ten chunks a stream, and keyframes somewhere inside them. */
const record = async (store: EventStore, { stream, venue, records }: Golden): Promise<void> => {
  const split = splitRecords(records)
  const size = Math.ceil(split.length / 10)
  const start = { stream, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const cadence = { entries: Math.max(2, Math.round(size * 1.3)), entriesPerOrder: 0 }
  const sealer = new StreamSealer(venue, start, cadence)
  for (let at = 0; at < split.length; at += size) {
    const { chunk, keyframes } = sealer.seal(Buffer.concat(split.slice(at, at + size)))
    const appended = await store.append(chunk)()
    if (isLeft(appended)) throw new Error(describeStoreError(appended.left))
    for (const keyframe of keyframes) await store.putKeyframe(keyframe)()
  }
}

/** `from`: the first entry whose events are counted. */
const replayed = async (store: EventStore, { stream, venue }: Golden, from?: Seq) => {
  const listener = new EventCollector()
  const range = from === undefined ? {} : { from: { kind: 'seq', seq: from } as const }
  const player = new StreamPlayer({ store, stream, venue, range, listener })
  await player.seek()
  const sought = player.place
  while (await player.fetch()) {
    const { head } = player
    if (head !== undefined && from !== undefined && head.seq === from) listener.take()
    while (player.step());
  }
  await player.close()
  return { sought, ...outcomeOf(player.keeper, listener) }
}

const daysOf = async (store: EventStore, { stream, venue }: Golden): Promise<readonly string[]> => {
  const days: string[] = []
  for await (const { digest } of dayDigests(store, stream, venue)) days.push(digest)
  return days
}

const memory = newMemoryStore()
const days: (readonly string[])[] = []
beforeAll(async () => {
  for (const one of golden) {
    await record(memory, one)
    days.push(await daysOf(memory, one))
  }
})

const expectAlike = async (store: EventStore): Promise<void> => {
  const outcomes: Outcome[] = []
  const found: (readonly string[])[] = []
  for (const one of golden) {
    const { sought, ...outcome } = await replayed(store, one)
    expect(sought).toBe(0)
    outcomes.push(outcome)
    found.push(await daysOf(store, one))
  }
  expect(outcomes).toEqual(expected)
  expect(found).toEqual(days)
}

describe('golden streams', () => {
  const root = mkdtempSync(join(tmpdir(), 'bookreel-golden-stores-'))
  afterAll(() => {
    rmSync(root, { recursive: true, force: true })
  })

  it('are there, each with days of their own', () => {
    expect(days.every((found) => found.length > 0)).toBe(true)
    expect(new Set(days.flat()).size).toBe(days.flat().length)
  })

  it('replay alike from memory', async () => {
    await expectAlike(memory)
  })

  it('replay alike from each keyframe', async () => {
    let keyframes = 0
    for (const one of golden) {
      const references = await memory.keyframes(one.stream)
      keyframes += references.length
      for (const { seq } of references) {
        const behind = recordsAfter(one.records, seq)
        if (behind.length === 0) continue
        const front = one.records.subarray(0, one.records.length - behind.length)
        const found = await replayed(memory, one, seq + 1)
        expect(found).toEqual({ sought: seq, ...replayedDirectly(one.venue, behind, front) })
      }
    }
    expect(keyframes).toBeGreaterThanOrEqual(5 * golden.length)
  })

  it('replay alike from a folder, on several threads, and compacted', async () => {
    const folder = join(root, 'embedded')
    const opened = await openLmdbStore(folder, { mode: 'write', create: true })()
    if (isLeft(opened)) throw new Error(describeStoreError(opened.left))
    const store = opened.right
    for (const one of golden) await record(store, one)
    await expectAlike(store)
    await expectParallel(`file:${folder}`)
    const options = { limits: { entries: 1e6, bytes: 1e9 }, isDryRun: false, onEntries: () => undefined }
    let chunksBefore = 0
    let chunksAfter = 0
    for (const { stream } of golden) {
      const compacted = await compactStream(store, stream, options)
      chunksBefore += compacted.chunksBefore
      chunksAfter += compacted.chunksAfter
    }
    expect(chunksAfter).toBeLessThan(chunksBefore / 3)
    await expectAlike(store)
    await store.close()
  })

  describe.skipIf(source === undefined)(`in ${source?.name ?? 'MongoDB (no server)'}`, () => {
    let server: MongoServer
    beforeAll(async () => {
      if (source !== undefined) server = await source.start()
    })
    afterAll(async () => {
      await server.close()
    })

    it('replay alike', async () => {
      const opened = await openMongoStore(server.newUrl(), 'write')()
      if (isLeft(opened)) throw new Error(describeStoreError(opened.left))
      for (const one of golden) await record(opened.right, one)
      await expectAlike(opened.right)
      await opened.right.close()
    })
  })
})

/** The digests of all streams, and that there is work for several threads. */
const expectParallel = async (url: string): Promise<void> => {
  const module = pathToFileURL(builtFile('src/app/replaying/replay-in-parallel.ts')).href
  const { replayInParallel } = (await import(module)) as {
    readonly replayInParallel: (asked: ParallelReplay) => Promise<ReplaySummary>
  }
  for (const [index, { stream }] of golden.entries()) {
    const asked = { url, streams: [stream], leastEntries: 1 }
    const [alone, ...others] = await Promise.all(
      [1, 2, 3].map(async (workers) => await replayInParallel({ ...asked, workers })),
    )
    expect(alone?.streams[0]?.digest).toBe(expected[index]?.digest)
    for (const other of others) expect(other).toEqual(alone)
  }
}
