/**
 * Two connections of one stream, each with losses, reorders and ends of its own: the book is the truth's as long as one
 * of them is whole, and a gap is told only where both lost.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BitfinexHall } from '../../simulator/venues/bitfinex-hall.ts'
import { TEST_CREDENTIALS } from '../../simulator/venues/coinbase-auth.ts'
import { CoinbaseFeed } from '../../simulator/venues/coinbase-feed.ts'
import { CoinbaseHall } from '../../simulator/venues/coinbase-hall.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { bitfinexVenue } from '../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { generatedMarket } from '../simulator/bitfinex/generated-market.ts'
import { FakeConnection } from '../simulator/venues/fake-connection.ts'
import { EntryScript, manifestOf } from '../support/entries.ts'
import { generateFullFeed } from '../support/full-feed.ts'

const PAIR = 'BTC-USD'
const BOOK_URL = `http://simulated/products/${PAIR}/book?level=3`

/** A keeper that is saved and restored now and then, as at keyframes. */
class Recording {
  readonly script = new EntryScript()
  gaps = 0
  duplicates = 0
  keeper: BookKeeper
  private readonly venue: Venue

  constructor(venue: Venue, symbol: string, feed: string) {
    this.venue = venue
    this.keeper = new BookKeeper(venue)
    this.script.runStarted(manifestOf({ venue: venue.id, symbol, feed }))
  }

  take(isCut: boolean): void {
    this.keeper.applyRecords(this.script.records())
    if (!isCut) return
    const { gaps, duplicates } = this.keeper.summary()
    this.gaps += gaps
    this.duplicates += duplicates
    const state = this.keeper.save()
    this.keeper = new BookKeeper(this.venue)
    this.keeper.restore(state)
    expect(Buffer.compare(this.keeper.save(), state)).toBe(0)
  }

  get allGaps(): number {
    return this.gaps + this.keeper.summary().gaps
  }

  get allDuplicates(): number {
    return this.duplicates + this.keeper.summary().duplicates
  }
}

/** What becomes of each message on one of two sockets; both deliver all of the last ones. */
const fates = fc.array(
  fc.record({
    lost: fc.constantFrom(false, false, false, true),
    overtakes: fc.constantFrom(false, false, true),
    lag: fc.nat(3),
  }),
  { minLength: 60, maxLength: 60 },
)

describe('coinbase messages with numbers', () => {
  it('are lost only where both connections lost them, and the book is the engine’s', () => {
    fc.assert(
      fc.property(fates, fates, fc.boolean(), fc.boolean(), (one, two, mayLoseBoth, isCut) => {
        const feed = generateFullFeed(200, 40)
        const run = new Recording(coinbaseVenue, PAIR, 'full')
        run.script.opened(1).opened(2)
        const [first = ''] = feed.frames
        run.script.frame(first, 1).frame(first, 2)
        run.script.response(BOOK_URL, feed.body)
        const fatesOf = (connection: 1 | 2, index: number) =>
          (connection === 1 ? one : two)[index - 1] ?? { lost: false, overtakes: false, lag: 0 }
        const arrivals: { readonly at: number; readonly connection: number; readonly text: string }[] = []
        let bothLost = 0
        feed.frames.forEach((text, index) => {
          if (index === 0) return
          let lost = 0
          for (const connection of [1, 2] as const) {
            const fate = fatesOf(connection, index)
            if (fate.lost && (mayLoseBoth || lost === 0)) lost++
            else arrivals.push({ at: index + fate.lag - (fate.overtakes ? 1.5 : 0), connection, text })
          }
          if (lost === 2) bothLost++
        })
        arrivals.sort((a, b) => a.at - b.at || a.connection - b.connection)
        for (const { connection, text } of arrivals) {
          run.script.after(1_000).frame(text, connection)
          run.take(isCut)
        }
        // Long enough for a hole to be given up.
        run.script.after(1_000_000).timer('reorder')
        run.take(isCut)
        const { valid, verified } = run.keeper.summary()
        if (bothLost > 0) {
          expect({ valid, isGap: run.allGaps > 0 }).toEqual({ valid: false, isGap: true })
          return
        }
        expect({ valid, verified, gaps: run.allGaps }).toEqual({ valid: true, verified: true, gaps: 0 })
        expect(run.allDuplicates).toBe(arrivals.length + 2 - feed.frames.length)
        const rows = (side: 'bid' | 'ask') =>
          run.keeper
            .book()
            .orders(side)
            .map(({ order }) => run.keeper.orderId(order))
        expect(rows('bid')).toEqual(feed.truth.bids.map(({ id }) => id))
        expect(rows('ask')).toEqual(feed.truth.asks.map(({ id }) => id))
      }),
      { numRuns: 25 },
    )
  })
})

interface Line {
  number: number
  client: FakeConnection
  isWhole: boolean
}

/** Two connections of a simulated venue into one stream, and a third, sound one beside it that tells the truth. */
class TwoLines {
  readonly recording: Recording
  readonly truth: Recording
  readonly lines: Line[]
  private connections = 0
  private readonly sound: FakeConnection
  private readonly connect: () => FakeConnection

  constructor(venue: Venue, symbol: string, feed: string, connect: () => FakeConnection) {
    this.connect = connect
    this.recording = new Recording(venue, symbol, feed)
    this.truth = new Recording(venue, symbol, feed)
    this.truth.script.opened(1)
    this.sound = connect()
    this.lines = [this.open(), this.open()]
  }

  private open(): Line {
    const number = ++this.connections
    this.recording.script.opened(number)
    return { number, client: this.connect(), isWhole: true }
  }

  replace(index: number): void {
    const line = this.lines[index]
    if (line === undefined) return
    line.client.gone()
    this.recording.script.closed(line.number)
    this.lines[index] = this.open()
  }

  /** Takes what was sent; `lose`: a frame in the middle, neither of the handshake nor the last, does not arrive. */
  deliver(lose: readonly boolean[], isCut: boolean): void {
    const { recording, truth } = this
    for (const text of this.sound.sent.splice(0)) truth.script.frame(text, 1)
    truth.take(false)
    this.lines.forEach((line, index) => {
      const texts = line.client.sent.splice(0)
      const numbered = texts.filter((text) => text.startsWith('['))
      const victim = lose[index] === true && numbered.length > 3 ? numbered[numbered.length - 2] : undefined
      for (const text of texts) {
        if (text === victim) line.isWhole = false
        else recording.script.frame(text, line.number)
      }
    })
    recording.take(isCut)
    recording.script.after(300_000)
    truth.script.after(300_000)
  }

  expectTruth(): void {
    const { recording, truth } = this
    expect(truth.keeper.summary().valid).toBe(true)
    expect(recording.keeper.summary()).toMatchObject({ valid: true, reason: null })
    expect(recording.keeper.digest().digest).toBe(truth.keeper.digest().digest)
  }
}

const steps = fc.array(
  fc.record({
    loses: fc.tuple(fc.constantFrom(false, false, true), fc.constantFrom(false, false, true)),
    ends: fc.constantFrom<(number | undefined)[]>(undefined, undefined, 0, 1),
    isCut: fc.boolean(),
  }),
  { minLength: 5, maxLength: 10 },
)

describe.each(['R0', 'P0'])('bitfinex connections with books of their own, %s', (feed) => {
  it('give a valid book as long as one of them is whole, and a gap only where both lost', () => {
    let losses = 0
    let bothLost = 0
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 99 }), (all, seed) => {
        const { market, run } = generatedMarket(seed, PAIR, 120)
        const { engine } = market
        const hall = new BitfinexHall({
          ...{ markets: [market], now: () => engine.lastTime, limits: undefined, quirks: undefined },
          ...{ rhythm: { milliseconds: 200, events: Infinity }, channelLimit: 25, heartbeat: 15_000 },
          patience: 60_000,
        })
        const lines = new TwoLines(bitfinexVenue, 'tBTCUSD', feed, () => {
          const client = new FakeConnection()
          hall.welcome(client.connection)
          client.say({ event: 'conf', flags: 229_376 })
          for (const channel of ['book', 'trades'])
            client.say({ event: 'subscribe', channel, symbol: 'tBTCUSD', prec: feed, freq: 'F0', len: '25' })
          return client
        })
        let hasLostBoth = false
        for (const { loses, ends, isCut } of [
          { loses: [false, false], ends: undefined, isCut: false },
          ...all,
        ]) {
          run(150)
          hall.flush()
          lines.deliver(loses, isCut)
          const broken = lines.lines.filter(({ isWhole }) => !isWhole)
          losses += broken.length
          if (broken.length === 2) hasLostBoth = true
          else lines.expectTruth()
          // The decoder asked for a new connection in the place of each that lost something.
          lines.lines.forEach((line, index) => {
            if (!line.isWhole) lines.replace(index)
          })
          if (ends !== undefined && broken.length === 0) lines.replace(ends)
          run(20)
          hall.flush()
          lines.deliver([], isCut)
          lines.expectTruth()
        }
        expect(lines.recording.allGaps > 0).toBe(hasLostBoth)
        if (hasLostBoth) bothLost++
      }),
      { numRuns: 12 },
    )
    expect(losses).toBeGreaterThan(bothLost * 2)
    expect(bothLost).toBeGreaterThan(0)
  })
})

describe('coinbase connections with books by level', () => {
  it('give a valid book as long as one of them is there', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 99 }), (all, seed) => {
        const { market, run } = generatedMarket(seed, PAIR, 120)
        const now = (): number => market.engine.lastTime
        const served = new CoinbaseFeed(market, now, { varies: false, restBooks: 'current' })
        const hall = new CoinbaseHall({
          feeds: new Map([[PAIR, served]]),
          credentials: TEST_CREDENTIALS,
          ...{ limits: undefined, subscribeWithin: 5000, quirks: undefined },
        })
        const lines = new TwoLines(coinbaseVenue, PAIR, 'level2_batch', () => {
          const client = new FakeConnection()
          hall.welcome(client.connection)
          client.say({
            type: 'subscribe',
            product_ids: [PAIR],
            channels: ['level2_batch', 'matches', 'heartbeat'],
          })
          return client
        })
        for (const { ends, isCut } of all) {
          run(100)
          served.beat()
          lines.deliver([], isCut)
          lines.expectTruth()
          if (ends === undefined) continue
          lines.replace(ends)
          lines.recording.take(isCut)
          expect(lines.recording.keeper.summary().valid).toBe(true)
        }
        expect(lines.recording.allGaps).toBe(0)
        const { trades } = lines.recording.keeper.summary()
        expect(trades).toBeLessThanOrEqual(lines.truth.keeper.summary().trades)
      }),
      { numRuns: 15 },
    )
  })
})
