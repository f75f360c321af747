import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EventCollector, type MarketEvent } from '../../src/market/event.ts'
import { replay, type StepOptions } from '../../src/replay/replay.ts'
import type { EntryStep, TransactionStep } from '../../src/replay/replay-step.ts'
import type { ReplaySummary } from '../../src/replay/replay-summary.ts'
import { visit } from '../../src/replay/visit.ts'
import { feedOf, modelOf, storeOfFeeds, venueOf } from '../support/replayed-feeds.ts'

const feeds = [
  feedOf('coinbase:BTC-USD', 'full', 5, 300, true),
  feedOf('bitfinex:BTC-USD', 'R0', 6, 300),
  feedOf('coinbase:ETH-USD', 'level2_batch', 7, 200),
]
const model = modelOf(feeds)
const store = await storeOfFeeds(feeds)
const streams = feeds.map(({ stream }) => stream)
const options = { streams, venueOf }

/** A step without what is alive, and the book it stood at. */
const seenOf = (step: EntryStep | TransactionStep) => {
  const { state, position, ...rest } = step
  const { book, isValid } = state
  return { ...rest, position: position(), isValid, bids: book.top('bid', 5), asks: book.top('ask', 5) }
}

type Seen = ReturnType<typeof seenOf>

/** Steps until there is no further one, or so many; and the summary where it came to the end. */
const stepsOf = async (
  asked: Partial<StepOptions>,
  most = Infinity,
): Promise<{ readonly steps: readonly Seen[]; readonly summary: ReplaySummary | undefined }> => {
  const seen: Seen[] = []
  const steps = replay(store, { ...options, ...asked } as never)
  for (;;) {
    if (seen.length >= most) {
      await steps.return(undefined as never)
      return { steps: seen, summary: undefined }
    }
    const next = await steps.next()
    if (next.done === true) return { steps: seen, summary: next.value }
    seen.push(seenOf(next.value))
  }
}

const withoutPosition = ({ position: _, ...rest }: Seen): Omit<Seen, 'position'> => rest

const byEntry = await stepsOf({})
const byTransaction = await stepsOf({ groupBy: 'transaction' })

describe('replay by entries', () => {
  it('tells what the plain model tells', () => {
    expect(byEntry.steps.length).toBeGreaterThan(900)
    expect(byEntry.steps).toHaveLength(model.length)
    for (const [index, { stream, seq, receiveTime, events, after }] of model.entries())
      expect(byEntry.steps[index]).toMatchObject({ stream, seq, receiveTime, events, isValid: after.valid })
  })

  it('comes to the summary of visit', async () => {
    expect(byEntry.summary).toEqual(await visit(store, options, {}))
  })
})

const eventsOf = (steps: readonly Seen[], stream: string): readonly MarketEvent[] =>
  steps.filter((step) => step.stream === stream).flatMap(({ events }) => events)

describe('replay by transactions', () => {
  it('tells the same events, but for those that are not known to be complete in the end', () => {
    for (const stream of streams) {
      const all = eventsOf(byEntry.steps, stream).filter(({ kind }) => kind !== 'transaction-ended')
      const own = eventsOf(byTransaction.steps, stream)
      expect(own.length).toBeGreaterThan(100)
      expect(own).toEqual(all.slice(0, own.length))
      // Runs end in the feeds: nothing is left.
      expect(own).toHaveLength(all.length)
    }
  })

  it('stands at the books that a visitor sees at the ends of transactions, and nowhere else', async () => {
    const ended = new Map<string, unknown[]>(streams.map((stream) => [stream, []]))
    let hasEvents = false
    await visit(store, options, {
      sinkOf: () =>
        new Proxy(new EventCollector(), {
          get: (target, name, receiver) => {
            if (name !== 'stamp' && name !== 'transactionEnded') hasEvents = true
            return Reflect.get(target, name, receiver) as unknown
          },
        }),
      transactionEnded: ({ stream, isValid, book }) => {
        if (hasEvents)
          ended.get(stream)?.push({ isValid, bids: book.top('bid', 5), asks: book.top('ask', 5) })
        hasEvents = false
      },
    })
    for (const stream of streams) {
      const whole = byTransaction.steps.filter(
        (step) => step.stream === stream && step.kind === 'transaction' && step.isWhole,
      )
      expect(whole.length).toBeGreaterThan(3)
      const books = whole.map(({ isValid, bids, asks }) => ({ isValid, bids, asks }))
      const known = new Set(ended.get(stream)?.map((book) => JSON.stringify(book)))
      for (const book of books) expect(known.has(JSON.stringify(book))).toBe(true)
    }
  })

  it('tells the end of no transaction only of books that may not be used', () => {
    const broken = byTransaction.steps.filter((step) => step.kind === 'transaction' && !step.isWhole)
    expect(broken.length).toBeGreaterThan(0)
    expect(broken.filter(({ isValid }) => isValid)).toEqual([])
  })

  it('never shows a crossed book as valid', () => {
    let valid = 0
    for (const { isValid, bids, asks } of byTransaction.steps) {
      const [bid, ask] = [bids[0]?.price, asks[0]?.price]
      if (!isValid || bid === undefined || ask === undefined) continue
      valid++
      expect(bid).toBeLessThan(ask)
    }
    expect(valid).toBeGreaterThan(100)
  })
})

describe.each([
  ['entries', byEntry, 'entry'],
  ['transactions', byTransaction, 'transaction'],
] as const)('a replay by %s that is left', (_name, whole, groupBy) => {
  it('goes on exactly there, wherever that is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.steps.length - 1), fc.nat(200), async (cut, more) => {
        const position = whole.steps[cut]?.position
        const rest = await stepsOf({ groupBy, resumeFrom: position, streams: undefined }, more + 1)
        expect(rest.steps.map(withoutPosition)).toEqual(
          whole.steps.slice(cut + 1, cut + 2 + more).map(withoutPosition),
        )
        // The same place has the same name, however one came there.
        expect(rest.steps.map((step) => step.position)).toEqual(
          whole.steps.slice(cut + 1, cut + 2 + more).map((step) => step.position),
        )
      }),
      { numRuns: 25 },
    )
  })
})
