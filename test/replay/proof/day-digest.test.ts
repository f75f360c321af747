import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { encodeKeyframe } from '../../../src/codec/keyframe.ts'
import { CHAIN_START } from '../../../src/log/chain.ts'
import { EntryCursor, EntryWriter, type Seq } from '../../../src/log/entry.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import type { TombstoneKind } from '../../../src/log/tombstone.ts'
import { microsFromIso, microsOf } from '../../../src/market/time.ts'
import { StreamSealer } from '../../../src/recorder/sealing/stream-sealer.ts'
import { compactStream } from '../../../src/recorder/upkeep/compaction.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { type DayDigest, type DayDigestOptions, dayDigests } from '../../../src/replay/proof/day-digest.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { splitRecords } from '../../support/entries.ts'
import { newerToyVenue, tampered, toyLines } from '../../support/proof-stores.ts'
import { tombstoneOf } from '../../support/tombstones.ts'
import { toyManifest, toyRecords } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest
const DAYS = ['2023-11-14', '2023-11-15', '2023-11-16', '2023-11-18'] as const
const PER_DAY = 150
const LAST = PER_DAY * DAYS.length

const startOf = (day: string): number => microsFromIso(`${day}T00:00:00Z`) ?? NaN

/** The toy stream, its entries spread over days: the first at a day's first instant, the last at its last one. */
const records = ((): Uint8Array => {
  const writer = new EntryWriter()
  const cursor = new EntryCursor(toyRecords(toyLines(LAST, 400)))
  while (cursor.next()) {
    const at = (cursor.seq - 1) % PER_DAY
    const start = startOf(DAYS[Math.floor((cursor.seq - 1) / PER_DAY)] ?? '')
    const offset = at === PER_DAY - 1 ? 86_399_999_999 : at * 500_000_000
    writer.append(cursor.kind, cursor.seq, microsOf(start + offset), cursor.connection, cursor.bytes())
  }
  return writer.take() ?? new Uint8Array()
})()
const split = splitRecords(records)
const through = (from: Seq, to: Seq): Uint8Array => Buffer.concat(split.slice(from - 1, to))

/** Chunks that end at these entries and at the last one, a keyframe at each of their ends where it is wanted. */
const storeOf = async (ends: readonly Seq[], hasKeyframes = false): Promise<EventStore> => {
  const store = newMemoryStore()
  const start = { stream, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(toyVenue, start)
  let next = 1
  for (const end of [...new Set([...ends, LAST])].sort((one, other) => one - other)) {
    const { chunk } = sealer.seal(through(next, end))
    if (isLeft(await store.append(chunk)())) throw new Error('not stored')
    const { lastSeq: seq, lastReceiveTime: receiveTime } = chunk.header
    const { decoderVersion } = toyVenue
    const keyframe = encodeKeyframe({ stream, seq, receiveTime, decoderVersion, state: sealer.save() })
    if (hasKeyframes) await store.putKeyframe(keyframe)()
    next = end + 1
  }
  return store
}

const daysOf = async (
  store: EventStore,
  options: DayDigestOptions = {},
  venue = toyVenue,
): Promise<readonly DayDigest[]> => {
  const days: DayDigest[] = []
  for await (const day of dayDigests(store, stream, venue, options)) days.push(day)
  return days
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** As docs/storage-format.md says, from the records alone. */
const expectedDay = (index: number): Partial<DayDigest> => {
  const first = index * PER_DAY + 1
  const last = first + PER_DAY - 1
  const keeper = new BookKeeper(toyVenue)
  keeper.applyRecords(through(1, last))
  const { book } = keeper.takeVerdict()
  const entriesDigest = sha256(through(first, last))
  const text =
    `bookreel-day-1\n${stream}\n${DAYS[index] ?? ''}\nentries ${String(PER_DAY)} ${entriesDigest}\n` +
    `decoder ${String(toyVenue.decoderVersion)}\n` +
    `book ${book.reason ?? 'valid'} ${book.verified ? 'verified' : 'unverified'} ${String(book.digestSeq)} ${book.digest}\n`
  const [begins, ends] = [index === 0, index === DAYS.length - 1]
  return {
    stream,
    day: DAYS[index] ?? '',
    digest: sha256(text),
    entriesDigest,
    entries: PER_DAY,
    firstSeq: first,
    lastSeq: last,
    decoderVersion: toyVenue.decoderVersion,
    book,
    complete: !begins && !ends,
    begins,
    ends,
    missing: [],
  }
}
const expected = DAYS.map((_day, index) => expectedDay(index))

const buried = async (store: EventStore, first: Seq, kind: TombstoneKind = 'deleted'): Promise<void> => {
  const header = (await store.headers(stream)).find(({ firstSeq }) => firstSeq === first)
  if (header === undefined) throw new Error('no such chunk')
  const stone = tombstoneOf(header, { kind })
  const gone =
    kind === 'deleted'
      ? await store.bury(stone)()
      : await store.quarantine(stream, [header.firstSeq], stone)()
  if (isLeft(gone)) throw new Error('not taken out')
}

describe('the digests of a stream-day', () => {
  it('are those of the documented definition, wherever chunks end and however they were put together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: LAST }), { maxLength: 9 }),
        fc.boolean(),
        async (ends, isCompacted) => {
          const store = await storeOf(ends)
          const options = {
            limits: { entries: 400, bytes: 1e6 },
            isDryRun: false,
            onEntries: () => undefined,
          }
          if (isCompacted) await compactStream(store, stream, options)
          expect(await daysOf(store)).toMatchObject(expected)
        },
      ),
      { numRuns: 25 },
    )
  })

  it.each([false, true])('are the same for one day alone (keyframes: %s)', async (hasKeyframes) => {
    const store = await storeOf([70, 149, 150, 230, 420, 500], hasKeyframes)
    for (const [index, day] of DAYS.entries()) {
      const instant = microsOf(startOf(day) + 3_600_000_000)
      expect(await daysOf(store, { day: instant })).toMatchObject([expected[index]])
    }
    for (const day of ['2023-11-13', '2023-11-17', '2023-11-19'])
      expect(await daysOf(store, { day: microsOf(startOf(day)) })).toEqual([])
  })

  it('differ when one byte of an entry, its time or the version of the decoder differs', async () => {
    const store = await storeOf([])
    const newer = await daysOf(store, {}, newerToyVenue)
    const all = [...expected, ...newer].map(({ digest }) => digest)
    expect(new Set(all).size).toBe(2 * DAYS.length)
    expect(newer.map(({ entriesDigest }) => entriesDigest)).toEqual(
      expected.map(({ entriesDigest }) => entriesDigest),
    )
  })

  it.each(['deleted', 'damaged'] as const)('tell what is missing of a day (%s)', async (kind) => {
    const ends = [100, 120, 300, 450]
    for (const hasKeyframes of [false, true]) {
      const store = await storeOf(ends, hasKeyframes)
      await buried(store, 101, kind)
      const days = await daysOf(store)
      const missing = [{ kind, firstSeq: 101, lastSeq: 120 }]
      expect(days.map((day) => day.missing)).toEqual([missing, [], [], []])
      expect(days.map(({ complete }) => complete)).toEqual([false, true, true, false])
      expect(days[0]).toMatchObject({
        entries: PER_DAY - 20,
        book: { valid: false, reason: 'missing-entries' },
      })
      // The next snapshot of the venue makes the book known again, whatever keyframes there are.
      expect(days[1]).toMatchObject({ book: { valid: false } })
      expect(days.slice(2).map(({ digest }) => digest)).toEqual(expected.slice(2).map(({ digest }) => digest))
      for (const [index, day] of DAYS.entries())
        expect(await daysOf(store, { day: microsOf(startOf(day)) })).toEqual([days[index]])
    }
  })

  it('tell of entries that are missing without a trace', async () => {
    const whole = await storeOf([100, 120, 300])
    const store = tampered(whole, {
      part: (part) => (part.kind === 'chunk' && part.header.firstSeq === 101 ? undefined : part),
    })
    const days = await daysOf(store)
    expect(days.map((day) => day.missing)).toEqual([
      [{ kind: 'absent', firstSeq: 101, lastSeq: 120 }],
      [],
      [],
      [],
    ])
    expect(days[0]).toMatchObject({ complete: false, book: { valid: false, reason: 'missing-entries' } })
  })

  it('tell that the log begins behind what was deleted, on whichever day', async () => {
    const store = await storeOf([150, 200])
    await buried(store, 1)
    const days = await daysOf(store)
    expect(days.map(({ day, begins }) => [day, begins])).toEqual(DAYS.slice(1).map((day) => [day, false]))
    expect(days[0]).toMatchObject({ complete: true, missing: [] })
  })
})
