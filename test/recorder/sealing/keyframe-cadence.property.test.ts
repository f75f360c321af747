import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CHAIN_START } from '../../../src/log/chain.ts'
import { EntryCursor } from '../../../src/log/entry.ts'
import { isKeyframeDue, KEYFRAME_CADENCE } from '../../../src/recorder/sealing/keyframe-cadence.ts'
import { type SealedChunk, StreamSealer } from '../../../src/recorder/sealing/stream-sealer.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { generateFullFeed, recordsOf } from '../../support/full-feed.ts'
import { batchesOf, sealAll, toyScript } from '../../support/toy-script.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const keyframeSeqs = (chunks: readonly SealedChunk[]): readonly number[] =>
  chunks.flatMap(({ keyframes }) => keyframes.map(({ seq }) => seq))

describe('keyframes', () => {
  it('stand no sooner than an entry is far behind the last one and before it is twice as far, however the log is cut', () => {
    fc.assert(
      fc.property(
        toyScript(1, 200),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
        fc.record({
          entries: fc.integer({ min: 5, max: 60 }),
          entriesPerOrder: fc.integer({ min: 0, max: 8 }),
        }),
        (script, lengths, cadence) => {
          const batches = batchesOf(script, lengths)
          const seqs = keyframeSeqs(sealAll(batches, cadence))
          const keeper = new BookKeeper(toyVenue)
          let last = 0
          let found = 0
          for (const records of batches) {
            const cursor = new EntryCursor(records)
            while (cursor.next()) {
              keeper.apply(cursor)
              const book = keeper.book()
              const resting = book.orders('bid').length + book.orders('ask').length
              const tail = cursor.seq - last
              const soonest = Math.max(cadence.entries, cadence.entriesPerOrder * resting)
              const latest = Math.max(cadence.entries, 2 * cadence.entriesPerOrder * resting)
              if (seqs[found] === cursor.seq) {
                expect(tail).toBeGreaterThanOrEqual(soonest)
                last = cursor.seq
                found++
              } else expect(tail).toBeLessThan(latest)
            }
          }
          expect(found).toBe(seqs.length)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('come after 100,000 entries, or 5 for each resting order, or up to 10 where entries are small', () => {
    const keeper = new BookKeeper(coinbaseVenue)
    const book = keeper.book()
    expect(isKeyframeDue(KEYFRAME_CADENCE, 99_999, book, 20)).toBe(false)
    expect(isKeyframeDue(KEYFRAME_CADENCE, 100_000, book, 1)).toBe(true)
    keeper.applyRecords(recordsOf(generateFullFeed(2_000, 21_000)))
    const full = keeper.book()
    const orders = full.orders('bid').length + full.orders('ask').length
    expect(orders).toBeGreaterThan(20_000)
    for (const [bytesPerEntry, longest] of [
      [0, 5],
      [20, 5],
      [9, 5],
      [6, 7.5],
      [1, 10],
    ] as const) {
      const due = Math.ceil(longest * orders)
      expect(isKeyframeDue(KEYFRAME_CADENCE, due - 1, full, bytesPerEntry)).toBe(false)
      expect(isKeyframeDue(KEYFRAME_CADENCE, due, full, bytesPerEntry)).toBe(true)
    }
  })

  it('cost at most three fifths of the chunks of a full feed', () => {
    const orders = 1_000
    const records = recordsOf(generateFullFeed(60 * orders, orders))
    const start = { stream: 'coinbase:BTC-USD', chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined } as const // prettier-ignore
    const sealer = new StreamSealer(coinbaseVenue, start, { ...KEYFRAME_CADENCE, entries: 0 })
    const cursor = new EntryCursor(records)
    let chunkBytes = 0
    let keyframeBytes = 0
    let keyframes = 0
    let begin = 0
    while (cursor.next()) {
      if (cursor.seq % 5_000 !== 0) continue
      const sealed = sealer.seal(records.subarray(begin, cursor.recordEnd))
      begin = cursor.recordEnd
      chunkBytes += sealed.chunk.payload.length
      for (const { payload } of sealed.keyframes) keyframeBytes += payload.length
      keyframes += sealed.keyframes.length
    }
    expect(keyframes).toBeGreaterThan(4)
    expect(keyframeBytes).toBeLessThanOrEqual(chunkBytes * 0.6)
  })
})
