import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { exportFrames } from '../../../src/export/frames.ts'
import { EntryCursor } from '../../../src/log/entry.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { compactStream } from '../../../src/recorder/upkeep/compaction.ts'
import { playMerged } from '../../../src/replay/merge.ts'
import { verifyStream } from '../../../src/replay/proof/verify.ts'
import { readChunks } from '../../../src/replay/reading/chunk-reader.ts'
import { StreamPlayer } from '../../../src/replay/reading/stream-player.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { batchesOf, sealAll, TOY, toyScript } from '../../support/toy-script.ts'
import { toyVenue } from '../../support/toy-venue.ts'

// Sealing is slow beside reading: one stream of more chunks than are fetched at once serves all runs.
const entries = fc.sample(toyScript(110, 120), { numRuns: 1, seed: 5 })[0] ?? []
const sealed = sealAll(
  batchesOf(
    entries,
    Array.from({ length: 140 }, () => 1),
  ),
)

const smallChunks = async (): Promise<EventStore> => {
  const store = newMemoryStore()
  for (const { chunk, keyframes } of sealed) {
    await store.append(chunk)()
    for (const keyframe of keyframes) await store.putKeyframe(keyframe)()
  }
  return store
}

/** The same store, compacted a little more after every `every`-th payload or list of parts that a reader fetches. */
const restless = (store: EventStore, every: number): EventStore => {
  let fetched = 0
  let most = 1
  let compacted: Promise<unknown> = Promise.resolve()
  const disturb = async (): Promise<void> => {
    if (++fetched % every !== 0) return
    // A reader fetches several at once; a stream is compacted by one at a time.
    compacted = compacted.then(compact)
    await compacted
  }
  const compact = async (): Promise<void> => {
    most *= 2
    await compactStream(store, TOY, {
      limits: { entries: most, bytes: 1e9 },
      isDryRun: false,
      onEntries: () => undefined,
    })
  }
  return {
    ...store,
    parts: async (...asked) => {
      const parts = await store.parts(...asked)
      await disturb()
      return parts
    },
    payload: async (...asked) => {
      const payload = await store.payload(...asked)
      await disturb()
      return payload
    },
  }
}

const runs = { numRuns: 4, endOnFailure: true }
const every = fc.integer({ min: 2, max: 60 })

describe('a reader of a stream that is compacted meanwhile', () => {
  it('gets every entry once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(every, fc.nat(100), async (pause, from) => {
        const seqs: number[] = []
        for await (const { records } of readChunks(restless(await smallChunks(), pause), TOY, {
          from: from + 1,
        })) {
          const cursor = new EntryCursor(records)
          while (cursor.next()) if (cursor.seq > from) seqs.push(cursor.seq)
        }
        expect(seqs).toEqual(
          Array.from({ length: entries.length - from }, (_unused, index) => from + index + 1),
        )
      }),
      runs,
    )
  })

  it('exports the same lines and rebuilds the same book', async () => {
    await fc.assert(
      fc.asyncProperty(every, async (pause) => {
        const quiet = await smallChunks()
        const exported = async (store: EventStore): Promise<string> => {
          let text = ''
          await exportFrames(store, TOY, {}, (block) => {
            text += block
            return Promise.resolve()
          })
          return text
        }
        const played = async (store: EventStore): Promise<unknown> => {
          const player = new StreamPlayer({ store, stream: TOY, venue: toyVenue })
          await player.seek()
          await playMerged([player], {})
          return [player.place, player.keeper.summary(), player.keeper.digest()]
        }
        const text = await exported(quiet)
        const book = await played(quiet)
        expect(await exported(restless(await smallChunks(), pause))).toBe(text)
        expect(await played(restless(await smallChunks(), pause))).toEqual(book)
      }),
      runs,
    )
  })

  it('proves the same', async () => {
    await fc.assert(
      fc.asyncProperty(every, async (pause) => {
        const quiet = await verifyStream(await smallChunks(), TOY, toyVenue)
        const proof = await verifyStream(restless(await smallChunks(), pause), TOY, toyVenue)
        expect(proof.problems).toEqual(quiet.problems)
        expect(proof).toMatchObject({ entries: entries.length, head: quiet.head, keyframes: quiet.keyframes })
      }),
      runs,
    )
  })
})
