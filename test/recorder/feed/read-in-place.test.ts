/** Who reads batches where they were packed keeps nothing of them: their memory is written over as soon as they were taken. */
import { describe, expect, it } from 'vitest'

import { EntryCursor } from '../../../src/log/entry.ts'
import { StreamFollower } from '../../../src/recorder/sealing/stream-follower.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { DERIVED_FEEDS } from '../../support/derived-feeds.ts'
import { feedOf } from '../../support/replayed-feeds.ts'

const BATCH_ENTRIES = 23

const batchesOf = (records: Uint8Array): readonly (readonly [number, Uint8Array])[] => {
  const batches: (readonly [number, Uint8Array])[] = []
  const cursor = new EntryCursor(records)
  let [start, entries] = [0, 0]
  while (cursor.next())
    if (++entries % BATCH_ENTRIES === 0 || cursor.recordEnd === records.length) {
      batches.push([cursor.seq, records.subarray(start, cursor.recordEnd)])
      start = cursor.recordEnd
    }
  return batches
}

describe.each(DERIVED_FEEDS)('the entries of %s', (name) => {
  const stream =
    name === 'R0' || name === 'P0' ? ('bitfinex:BTC-USD' as const) : ('coinbase:BTC-USD' as const)
  const feed = feedOf(stream, name, 5, 600)
  const batches = batchesOf(feed.records)
  const room = new SharedArrayBuffer(Math.max(...batches.map(([, records]) => records.length)))
  /** Gives each batch in the room, and writes over it afterwards. */
  const eachInPlace = (take: (records: Uint8Array, lastSeq: number) => void): void => {
    for (const [lastSeq, records] of batches) {
      const inPlace = new Uint8Array(room, 0, records.length)
      inPlace.set(records)
      take(inPlace, lastSeq)
      inPlace.fill(0x7b)
    }
  }

  it('are kept by no live book', () => {
    const [kept, inPlace] = [new BookKeeper(feed.venue), new BookKeeper(feed.venue)]
    for (const [, records] of batches) kept.applyRecords(records)
    eachInPlace((records) => {
      inPlace.applyRecords(records)
    })
    expect(kept.summary().entries).toBeGreaterThan(50)
    expect(inPlace.summary()).toEqual(kept.summary())
    expect(Buffer.compare(inPlace.save(), kept.save())).toBe(0)
    expect(inPlace.takeVerdict()).toEqual(kept.takeVerdict())
  })

  it('are kept by no follower', () => {
    const state = new BookKeeper(feed.venue).save()
    const options = { stream, venue: feed.venue, state, cadence: { entries: 40, entriesPerOrder: 0 } }
    const [kept, inPlace] = [new StreamFollower(options), new StreamFollower(options)]
    const last = batches.at(-1)?.[0] ?? 0
    const follow = (follower: StreamFollower) => (records: Uint8Array, lastSeq: number) => {
      follower.follow({ records, firstSeq: 0, lastSeq, endsChunk: lastSeq === last })
    }
    for (const [lastSeq, records] of batches) follow(kept)(records, lastSeq)
    eachInPlace(follow(inPlace))
    const found = kept.take(last)
    expect(found?.keyframes.length).toBeGreaterThan(0)
    expect(inPlace.take(last)).toEqual(found)
  })
})
