import { left } from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'

import { CHAIN_START } from '../../../src/log/chain.ts'
import { recordsAfter } from '../../../src/log/entry.ts'
import type { Journal } from '../../../src/log/journal.ts'
import { microsOf } from '../../../src/market/time.ts'
import { ChunkWriter } from '../../../src/recorder/sealing/chunk-writer.ts'
import { StreamSealer } from '../../../src/recorder/sealing/stream-sealer.ts'
import type { Sealer } from '../../../src/recorder/thread-messages.ts'
import { compactStream } from '../../../src/recorder/upkeep/compaction.ts'
import { rebuildStream } from '../../../src/recorder/upkeep/rebuild.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { streamInfo } from '../../../src/replay/proof/stream-info.ts'
import { verifyStream } from '../../../src/replay/proof/verify.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { ManualScheduler } from '../../support/manual-scheduler.ts'
import { newerToyVenue, toyLines } from '../../support/proof-stores.ts'
import { toyManifest, toyRecords } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest
const END = 120
const records = toyRecords(toyLines(END, 1000))
const through = (seq: number): Uint8Array =>
  records.subarray(0, records.length - recordsAfter(records, seq).length)

/** A journal that holds all entries and only gives them. */
const journal: Journal = {
  lastSeq: () => END,
  pendingBytes: () => 0,
  heldBytes: () => 0,
  failure: () => undefined,
  append: () => undefined,
  written: () => Promise.resolve(),
  flushed: () => Promise.resolve(),
  read: async function* (seq) {
    yield await Promise.resolve({ records: recordsAfter(records, seq), firstSeq: seq + 1, lastSeq: END })
  },
  discardThrough: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

const newSealer = (): Sealer => {
  const start = { stream, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(toyVenue, start)
  return {
    open: () => Promise.resolve(),
    catchUp: () => Promise.resolve(),
    seal: async (_stream, sealed) => await Promise.resolve(sealer.seal(sealed)),
    save: async () => await Promise.resolve(sealer.save()),
  }
}

const digestAt = (seq: number): { readonly digest: string; readonly digestSeq: number } => {
  const keeper = new BookKeeper(toyVenue)
  keeper.applyRecords(through(seq))
  return keeper.digest()
}

describe('a live book that is not the one that replaying gives', () => {
  it.each(['before the seal', 'after the chunk is stored'])(
    'is noted in the store when told %s',
    async (when) => {
      const store = newMemoryStore()
      const told: string[] = []
      const writer = new ChunkWriter(
        {
          stream,
          journal,
          store,
          sealer: newSealer(),
          scheduler: new ManualScheduler(),
          random: () => 0,
          writeLog: ({ level }) => told.push(level),
          onFailure: (sentence) => told.push(sentence),
        },
        { lastSeq: 0, lastReceiveTime: microsOf(0), lastConnection: 0, lastKind: undefined },
      )
      const wrong = { ...digestAt(80), digest: 'f'.repeat(64) }
      const end = async (seq: number, live: { readonly digest: string; readonly digestSeq: number }) => {
        if (when === 'before the seal') writer.noteLive({ seq, ...live })
        writer.endChunk(seq, true)
        await writer.drained()
        if (when !== 'before the seal') writer.noteLive({ seq, ...live })
        await writer.drained()
      }
      await end(40, wrong)
      await end(80, digestAt(80))
      await end(END, wrong)
      expect(told).toEqual(['error', 'error'])
      expect(writer.mismatches).toBe(2)
      const counts = (await store.headers(stream)).map(({ verdict }) => verdict.sealMismatches)
      expect(counts).toEqual([1, undefined, 1])
      expect(await streamInfo(store, stream)).toMatchObject({ sealMismatches: 2, chunks: 3 })
      // What replaying shows is as it was, and the note outlives what is derived anew.
      expect(await verifyStream(store, stream, toyVenue)).toMatchObject({ ok: true, problems: [] })
      expect(await rebuildStream({ store, stream, venue: newerToyVenue, all: false })).toMatchObject({
        rebuilt: 3,
        changed: 0,
      })
      // The last chunk stays alone: its run has not ended.
      await compactStream(store, stream, {
        limits: { entries: 1000, bytes: 1e6 },
        isDryRun: false,
        onEntries: () => undefined,
      })
      expect(await streamInfo(store, stream)).toMatchObject({ sealMismatches: 2, chunks: 2 })
    },
  )
})

describe('a store that does not answer for a while', () => {
  it('is told of once when it goes, and when it answers again', async () => {
    const real = newMemoryStore()
    let isAway = true
    const store: typeof real = {
      ...real,
      append: (chunk) =>
        isAway ? left({ kind: 'unavailable', message: 'It is away.', isAway: true }) : real.append(chunk),
    }
    const told: string[] = []
    const scheduler = new ManualScheduler()
    const writer = new ChunkWriter(
      {
        stream,
        journal,
        store,
        sealer: newSealer(),
        scheduler,
        random: () => 0.999,
        writeLog: ({ level, message }) => told.push(`${level}: ${message}`),
        onFailure: (sentence) => told.push(sentence),
      },
      { lastSeq: 0, lastReceiveTime: microsOf(0), lastConnection: 0, lastKind: undefined },
    )
    writer.endChunk(END, false)
    await writer.attempted()
    expect(writer.waiting?.why).toBe('It is away.')
    isAway = false
    for (let tries = 0; tries < 100 && writer.waitingChunks > 0; tries++) {
      scheduler.pass(1000)
      await new Promise(setImmediate)
    }
    expect(writer.waitingChunks).toBe(0)
    expect(writer.waiting).toBeUndefined()
    expect(told).toEqual([
      'warn: It is away. Entries wait in the journal.',
      'info: The store answers again: what waited is stored now.',
    ])
  })
})
