import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EventCollector, type MarketEvent } from '../../src/market/event.ts'
import { microsOf } from '../../src/market/time.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import type { ReplayVisitor } from '../../src/replay/stream-state.ts'
import { visit } from '../../src/replay/visit.ts'
import { feedOf, modelOf, storeOfFeeds, venueOf } from '../support/replayed-feeds.ts'

const feeds = [
  feedOf('coinbase:BTC-USD', 'full', 1, 300, true),
  feedOf('bitfinex:BTC-USD', 'R0', 2, 300, true),
  feedOf('bitfinex:ETH-USD', 'P0', 3, 200),
  feedOf('coinbase:ETH-USD', 'level2_batch', 4, 200),
]
const model = modelOf(feeds)
const store = await storeOfFeeds(feeds)
const streams = feeds.map(({ stream }) => stream)

interface Told {
  readonly stream: string
  readonly seq: number
  readonly receiveTime: number
  readonly events: readonly MarketEvent[]
  readonly isValid: boolean
}

/** Notes everything that is told of every entry. */
const noting = (told: Told[]): ReplayVisitor => {
  const collectors = new Map<string, EventCollector>()
  return {
    sinkOf: ({ stream }) => {
      const collector = new EventCollector()
      expect(collectors.has(stream)).toBe(false)
      collectors.set(stream, collector)
      return collector
    },
    entryEnded: ({ stream, seq, receiveTime, isValid }) => {
      told.push({ stream, seq, receiveTime, isValid, events: collectors.get(stream)?.take() ?? [] })
    },
  }
}

const expected: readonly Told[] = model.map(({ stream, seq, receiveTime, events, after }) => ({
  stream,
  seq,
  receiveTime,
  events,
  isValid: after.valid,
}))

describe('visit', () => {
  it('has something to tell', () => {
    expect(expected.length).toBeGreaterThan(1000)
    for (const stream of streams) {
      const own = expected.filter((entry) => entry.stream === stream)
      expect(own.some(({ isValid }) => isValid)).toBe(true)
      expect(own.flatMap(({ events }) => events).length).toBeGreaterThan(100)
    }
  })

  it('tells every entry with its events in the stated order, and comes to the same books', async () => {
    const told: Told[] = []
    const summary = await visit(store, { streams, venueOf }, noting(told))
    expect(told).toEqual(expected)
    expect(summary.isComplete).toBe(true)
    expect(summary.entries).toBe(expected.length)
    for (const [index, { venue, records, stream }] of feeds.entries()) {
      const keeper = new BookKeeper(venue)
      keeper.applyRecords(records)
      const { lastReceiveTime, lastFrameTime, lastSeq, duplicates, product, ...rest } = keeper.summary()
      // Copies, the last frame and what the venue says of its product are told live alone: no verdict holds them.
      expect({ duplicates, product }).toEqual({ duplicates: 0, product: null })
      expect(lastFrameTime).toBeLessThanOrEqual(lastReceiveTime)
      expect(summary.streams[index]).toMatchObject({
        stream,
        lastReceiveTime,
        lastSeq,
        ...rest,
        ...keeper.digest(),
      })
    }
  })

  it('takes a range out of the whole: by time and by entry, from whatever keyframe', async () => {
    const place = fc.nat(expected.length - 1)
    await fc.assert(
      fc.asyncProperty(place, place, fc.boolean(), async (one, other, byTime) => {
        const [first, last] = [expected[Math.min(one, other)], expected[Math.max(one, other)]]
        if (first === undefined || last === undefined) throw new Error('no such entry')
        const told: Told[] = []
        const collected = noting(told)
        if (byTime) {
          const range = {
            from: { kind: 'time', time: microsOf(first.receiveTime) },
            to: { kind: 'time', time: microsOf(last.receiveTime) },
          } as const
          await visit(store, { streams, venueOf, range }, collected)
          expect(told).toEqual(
            expected.filter(
              ({ receiveTime }) => receiveTime >= first.receiveTime && receiveTime <= last.receiveTime,
            ),
          )
          return
        }
        const [from, to] = [Math.min(first.seq, last.seq), Math.max(first.seq, last.seq)]
        const range = { from: { kind: 'seq', seq: from }, to: { kind: 'seq', seq: to } } as const
        await visit(store, { streams: [first.stream as never], venueOf, range }, collected)
        expect(told).toEqual(
          expected.filter(({ stream, seq }) => stream === first.stream && seq >= from && seq <= to),
        )
      }),
      { numRuns: 30 },
    )
  })
})
