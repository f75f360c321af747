import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Seq } from '../../../src/log/entry.ts'
import { type EventStore, StoreFailure } from '../../../src/log/event-store.ts'
import { deleteEntries } from '../../../src/recorder/upkeep/deletion.ts'
import { planDeletion, planRetention } from '../../../src/recorder/upkeep/deletion-plan.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { playMerged } from '../../../src/replay/merge.ts'
import { streamInfo } from '../../../src/replay/proof/stream-info.ts'
import { verifyStream } from '../../../src/replay/proof/verify.ts'
import { readChunks } from '../../../src/replay/reading/chunk-reader.ts'
import { StreamPlayer } from '../../../src/replay/reading/stream-player.ts'
import {
  deleteSpan,
  dyingAt,
  rangeOf,
  recordsBySeq,
  type Span,
  storedRecords,
  withoutSpans,
} from '../../support/deletions.ts'
import { proofStore, toyLines } from '../../support/proof-stores.ts'
import { recordOn } from '../../support/recording-on.ts'
import { toyManifest, toyRecords, toyTime } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest
const ENTRIES = 3500
const lines = toyLines(ENTRIES, 900)
const whole = toyRecords(lines)

const original = recordsBySeq(whole)

const digestAt = (seq: Seq): string => {
  const keeper = new BookKeeper(toyVenue)
  keeper.applyRecords(toyRecords(lines.slice(0, seq - 1)))
  return keeper.digest().digest
}

const playedTo = async (store: EventStore, seq: Seq): Promise<BookKeeper> => {
  const position = { kind: 'seq', seq } as const
  const player = new StreamPlayer({ store, stream, venue: toyVenue, range: { from: position, to: position } })
  await player.seek()
  await playMerged([player], {})
  return player.keeper
}

const seq = fc.integer({ min: 1, max: ENTRIES })
const span = fc.tuple(seq, seq).map(([one, other]): Span => [Math.min(one, other), Math.max(one, other)])
const ends = fc
  .uniqueArray(fc.integer({ min: 2, max: ENTRIES - 1 }), { maxLength: 8 })
  .map((some) => [...some.sort((one, other) => one - other), ENTRIES])
const keyframes = fc.uniqueArray(fc.integer({ min: 10, max: ENTRIES }), { maxLength: 4 })

describe('deleting a range', () => {
  it('takes exactly its entries, leaves a sound log with the same head, and recording goes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        ends,
        keyframes,
        fc.array(fc.tuple(span, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 4 }),
        async (chunkEnds, seqs, deletions) => {
          const store = await proofStore(lines, chunkEnds, seqs)
          const { head } = await verifyStream(store, stream, toyVenue)
          const gone: Span[] = []
          for (const [asked, byTime, keepsBook] of deletions) {
            await deleteSpan(store, asked, { byTime, keepsBook })
            gone.push(asked)
            expect(await storedRecords(store)).toEqual(withoutSpans(original, gone))
            expect(await planDeletion(store, stream, rangeOf(asked, byTime))).toBeUndefined()
            const proof = await verifyStream(store, stream, toyVenue)
            expect(proof.problems).toEqual([])
            expect(proof.head).toBe(head)
            expect(proof.holes.filter(({ kind }) => kind === 'damaged')).toEqual([])
          }
          const info = await streamInfo(store, stream)
          for (const hole of info.holes)
            expect(hole.reason).toMatch(hole.kind === 'deleted' ? /^A test/ : /given up/)
          await recordOn(store, 2)
          expect((await verifyStream(store, stream, toyVenue)).problems).toEqual([])
        },
      ),
      { numRuns: 25 },
    )
  })

  it('leaves every book behind it right or invalid, and right at once where it is kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        ends,
        keyframes,
        span,
        fc.boolean(),
        seq,
        async (chunkEnds, seqs, asked, keepsBook, at) => {
          const store = await proofStore(lines, chunkEnds, seqs)
          await deleteSpan(store, asked, { keepsBook })
          const [first, last] = asked
          for (const place of [at, last + 1, first - 1]) {
            if (place < 1 || place > ENTRIES || (place >= first && place <= last)) continue
            const keeper = await playedTo(store, place)
            const { valid, reason } = keeper.summary()
            if (valid || place < first || keepsBook) expect(keeper.digest().digest).toBe(digestAt(place))
            else expect(reason).toMatch(/missing-entries|no-snapshot|snapshot/)
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  it('does not disturb who is reading: every other entry is read once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(ends, span, fc.nat({ max: 6 }), async (chunkEnds, asked, before) => {
        const store = await proofStore(lines, chunkEnds)
        const seen: Seq[] = []
        let left = before
        for await (const { records } of readChunks(store, stream)) {
          if (left-- === 0) await deleteSpan(store, asked)
          for (const one of recordsBySeq(records).keys()) seen.push(one)
        }
        const isAsked = (one: Seq): boolean => one >= asked[0] && one <= asked[1]
        expect(seen.filter((one) => !isAsked(one))).toEqual([...withoutSpans(original, [asked]).keys()])
        expect(seen).toEqual([...new Set(seen)].sort((one, other) => one - other))
      }),
      { numRuns: 25 },
    )
  })

  it('stands or is gone, whenever it is stopped, and is done when it is asked for again', async () => {
    let stopped = 0
    for (const asked of [
      [700, 1900],
      [1, 1500],
      [1000, 1000],
      [2900, 3400],
      [3490, ENTRIES],
    ] as const)
      for (let moment = 0, isDone = false; !isDone; moment++) {
        const store = await proofStore(lines, [600, 1400, 2000, 3000, ENTRIES], [650, 1700, 3100])
        try {
          await deleteSpan(dyingAt(store, moment), asked, { keepsBook: true })
          isDone = true
        } catch (error) {
          expect(error).toBeInstanceOf(StoreFailure)
          stopped++
        }
        const seen = await storedRecords(store)
        expect(seen).toEqual(seen.size === ENTRIES && !isDone ? original : withoutSpans(original, [asked]))
        expect((await verifyStream(store, stream, toyVenue)).problems).toEqual([])
        await deleteSpan(store, asked)
        expect(await storedRecords(store)).toEqual(withoutSpans(original, [asked]))
        expect((await verifyStream(store, stream, toyVenue)).problems).toEqual([])
        await recordOn(store, 1)
      }
    expect(stopped).toBeGreaterThan(10)
  })

  it('says before it does anything what would go, and whether the stream must be had alone', async () => {
    const store = await proofStore(lines, [600, 1400, 2000, 3000, ENTRIES])
    const planned = async (asked: Span) => await planDeletion(store, stream, rangeOf(asked))
    expect(await planned([500, 2100])).toMatchObject({
      firstSeq: 500,
      lastSeq: 2100,
      entries: 1601,
      wholeChunks: 2,
      cutChunks: 2,
      firstReceiveTime: toyTime(500),
      lastReceiveTime: toyTime(2100),
      reachesEnd: false,
    })
    expect(await planned([1, 3000])).toMatchObject({ reachesEnd: false })
    expect(await planned([1, 3001])).toMatchObject({ reachesEnd: true })
    const short = await proofStore(lines, [600, 1400, 2000, 3300, ENTRIES])
    // The block that the log ends in begins with entry 3073.
    expect(await planDeletion(short, stream, rangeOf([1, 3072]))).toMatchObject({ reachesEnd: false })
    expect(await planDeletion(short, stream, rangeOf([1, 3073]))).toMatchObject({ reachesEnd: true })
    expect(await planned([ENTRIES + 1, ENTRIES + 9])).toBeUndefined()
    expect(await storedRecords(store)).toEqual(original)
  })
})

describe('retention', () => {
  it('takes whole chunks of old entries, again and again, and the book stays known', async () => {
    const store = await proofStore(lines, [600, 1400, 2000, 3000, 3200, 3400, ENTRIES])
    const retain = async (before: Seq): Promise<string> => {
      const plan = await planRetention(store, stream, toyTime(before))
      if (plan === undefined) return 'nothing'
      await deleteEntries({ store, venue: toyVenue, plan, keepsBook: true, reason: 'Old.' })
      return `${String(plan.firstSeq)}-${String(plan.lastSeq)}`
    }
    expect(await retain(600)).toBe('nothing')
    expect(await retain(601)).toBe('1-600')
    expect(await retain(1999)).toBe('1-1400')
    expect(await retain(1999)).toBe('nothing')
    const { holes } = await streamInfo(store, stream)
    expect(holes).toMatchObject([{ kind: 'deleted', firstSeq: 1, lastSeq: 1400 }])
    for (const place of [1401, 1402, 2600])
      expect((await playedTo(store, place)).digest().digest).toBe(digestAt(place))
    // What a recorder needs to go on stays, however old it is.
    expect(await retain(ENTRIES + 1000)).toBe('1-3000')
    expect((await verifyStream(store, stream, toyVenue)).problems).toEqual([])
    await recordOn(store, 2)
  })
})
