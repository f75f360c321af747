/** Chunks sealed from memory against the same from the journal, whatever fits and however often the store is away. */
import fc from 'fast-check'
import { left } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { CHAIN_START } from '../../../src/log/chain.ts'
import { recordsAfter } from '../../../src/log/entry.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import type { Journal } from '../../../src/log/journal.ts'
import { microsOf } from '../../../src/market/time.ts'
import type { EntryBatch } from '../../../src/recorder/feed/entry-log.ts'
import { ChunkMemory } from '../../../src/recorder/sealing/chunk-memory.ts'
import { ChunkWriter } from '../../../src/recorder/sealing/chunk-writer.ts'
import { HeldBytes } from '../../../src/recorder/sealing/held-bytes.ts'
import { StreamSealer } from '../../../src/recorder/sealing/stream-sealer.ts'
import type { Sealer } from '../../../src/recorder/thread-messages.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { splitRecords } from '../../support/entries.ts'
import { ManualScheduler } from '../../support/manual-scheduler.ts'
import { batchesOf, sealAll, TOY, toyScript } from '../../support/toy-script.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const EMPTY = { lastSeq: 0, lastReceiveTime: microsOf(0), lastConnection: 0, lastKind: undefined }

/** Counts what is held, beside the one that bounds it. */
class CountedBytes extends HeldBytes {
  held = 0
  highest = 0

  override take(bytes: number): boolean {
    const isTaken = super.take(bytes)
    if (isTaken) this.highest = Math.max(this.highest, (this.held += bytes))
    return isTaken
  }

  override give(bytes: number): void {
    this.held -= bytes
    super.give(bytes)
  }
}

/** Holds what was appended; `reads` counts how often it had to be asked. */
class KeptJournal implements Journal {
  reads = 0
  private readonly batches: { readonly records: Uint8Array; readonly firstSeq: number; readonly lastSeq: number }[] = [] // prettier-ignore
  readonly append = (records: Uint8Array, firstSeq: number, lastSeq: number): void => {
    this.batches.push({ records: records.slice(), firstSeq, lastSeq })
  }
  readonly read = async function* (this: KeptJournal, seq: number) {
    this.reads++
    for (const batch of [...this.batches]) {
      await Promise.resolve()
      if (batch.lastSeq <= seq) continue
      yield { ...batch, records: recordsAfter(batch.records, seq) }
    }
  }.bind(this)
  readonly lastSeq = (): number => this.batches.at(-1)?.lastSeq ?? 0
  readonly pendingBytes = (): number => 0
  readonly heldBytes = (): number => 0
  readonly failure = (): undefined => undefined
  readonly written = async (): Promise<void> => await Promise.resolve()
  readonly flushed = async (): Promise<void> => await Promise.resolve()
  readonly discardThrough = async (): Promise<void> => await Promise.resolve()
  readonly close = async (): Promise<void> => await Promise.resolve()
}

const newSealer = (): Sealer => {
  const start = { stream: TOY, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(toyVenue, start, { entries: 50, entriesPerOrder: 2 })
  return {
    open: () => Promise.resolve(),
    catchUp: () => Promise.resolve(),
    seal: async (_stream, records) => {
      // As in another thread: what stands there is read later.
      for (let turn = 0; turn < 3; turn++) await Promise.resolve()
      return sealer.seal(records)
    },
    save: async () => await Promise.resolve(sealer.save()),
  }
}

/** A store that is away at the appends numbered in `aways`. */
const awayStore = (store: EventStore, aways: ReadonlySet<number>): EventStore => {
  let appends = 0
  const away = { kind: 'unavailable', message: 'The store is away.', isAway: true } as const
  const append: EventStore['append'] = (chunk) =>
    aways.has(appends++) ? async () => await Promise.resolve(left(away)) : store.append(chunk)
  return Object.assign(Object.create(store) as EventStore, { append })
}

interface Batch extends EntryBatch {
  readonly records: Uint8Array
}

/** The entries of each chunk in batches of `size` entries, each in memory of its own. */
const carried = (chunks: readonly Uint8Array[], size: number): readonly Batch[] => {
  let lastSeq = 0
  return chunks.flatMap((records) => {
    const pieces = splitRecords(records)
    const batches: Batch[] = []
    for (let at = 0; at < pieces.length; at += size) {
      const some = pieces.slice(at, at + size)
      const firstSeq = lastSeq + 1
      lastSeq += some.length
      batches.push({ records: Uint8Array.from(Buffer.concat(some)), firstSeq, lastSeq, endsChunk: at + size >= pieces.length }) // prettier-ignore
    }
    return batches
  })
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve()
}

interface Recording {
  readonly batches: readonly Batch[]
  readonly most: number
  readonly aways: readonly number[]
  /** After how many batches those that work beside get their turn. */
  readonly turn: number
}

const record = async ({ batches, most, aways, turn }: Recording) => {
  const store = newMemoryStore()
  const [journal, scheduler, heldBytes] = [new KeptJournal(), new ManualScheduler(), new CountedBytes(most)]
  const memory = new ChunkMemory(heldBytes)
  const told: string[] = []
  const writer = new ChunkWriter(
    {
      stream: TOY,
      journal,
      memory,
      store: awayStore(store, new Set(aways)),
      sealer: newSealer(),
      scheduler,
      random: () => 0,
      writeLog: ({ level }) => told.push(level),
      onFailure: (sentence) => told.push(sentence),
    },
    EMPTY,
  )
  let freed = 0
  for (const [index, batch] of batches.entries()) {
    journal.append(batch.records, batch.firstSeq, batch.lastSeq)
    memory.hold(batch, () => {
      freed++
      // Whoever read on would find nothing of it.
      batch.records.fill(0x7b)
    })
    if (batch.endsChunk) writer.endChunk(batch.lastSeq, false)
    if (index % turn === 0) await settle()
    if (index % (turn * 5) === 0) scheduler.pass(60_000)
  }
  for (let round = 0; round < batches.length + 20 && writer.waitingChunks > 0; round++) {
    await settle()
    scheduler.pass(60_000)
  }
  expect(await writer.finish()).toBe(true)
  memory.letAllGo()
  return { store, journal, heldBytes, freed, told }
}

const script = fc.tuple(toyScript(30, 100), fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }))
const storedOf = async (store: EventStore) => {
  const headers = await store.headers(TOY)
  return await Promise.all(headers.map(async (header) => ({ header, payload: await store.payload(TOY, header.firstSeq) }))) // prettier-ignore
}

describe('chunks sealed from memory', () => {
  it('are those sealed from the journal, within the bound, each batch freed once', async () => {
    await fc.assert(
      fc.asyncProperty(
        script,
        fc.integer({ min: 1, max: 20 }),
        fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8000 }), fc.constant(1e9)),
        fc.array(fc.nat(12), { maxLength: 6 }),
        fc.integer({ min: 1, max: 12 }),
        async ([entries, lengths], size, most, aways, turn) => {
          const chunks = batchesOf(entries, lengths)
          const expected = newMemoryStore()
          for (const { chunk } of sealAll(chunks)) await expected.append(chunk)()
          const batches = carried(chunks, size)
          const { store, heldBytes, freed, told } = await record({ batches, most, aways, turn })
          expect(await storedOf(store)).toEqual(await storedOf(expected))
          expect(heldBytes.highest).toBeLessThanOrEqual(most)
          expect([heldBytes.held, freed]).toEqual([0, batches.length])
          expect(told.filter((word) => word !== 'warn' && word !== 'info')).toEqual([])
        },
      ),
      { numRuns: 40, endOnFailure: true },
    )
  })

  it('are not read back from the journal where there is room, and all are where there is none', async () => {
    const [entries] = fc.sample(toyScript(150, 200), { numRuns: 1, seed: 3 })
    const chunks = batchesOf(entries ?? [], [30, 30, 30, 30])
    const read = async (most: number): Promise<number> =>
      (await record({ batches: carried(chunks, 7), most, aways: [], turn: 1 })).journal.reads
    expect(await read(1e9)).toBe(0)
    expect(await read(0)).toBe(chunks.length)
  })

  it('are let go while the store is away, and held again behind the chunk in which it came back', async () => {
    const [entries] = fc.sample(toyScript(200, 220), { numRuns: 1, seed: 4 })
    const batches = carried(batchesOf(entries ?? [], [20, 20, 20, 20, 20, 20, 20, 20]), 5)
    const heldBytes = new CountedBytes(1e9)
    const memory = new ChunkMemory(heldBytes)
    const hold = (from: number, to: number): void => {
      for (const batch of batches.slice(from, to)) memory.hold(batch, () => undefined)
    }
    hold(0, 6)
    expect(memory.recordsOf(0, 20)?.length).toBeGreaterThan(0)
    memory.letAllGo()
    // What is being sealed stays until that is done.
    const sealing = batches.slice(0, 4).reduce((sum, { records }) => sum + records.length, 0)
    expect(heldBytes.held).toBe(sealing)
    memory.release(20)
    expect(heldBytes.held).toBe(0)
    hold(6, 10)
    expect([heldBytes.held, memory.recordsOf(20, 40)]).toEqual([0, undefined])
    memory.goOn()
    hold(10, 12)
    expect(heldBytes.held).toBe(0)
    hold(12, 16)
    expect(memory.recordsOf(60, 80)?.length).toBe(heldBytes.held)
  })
})
