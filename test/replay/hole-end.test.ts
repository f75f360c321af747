/** Places in and right behind a hole whose end has a keyframe: what a replay tells, what a resumed one does, what a book is. */
import { describe, expect, it } from 'vitest'

import type { Seq } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { EventCollector, type MarketEvent } from '../../src/market/event.ts'
import { microsOf } from '../../src/market/time.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { playMerged } from '../../src/replay/merge.ts'
import type { Position } from '../../src/replay/position.ts'
import { StreamPlayer } from '../../src/replay/reading/stream-player.ts'
import { visit } from '../../src/replay/visit.ts'
import { deleteSpan } from '../support/deletions.ts'
import { proofStore, toyLines } from '../support/proof-stores.ts'
import { toyManifest, toyRecords, toyTime } from '../support/toy-records.ts'
import { toyVenue } from '../support/toy-venue.ts'

const { stream } = toyManifest
const ENTRIES = 160
const FIRST = 41
const LAST = 80
const lines = toyLines(ENTRIES, 50)
const venueOf = (): typeof toyVenue => toyVenue

/** Entries 41 to 80 are gone; the book after entry 80 is kept. */
const holedStore = async (): Promise<EventStore> => {
  const store = await proofStore(lines, [30, 60, 100, ENTRIES], [20])
  await deleteSpan(store, [FIRST, LAST], { keepsBook: true })
  expect((await store.keyframes(stream)).map(({ seq }) => seq)).toContain(LAST)
  return store
}

const seqAt = (seq: Seq): Position => ({ kind: 'seq', seq })
const timeAt = (seq: Seq, plus = 0): Position => ({ kind: 'time', time: microsOf(toyTime(seq) + plus) })

const bookAt = async (store: EventStore, at: Position): Promise<BookKeeper> => {
  const player = new StreamPlayer({ store, stream, venue: toyVenue, range: { from: at, to: at } })
  await player.seek()
  await playMerged([player], {})
  player.settle()
  return player.keeper
}

const digestAfter = (seq: Seq): string => {
  const keeper = new BookKeeper(toyVenue)
  keeper.applyRecords(toyRecords(lines.slice(0, seq - 1)))
  return keeper.digest().digest
}

interface Told {
  readonly events: readonly MarketEvent[]
  readonly states: readonly (readonly [seq: Seq, isValid: boolean])[]
  readonly position: string
}

const told = async (store: EventStore, range: { to?: Position; resumeFrom?: string }): Promise<Told> => {
  const collector = new EventCollector()
  const states: (readonly [Seq, boolean])[] = []
  const { to, resumeFrom } = range
  const { position } = await visit(
    store,
    { venueOf, resumeFrom, range: { to } },
    {
      sinkOf: () => collector,
      entryBegins: ({ seq, isValid }) => {
        states.push([seq, isValid])
      },
    },
  )
  return { events: collector.take(), states, position }
}

describe('a hole that ends with a keyframe', () => {
  it.each([
    ['the last missing entry', seqAt(LAST)],
    ['its instant', timeAt(LAST)],
    ['an instant behind it', timeAt(LAST, 1)],
  ])('has a book at %s', async (_what, at) => {
    const keeper = await bookAt(await holedStore(), at)
    expect(keeper.summary()).toMatchObject({ lastSeq: LAST, valid: true, reason: null })
    expect(keeper.digest().digest).toBe(digestAfter(LAST))
  })

  it.each([
    ['the first missing entry', seqAt(FIRST)],
    ['the last but one', seqAt(LAST - 1)],
    ['an instant in it', timeAt(LAST, -1)],
  ])('has none at %s', async (_what, at) => {
    const { valid, reason } = (await bookAt(await holedStore(), at)).summary()
    expect([valid, reason]).toEqual([false, 'missing-entries'])
  })

  it('is told by a replay that was left anywhere near it as by one that was not', async () => {
    const store = await holedStore()
    const whole = await told(store, {})
    expect(whole.events.some(({ kind }) => kind === 'book-invalid')).toBe(true)
    for (let seq = FIRST - 2; seq <= LAST + 2; seq++)
      for (const to of [seqAt(seq), timeAt(seq), timeAt(seq, 1)]) {
        const before = await told(store, { to })
        const behind = await told(store, { resumeFrom: before.position })
        expect([...before.states, ...behind.states]).toEqual(whole.states)
        expect([...before.events, ...behind.events]).toEqual(whole.events)
      }
  })
})
