import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { type EventStore, StoreFailure } from '../../src/log/event-store.ts'
import { EventCollector, type InvalidReason } from '../../src/market/event.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import type { BookSide } from '../../src/market/side.ts'
import { microsOf } from '../../src/market/time.ts'
import { planRepair, repair } from '../../src/recorder/upkeep/repair.ts'
import { QuietSink } from '../../src/replay/derived/quiet-sink.ts'
import { ReplayPace } from '../../src/replay/pacing.ts'
import { decodePlace, encodePlace } from '../../src/replay/position-token.ts'
import { replay } from '../../src/replay/replay.ts'
import { describeReplayError, type ReplayError, ReplayFailure } from '../../src/replay/replay-failure.ts'
import type { ReplayOptions } from '../../src/replay/replay-options.ts'
import type { ReplayVisitor } from '../../src/replay/stream-state.ts'
import { visit } from '../../src/replay/visit.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { ManualPaceClock } from '../support/manual-pace-clock.ts'
import { flippedAt, proofStore, tampered, toyLines } from '../support/proof-stores.ts'
import { feedOf, modelOf, storeOfFeeds, venueOf } from '../support/replayed-feeds.ts'
import { toySnapshot, toyTime } from '../support/toy-records.ts'
import { toyStore } from '../support/toy-store.ts'

const feeds = [
  feedOf('coinbase:BTC-USD', 'full', 21, 120),
  feedOf('coinbase:ETH-USD', 'level2_batch', 22, 120),
]
const model = modelOf(feeds)
const whole = await storeOfFeeds(feeds)
const streams = feeds.map(({ stream }) => stream)
const [first = 'toy:A-B'] = streams
const toy: StreamId = 'toy:A-B'

/** The store, counting what is read of it at the time and what is read after `fails` says so. */
const watched = (store: EventStore, fails: (stream: StreamId, seq: number) => StoreFailure | undefined) => ({
  ...store,
  payload: async (stream: StreamId, seq: number) => {
    const failure = fails(stream, seq)
    if (failure !== undefined) throw failure
    return await store.payload(stream, seq)
  },
})

const failureOf = async (work: Promise<unknown>): Promise<ReplayFailure> => {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (!(error instanceof ReplayFailure)) throw new Error(`no ReplayFailure: ${String(error)}`)
  expect(error.message).toBe(describeReplayError(error.error))
  expect(error.message).toMatch(/^[A-Z].*\.$/)
  return error
}

const seqsOf = async (options: Partial<ReplayOptions>): Promise<readonly (readonly [string, number])[]> => {
  const told: (readonly [string, number])[] = []
  await visit(
    whole,
    { venueOf, ...options },
    { entryEnded: ({ stream, seq }) => void told.push([stream, seq]) },
  )
  return told
}

const all = model.map(({ stream, seq }) => [stream, seq] as const)

describe('visit refuses', () => {
  const refusals: readonly [string, EventStore, Partial<ReplayOptions>, Partial<ReplayError>][] = [
    ['a store without streams', newMemoryStore(), {}, { kind: 'empty-store' }],
    ['a stream that is not there', whole, { streams: [first, 'coinbase:XRP-USD'] }, { kind: 'unknown-stream', stream: 'coinbase:XRP-USD', held: [...streams].sort() }],
    ['a stream asked for twice', whole, { streams: [first, first] }, { kind: 'stream-twice', stream: first }],
    ['a stream of an unknown venue', whole, { venueOf: () => undefined }, { kind: 'unknown-venue', stream: first }],
    ['a range behind the last entry', whole, { range: { from: { kind: 'seq', seq: 1e6 } } }, { kind: 'empty-range', streams }],
    ['a range in front of the first entry', whole, { range: { to: { kind: 'time', time: microsOf(1) } } }, { kind: 'empty-range', streams }],
    ['a text that is no position', whole, { resumeFrom: 'here' }, { kind: 'bad-position' }],
    ['an empty text as a position', whole, { resumeFrom: '' }, { kind: 'bad-position' }],
  ] // prettier-ignore
  it.each(refusals)('%s', async (_name, store, options, error) => {
    const asked = { venueOf, ...options }
    expect((await failureOf(visit(store, asked, {}))).error).toMatchObject(error)
    expect((await failureOf(replay(store, asked).next())).error).toMatchObject(error)
  })

  it('a position cut or changed, one of other streams, and one of another store', async () => {
    const { position } = await visit(whole, { streams, venueOf }, {})
    const others = await storeOfFeeds([feedOf('coinbase:BTC-USD', 'full', 99, 20)])
    const changed = `${position.slice(0, 30)}${position[30] === 'A' ? 'B' : 'A'}${position.slice(31)}`
    for (const [store, options] of [
      [whole, { resumeFrom: position.slice(0, -4) }],
      [whole, { resumeFrom: changed }],
      [whole, { resumeFrom: position, streams: [...streams].reverse() }],
      [whole, { resumeFrom: position, streams: [first] }],
      [others, { resumeFrom: (await visit(whole, { streams: [first], venueOf }, {})).position }],
    ] as const)
      expect((await failureOf(visit(store, { venueOf, ...options }, {}))).error.kind).toBe('bad-position')
    const early = await visit(
      whole,
      { streams: [first], venueOf, range: { to: { kind: 'seq', seq: 10 } } },
      {},
    )
    const place = decodePlace(early.position)
    if (isLeft(place)) throw new Error(place.left)
    const [stream] = place.right.streams
    if (stream === undefined) throw new Error('no stream')
    const other = encodePlace({ ...place.right, streams: [{ ...stream, receiveTime: 1 }] })
    expect((await failureOf(visit(whole, { venueOf, resumeFrom: other }, {}))).error.kind).toBe(
      'bad-position',
    )
  })

  it.each([
    'replayBegins',
    'entryBegins',
    'entryEnded',
    'transactionEnded',
    'replayEnded',
    'sinkOf',
  ] as const)('a visitor whose %s is async, or answers with a promise', async (method) => {
    const declared = { [method]: async () => await Promise.reject(new Error('late')) } as ReplayVisitor
    const answering = { [method]: () => Promise.reject(new Error('late')) } as ReplayVisitor
    for (const visitor of [declared, answering]) {
      const { error } = await failureOf(visit(whole, { venueOf }, visitor))
      expect(error).toEqual({ kind: 'asynchronous-visitor', method })
    }
  })

  it('a sink with an async method', async () => {
    class Late extends EventCollector {
      // The mistake is the test.
      // eslint-disable-next-line @typescript-eslint/no-misused-promises
      override orderOpened = async (): Promise<void> => await Promise.resolve()
    }
    const { error } = await failureOf(visit(whole, { venueOf }, { sinkOf: () => new Late() }))
    expect(error).toEqual({ kind: 'asynchronous-visitor', method: 'orderOpened' })
  })
})

describe('a visitor that throws', () => {
  it.each([
    'replayBegins',
    'sinkOf',
    'entryBegins',
    'entryEnded',
    'transactionEnded',
    'replayEnded',
  ] as const)('in %s ends the replay with what it threw', async (method) => {
    const thrown = new Error('enough')
    const visitor = {
      [method]: () => {
        throw thrown
      },
    }
    await expect(visit(whole, { venueOf }, visitor)).rejects.toBe(thrown)
  })

  it('in a sink ends the replay with what it threw', async () => {
    const thrown = new Error('enough')
    class Thrower extends EventCollector {
      override bookValid(): void {
        throw thrown
      }
    }
    await expect(visit(whole, { venueOf }, { sinkOf: () => new Thrower() })).rejects.toBe(thrown)
  })
})

describe('an aborted replay', () => {
  it('ends right behind the entry at which it was aborted, wherever that is, and can be resumed', async () => {
    for (let cut = 0; cut < all.length; cut += 41) {
      const controller = new AbortController()
      const told: unknown[] = []
      const summary = await visit(
        whole,
        { streams, venueOf, signal: controller.signal },
        {
          entryEnded: ({ stream, seq }) => {
            told.push([stream, seq])
            if (told.length > cut) controller.abort()
          },
          replayEnded: () => {
            throw new Error('it came to no end')
          },
        },
      )
      expect(told).toEqual(all.slice(0, cut + 1))
      expect(summary).toMatchObject({ isComplete: false, entries: cut + 1 })
      expect(await seqsOf({ resumeFrom: summary.position })).toEqual(all.slice(cut + 1))
    }
  })

  it('does nothing when it was aborted before', async () => {
    const signal = AbortSignal.abort()
    const summary = await visit(whole, { streams, venueOf, signal }, {})
    expect(summary).toMatchObject({ isComplete: false, entries: 0 })
    expect(await seqsOf({ resumeFrom: summary.position })).toEqual(all)
    expect(await replay(whole, { venueOf, signal }).next()).toMatchObject({ done: true })
  })

  it('ends while it waits for its time, and listens to the signal no longer', async () => {
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const counted = Object.assign(signal, {
      addEventListener: (...words: Parameters<AbortSignal['addEventListener']>) => {
        listeners++
        EventTarget.prototype.addEventListener.apply(signal, words)
      },
      removeEventListener: (...words: Parameters<AbortSignal['removeEventListener']>) => {
        listeners--
        EventTarget.prototype.removeEventListener.apply(signal, words)
      },
    })
    const clock = new ManualPaceClock()
    const pace = new ReplayPace(clock, 1)
    const visiting = visit(whole, { streams, venueOf, pace, signal: counted }, {})
    for (let turn = 0; clock.timers === 0 && turn < 1000; turn++) await new Promise(setImmediate)
    expect(clock.timers).toBe(1)
    controller.abort()
    expect((await visiting).isComplete).toBe(false)
    expect({ listeners, timers: clock.timers }).toEqual({ listeners: 0, timers: 0 })
  })
})

describe('a store that fails on the way', () => {
  const damaged = (stream: StreamId, seq: number): StoreFailure =>
    new StoreFailure({ kind: 'damaged', stream, seq, detail: 'its bytes are not what was written.' })

  it.each([
    ['is damaged', damaged],
    ['vanishes', () => new StoreFailure({ kind: 'unavailable', message: 'The store is gone.' })],
  ] as const)('because it %s is told, with how far the replay came', async (_name, failure) => {
    const store = watched(whole, (stream, seq) =>
      stream === first && seq > 150 ? failure(stream, seq) : undefined,
    )
    const told: unknown[] = []
    const visitor: ReplayVisitor = { entryEnded: ({ stream, seq }) => void told.push([stream, seq]) }
    const { error, summary } = await failureOf(visit(store, { streams, venueOf }, visitor))
    expect(error).toMatchObject({ kind: 'store', error: failure(first, 0).error.kind === 'damaged' ? { kind: 'damaged', stream: first } : { kind: 'unavailable' } }) // prettier-ignore
    expect(told.length).toBeGreaterThan(100)
    expect(told).toEqual(all.slice(0, told.length))
    expect(summary).toMatchObject({ isComplete: false, entries: told.length })
    // Mended, it goes on there.
    expect(await seqsOf({ resumeFrom: summary?.position })).toEqual(all.slice(told.length))
  })

  it('before the first entry is told too', async () => {
    const failing = { ...whole, streams: async () => await Promise.reject(damaged(first, 1)) }
    expect((await failureOf(visit(failing, { venueOf }, {}))).error.kind).toBe('store')
  })
})

describe('missing entries', () => {
  /** Orders as the events alone tell them. */
  class Mirror extends QuietSink {
    readonly orders = new Map<number, string>()
    isValid = false
    readonly changes: string[] = []

    override bookStarted(): void {
      this.isValid = false
      this.orders.clear()
    }

    override bookValid(): void {
      this.isValid = true
      this.changes.push('valid')
    }

    override bookInvalid(reason: InvalidReason): void {
      this.isValid = false
      this.changes.push(reason)
    }

    override orderOpened(order: number, side: BookSide, price: number, size: number): void {
      this.orders.set(order, [side, price, size].join(' '))
    }

    override orderReduced(order: number, by: number): void {
      const [side, price, size] = this.orders.get(order)?.split(' ') ?? []
      if (Number(size) === by) this.orders.delete(order)
      else this.orders.set(order, [side, price, Number(size) - by].join(' '))
    }

    override orderRemoved(order: number): void {
      this.orders.delete(order)
    }
  }

  it('make the book invalid, and each change of that is an event: the book is told anew at its keyframe', async () => {
    const ends = [500, 1000, 1500, 2000, 2500, 2800]
    const base = await proofStore(toyLines(2800, 1500), ends, [300, 1100, 2600])
    const store = tampered(base, { payload: flippedAt(501) })
    await repair(store, await planRepair(store, toy))
    const mirror = new Mirror()
    let valid = 0
    await visit(
      store,
      { venueOf },
      {
        sinkOf: () => mirror,
        entryEnded: ({ seq, isValid, invalidReason, book }) => {
          expect(isValid).toBe(mirror.isValid)
          expect(isValid && seq > 500 && seq < 1100).toBe(false)
          if (seq > 1000 && seq < 1100) expect(invalidReason).toBe('missing-entries')
          if (!isValid) return
          valid++
          const told = [...mirror.orders.values()].sort()
          const orders = [...book.orders('bid'), ...book.orders('ask')]
          expect(told).toEqual(orders.map(({ side, price, size }) => [side, price, size].join(' ')).sort())
        },
      },
    )
    expect(valid).toBeGreaterThan(1000)
    expect(mirror.changes).toContain('missing-entries')
    expect(mirror.changes[mirror.changes.indexOf('missing-entries') + 1]).toBe('valid')
  })
})

describe('a book before its first snapshot', () => {
  it('is told to be none', async () => {
    const store = await toyStore(toySnapshot)
    const to = { kind: 'time', time: toyTime(4) } as const
    const reasons: unknown[] = []
    const visitor: ReplayVisitor = {
      entryEnded: ({ isValid, invalidReason }) => void reasons.push([isValid, invalidReason]),
    }
    const { streams: told } = await visit(store, { venueOf, range: { to } }, visitor)
    expect(new Set(reasons.map(String))).toEqual(new Set(['false,no-snapshot']))
    expect(told).toMatchObject([{ valid: false, reason: 'no-snapshot', lastSeq: 4 }])
  })
})
