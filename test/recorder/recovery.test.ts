import { left } from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'

import { type EntryKind, EntryWriter, type Seq } from '../../src/log/entry.ts'
import { type EventStore, StoreFailure } from '../../src/log/event-store.ts'
import type { Journal } from '../../src/log/journal.ts'
import { encodeJson } from '../../src/log/payloads.ts'
import { CHUNK_LIMITS } from '../../src/recorder/feed/entry-log.ts'
import { PairRecorder } from '../../src/recorder/pair.ts'
import type { FromPair } from '../../src/recorder/pair-messages.ts'
import { recoverJournal, resumeSealer } from '../../src/recorder/recovery.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import type { Sealer } from '../../src/recorder/thread-messages.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { ManualScheduler } from '../support/manual-scheduler.ts'
import { toyRecords, toySnapshot, toyTime } from '../support/toy-records.ts'
import { toyStore } from '../support/toy-store.ts'
import { toyVenue } from '../support/toy-venue.ts'

const STREAM = 'toy:A-B'

/** A journal that holds these entries and takes more. */
const journalOf = (records: Uint8Array, firstSeq: Seq, lastSeq: Seq) => {
  const batches = [{ records, firstSeq, lastSeq }]
  const journal: Journal & { isClosed: boolean } = {
    isClosed: false,
    lastSeq: () => batches.at(-1)?.lastSeq ?? 0,
    pendingBytes: () => 0,
    heldBytes: () => 0,
    failure: () => undefined,
    append: (batch, first, last) => {
      batches.push({ records: batch, firstSeq: first, lastSeq: last })
    },
    written: () => Promise.resolve(),
    flushed: () => Promise.resolve(),
    read: async function* (seq) {
      for (const batch of batches) if (batch.firstSeq > seq) yield await Promise.resolve(batch)
    },
    discardThrough: () => Promise.resolve(),
    close: () => {
      journal.isClosed = true
      return Promise.resolve()
    },
  }
  return journal
}

const newSealer = (): Sealer => {
  let sealer: StreamSealer | undefined
  const current = (): StreamSealer => {
    if (sealer === undefined) throw new Error('not opened')
    return sealer
  }
  return {
    open: async (_venue, start) => {
      sealer = new StreamSealer(toyVenue, start)
      await Promise.resolve()
    },
    catchUp: async (_stream, records) => {
      await Promise.resolve(current().catchUp(records))
    },
    seal: async (_stream, records) => await Promise.resolve(current().seal(records)),
    save: async () => await Promise.resolve(current().save()),
  }
}

const recover = async (store: EventStore, journal: Journal) => {
  const stored = await resumeSealer(store, STREAM, toyVenue, newSealer())
  return await recoverJournal(journal, stored, CHUNK_LIMITS)
}

const endedRun = (seq: Seq, kind: EntryKind = 'run-ended'): Uint8Array => {
  const writer = new EntryWriter()
  writer.append(kind, seq, toyTime(seq), 0, encodeJson({ cause: 'stopped' }))
  return writer.take() ?? new Uint8Array()
}

describe('recoverJournal', () => {
  it('marks a run that did not end, and not one that did', async () => {
    const store = await toyStore(toySnapshot)
    const next = (await store.lastSeq(STREAM)) + 1
    const crashed = await recover(store, journalOf(toyRecords(['end'], next), next, next))
    expect(crashed).toMatchObject({ hasCrashed: true, chunkEnds: [next + 1], end: { lastKind: 'run-ended' } })
    const ended = await recover(store, journalOf(endedRun(next), next, next))
    expect(ended).toMatchObject({ hasCrashed: false, chunkEnds: [next], end: { lastSeq: next } })
  })

  it.each([
    ['an older store', true, /goes on at entry 30, but the store ends at entry 7:/],
    ['an empty store', false, /goes on at entry 30, but the store holds none of it:/],
  ])(
    'refuses a journal that begins behind the end of %s, in one sentence',
    async (_what, isFilled, sentence) => {
      const store = isFilled ? await toyStore(toySnapshot) : newMemoryStore()
      const recovering = recover(store, journalOf(toyRecords(['end'], 30), 30, 30))
      await expect(recovering).rejects.toThrow(sentence)
      await expect(recovering).rejects.toBeInstanceOf(StoreFailure)
    },
  )
})

describe('a pair that is stopped while its store is away', () => {
  const scheduler = new ManualScheduler()
  let told: FromPair[]
  beforeEach(() => {
    told = []
  })

  /** Lets promises and timers go on until the condition holds. */
  const passUntil = async (condition: () => boolean, step: number): Promise<void> => {
    for (let turn = 0; turn < 1000 && !condition(); turn++) {
      scheduler.pass(step)
      await new Promise(setImmediate)
    }
    expect(condition()).toBe(true)
  }

  it('ends within seconds, and leaves the entries in the journal', async () => {
    const away: EventStore = {
      ...newMemoryStore(),
      append: () => async () =>
        await Promise.resolve(left({ kind: 'unavailable', message: 'The store is away.' })),
    }
    const journal = journalOf(toyRecords(toySnapshot), 1, 1 + toySnapshot.length)
    const stream = { stream: STREAM, venue: 'toy', pair: 'A-B', symbol: 'A-B', feed: 'words', connectLimit: { most: 10, milliseconds: 1000 }, requestLimit: { most: 10, milliseconds: 1000 }, connections: 1, renewAfter: 0, mode: 'full' } as const // prettier-ignore
    const endpoints = { ws: 'ws://venue', rest: 'http://venue' }
    const pair = new PairRecorder(
      {
        pair: 'A-B',
        mode: 'full',
        store: 'x:',
        spool: undefined,
        spoolLimit: 1e9,
        isStoreRemote: false,
        standsBy: false,
        takesOver: false,
        patience: 15_000,
        durability: 200,
        software: 's',
        streams: [{ ...stream, endpoints }],
      },
      {
        openStore: () => async () => await Promise.resolve({ _tag: 'Right', right: away }),
        openJournal: () => async () => await Promise.resolve({ _tag: 'Right', right: journal }),
        openArchives: () => {
          throw new Error('a store on this machine has no archives')
        },
        newOwnerName: () => 'owner',
        venueById: () => toyVenue,
        startSealer: () => ({ sealer: newSealer(), forget: () => undefined, end: () => Promise.resolve() }),
        startThreads: () => {
          throw new Error('no feed may start before the store has everything')
        },
        startHeldFeed: () => {
          throw new Error('nothing is taken over')
        },
        scheduler,
        random: () => 0.5,
        tell: (message) => told.push(message),
      },
    )
    pair.start()
    // Long enough for the retries to be as far apart as they get.
    await passUntil(() => scheduler.now() > 200_000_000, 5000)
    expect(journal.isClosed).toBe(false)
    let hasEnded = false
    const before = scheduler.now()
    void pair.stop().then(() => (hasEnded = true))
    await passUntil(() => hasEnded, 100)
    expect(scheduler.now() - before).toBeLessThan(10_000_000)
    expect(journal.isClosed).toBe(true)
    expect(
      told.some((message) => message.kind === 'log' && /kept in the journal/.test(message.line.message)),
    ).toBe(true)
    expect(told.filter(({ kind }) => kind === 'failed')).toEqual([])
  })
})
