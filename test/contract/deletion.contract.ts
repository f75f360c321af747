/** What deleting a range means in every EventStore: before or after, whenever it is stopped, and the log goes on. */
import { describe, expect, it } from 'vitest'

import { copyStream } from '../../src/app/archive/copy-streams.ts'
import { type EventStore, StoreFailure } from '../../src/log/event-store.ts'
import { firstSeqOf, lastSeqOf } from '../../src/log/tombstone.ts'
import { verifyStream } from '../../src/replay/proof/verify.ts'
import { deleteSpan, dyingAt, recordsBySeq, storedRecords, withoutSpans } from '../support/deletions.ts'
import { proofStore, toyLines } from '../support/proof-stores.ts'
import { recordOn } from '../support/recording-on.ts'
import { toyManifest, toyRecords } from '../support/toy-records.ts'
import { toyVenue } from '../support/toy-venue.ts'

const { stream } = toyManifest
const ENTRIES = 2400
const lines = toyLines(ENTRIES, 700)
const original = recordsBySeq(toyRecords(lines))

export const deletionContract = (backend: string, openEmpty: () => Promise<EventStore>): void => {
  const filled = async (): Promise<EventStore> => {
    const source = await proofStore(lines, [400, 1000, 1500, ENTRIES], [350, 1400])
    const target = await openEmpty()
    await copyStream({ source, target, stream, onEntries: () => undefined })
    return target
  }
  const partsOf = async (store: EventStore): Promise<readonly string[]> =>
    (await store.parts(stream)).map(
      (part) => `${part.kind} ${String(firstSeqOf(part))}-${String(lastSeqOf(part))}`,
    )

  describe(`${backend}: deleting a range`, () => {
    it('takes out exactly what was asked for, of chunks in the middle as well', async () => {
      const store = await filled()
      await deleteSpan(store, [500, 1200])
      expect(await partsOf(store)).toEqual([
        'chunk 1-400',
        'chunk 401-499',
        'hole 500-1200',
        'chunk 1201-1500',
        'chunk 1501-2400',
      ])
      await deleteSpan(store, [410, 420], { byTime: true, keepsBook: true })
      expect(await storedRecords(store)).toEqual(
        withoutSpans(original, [
          [500, 1200],
          [410, 420],
        ]),
      )
      const proof = await verifyStream(store, stream, toyVenue)
      expect(proof).toMatchObject({
        ok: true,
        holes: [
          { kind: 'deleted', firstSeq: 410, lastSeq: 420 },
          { kind: 'deleted', firstSeq: 500, lastSeq: 1200 },
        ],
      })
      await recordOn(store, 2)
      expect((await verifyStream(store, stream, toyVenue)).ok).toBe(true)
      await store.close()
    })

    it('becomes one hole with what was deleted before and between', async () => {
      const store = await filled()
      for (const span of [
        [1, 100],
        [101, 400],
        [700, 800],
        [401, 1500],
      ] as const)
        await deleteSpan(store, span, { keepsBook: true })
      expect(await partsOf(store)).toEqual(['hole 1-1500', 'chunk 1501-2400'])
      expect((await store.keyframes(stream)).map(({ seq }) => seq)).toEqual([1500])
      expect((await verifyStream(store, stream, toyVenue)).ok).toBe(true)
      await store.close()
    })

    it('stands or is gone whenever it is stopped', async () => {
      let stopped = 0
      for (const asked of [
        [300, 1200],
        [2300, 2390],
      ] as const)
        for (let moment = 0, isDone = false; !isDone; moment++) {
          const store = await filled()
          try {
            await deleteSpan(dyingAt(store, moment), asked, { keepsBook: true })
            isDone = true
          } catch (error) {
            expect(error).toBeInstanceOf(StoreFailure)
            stopped++
          }
          expect(await storedRecords(store)).toEqual(isDone ? withoutSpans(original, [asked]) : original)
          expect((await verifyStream(store, stream, toyVenue)).problems).toEqual([])
          await deleteSpan(store, asked)
          expect(await storedRecords(store)).toEqual(withoutSpans(original, [asked]))
          await recordOn(store, 1)
          expect((await verifyStream(store, stream, toyVenue)).problems).toEqual([])
          await store.close()
        }
      expect(stopped).toBeGreaterThan(5)
    })
  })
}
