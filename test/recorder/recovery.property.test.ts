import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { decodeKeyframe } from '../../src/codec/keyframe.ts'
import { Chain } from '../../src/log/chain.ts'
import { EntryCursor, type Seq } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import type { Journal } from '../../src/log/journal.ts'
import { recoverJournal, resumeSealer } from '../../src/recorder/recovery.ts'
import { ChunkWriter } from '../../src/recorder/sealing/chunk-writer.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import type { Sealer } from '../../src/recorder/thread-messages.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { ManualScheduler } from '../support/manual-scheduler.ts'
import { toyRecords, toySnapshot } from '../support/toy-records.ts'
import { toyVenue } from '../support/toy-venue.ts'

const STREAM = 'toy:A-B'
const LIMITS = { entries: 300, bytes: 100_000, milliseconds: 1000 }

/** A journal in memory that keeps every record by its seq. */
const newJournal = (): Journal & { readonly records: Map<Seq, Uint8Array> } => {
  const records = new Map<Seq, Uint8Array>()
  return {
    records,
    lastSeq: () => Math.max(0, ...records.keys()),
    pendingBytes: () => 0,
    heldBytes: () => 0,
    failure: () => undefined,
    append: (batch) => {
      const cursor = new EntryCursor(batch)
      while (cursor.next()) records.set(cursor.seq, batch.slice(cursor.recordStart, cursor.recordEnd))
    },
    written: () => Promise.resolve(),
    flushed: () => Promise.resolve(),
    // Batches of odd sizes.
    read: async function* (seq) {
      const seqs = [...records.keys()].filter((key) => key > seq)
      for (let at = 0; at < seqs.length; at += 37) {
        const some = seqs.slice(at, at + 37)
        yield await Promise.resolve({
          records: Buffer.concat(some.map((key) => records.get(key) ?? Buffer.alloc(0))),
          firstSeq: some[0] ?? 0,
          lastSeq: some.at(-1) ?? 0,
        })
      }
    },
    discardThrough: (seq) => {
      // Space is freed sooner or later: some of what was discarded is still there.
      for (const key of [...records.keys()]) if (key <= seq - 10) records.delete(key)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
}

/** Sealing without a thread. */
const newSealer = (): Sealer & { readonly current: () => StreamSealer } => {
  let sealer: StreamSealer | undefined
  const current = (): StreamSealer => {
    if (sealer === undefined) throw new Error('not opened')
    return sealer
  }
  return {
    current,
    open: async (_venue, start) => {
      sealer = new StreamSealer(toyVenue, start, { entries: 400, entriesPerOrder: 0 })
      await Promise.resolve()
    },
    catchUp: async (_stream, records) => {
      await Promise.resolve(current().catchUp(records))
    },
    seal: async (_stream, records) => await Promise.resolve(current().seal(records)),
    save: async () => await Promise.resolve(current().save()),
  }
}

/** One life of a recorder: recovers, journals what is given, seals where it is told, ends without goodbye. */
const live = async (
  store: EventStore,
  journal: Journal,
  lines: readonly string[],
  chunkEnds: readonly number[],
) => {
  const sealer = newSealer()
  const stored = await resumeSealer(store, STREAM, toyVenue, sealer)
  const scheduler = new ManualScheduler()
  const failures: string[] = []
  const writer = new ChunkWriter(
    {
      stream: STREAM,
      journal,
      store,
      sealer,
      scheduler,
      random: () => 0,
      writeLog: ({ message }) => failures.push(message),
      onFailure: (sentence) => failures.push(sentence),
    },
    stored,
  )
  const { end, chunkEnds: left } = await recoverJournal(journal, stored, LIMITS)
  for (const seq of left) writer.endChunk(seq, false)
  await writer.drained()
  // The live book goes on with the state of the sealed one.
  const keeper = new BookKeeper(toyVenue)
  keeper.restore(await sealer.save(STREAM))
  const records = toyRecords(lines, end.lastSeq + 1)
  journal.append(records, end.lastSeq + 1, end.lastSeq + lines.length)
  const ends = new Set(chunkEnds.map((place) => end.lastSeq + 1 + (place % lines.length)))
  const cursor = new EntryCursor(records)
  while (cursor.next()) {
    keeper.apply(cursor)
    if (!ends.has(cursor.seq)) continue
    writer.endChunk(cursor.seq, true)
    writer.noteLive({ seq: cursor.seq, ...keeper.digest() })
  }
  await writer.drained()
  expect(failures).toEqual([])
  expect(writer.mismatches).toBe(0)
}

const orderLines = (count: number, from: number): string[] => [
  ...toySnapshot,
  ...Array.from(
    { length: count },
    (_unused, index) => `open x${String(from + index)} bid ${String(5000 + (index % 50))} 5`,
  ),
]

describe('recovery', () => {
  it('goes on after any number of crashes: no entry lost, one chain, every book as replayed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            orders: fc.integer({ min: 1, max: 900 }),
            ends: fc.array(fc.nat(), { maxLength: 4 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (lives) => {
          const store = newMemoryStore()
          const journal = newJournal()
          let written: string[] = []
          for (const [index, { orders, ends }] of lives.entries()) {
            const lines = orderLines(orders, index * 1000)
            written = [...written, ...lines]
            await live(store, journal, lines, ends)
          }
          await live(store, journal, ['end'], [0])
          const chain = new Chain()
          const keeper = new BookKeeper(toyVenue)
          const texts: string[] = []
          for await (const { header, records } of readChunks(store, STREAM)) {
            expect(header.chainBefore).toBe(chain.head())
            chain.add(records)
            expect(header.chainAfter).toBe(chain.head())
            expect(header.chainBlock).toBe(chain.blockHead())
            keeper.applyRecords(records)
            expect(header.verdict.book).toEqual(keeper.takeVerdict().book)
            expect(header.entries).toBeLessThanOrEqual(1000)
            const cursor = new EntryCursor(records)
            while (cursor.next()) if (cursor.kind === 'frame') texts.push(cursor.text())
          }
          expect(texts).toEqual([...written, 'end'])
          await expectKeyframesAsReplayed(store)
          expect(isRight(await store.append(await firstChunk(store))())).toBe(true)
        },
      ),
      { numRuns: 25 },
    )
  })
})

/** Every keyframe is the state that replaying from the first entry gives. */
const expectKeyframesAsReplayed = async (store: EventStore): Promise<void> => {
  const references = await store.keyframes(STREAM)
  const keeper = new BookKeeper(toyVenue)
  let place = 0
  for await (const { records } of readChunks(store, STREAM)) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) {
      keeper.apply(cursor)
      if (references[place]?.seq !== cursor.seq) {
        // No entry is further behind a keyframe than the cadence says.
        expect(cursor.seq - (references[place - 1]?.seq ?? 0)).toBeLessThan(400)
        continue
      }
      const state = decodeKeyframe(await store.keyframe(STREAM, cursor.seq))
      expect(isRight(state) && Buffer.from(state.right).equals(keeper.save())).toBe(true)
      place++
    }
  }
  expect(place).toBe(references.length)
}

const firstChunk = async (store: EventStore) => {
  const [header] = await store.headers(STREAM, { to: 1 })
  if (header === undefined) throw new Error('nothing was stored')
  return { header, payload: await store.payload(STREAM, 1) }
}
