import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { BitfinexHall, type BitfinexHallOptions } from '../../../simulator/venues/bitfinex-hall.ts'
import { newBitfinexLimits } from '../../../simulator/venues/bitfinex-limits.ts'
import { answerBitfinex } from '../../../simulator/venues/bitfinex-rest.ts'
import { SLOW_READER_LIMITS } from '../../../simulator/venues/slow-readers.ts'
import { NaiveBitfinex } from '../playback/naive-books.ts'
import { FakeConnection } from '../venues/fake-connection.ts'
import { type GeneratedMarket, generatedMarket } from './generated-market.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const ALL_FLAGS = 229_376
const BULK = 536_870_912
const BOOK = { event: 'subscribe', channel: 'book', symbol: 'tBTCUSD', prec: 'R0', len: '25' }
const TRADES = { event: 'subscribe', channel: 'trades', symbol: 'tBTCUSD' }

interface Bench extends GeneratedMarket {
  readonly hall: BitfinexHall
  /** Moves on by this much of the venue's time, about. */
  readonly runFor: (milliseconds: number) => void
}

const bench = (more: Partial<BitfinexHallOptions> = {}): Bench => {
  const generated = generatedMarket(13)
  const { engine } = generated.market
  const hall = new BitfinexHall({
    ...{ markets: [generated.market], now: () => engine.lastTime, limits: undefined, quirks: undefined },
    ...{ rhythm: { milliseconds: 200, events: Infinity }, channelLimit: 25, heartbeat: 15_000 },
    patience: 60_000,
    ...more,
  })
  const runFor = (milliseconds: number): void => {
    const end = engine.lastTime + milliseconds * 1000
    while (engine.lastTime < end) generated.run(1)
  }
  return { ...generated, hall, runFor }
}

const join = (hall: BitfinexHall, flags?: number, address?: string): FakeConnection => {
  const client = new FakeConnection(address)
  hall.welcome(client.connection)
  if (flags !== undefined) client.say({ event: 'conf', flags })
  return client
}

type ArrayFrame = [number, unknown, ...unknown[]]

const arraysOf = (client: FakeConnection): ArrayFrame[] =>
  client.frames.filter((frame): frame is ArrayFrame => Array.isArray(frame))

const eventsOf = (client: FakeConnection): Record<string, unknown>[] =>
  client.frames.filter((frame): frame is Record<string, unknown> => !Array.isArray(frame))

const channelOf = (client: FakeConnection): number => Number(eventsOf(client).at(-1)?.['chanId'])

describe('a Bitfinex client', () => {
  it('is closed without a close frame after 60 seconds without a channel, at first or later', () => {
    const { hall } = bench()
    const [idle, busy] = [join(hall), join(hall)]
    busy.say(TRADES)
    vi.advanceTimersByTime(59_999)
    expect(idle.ending).toBe(undefined)
    vi.advanceTimersByTime(1)
    expect([idle.ending, busy.ending]).toEqual(['cut', undefined])
    busy.say({ event: 'unsubscribe', chanId: channelOf(busy) })
    vi.advanceTimersByTime(30_000)
    busy.say(TRADES)
    vi.advanceTimersByTime(60_000)
    expect(busy.ending).toBe(undefined)
    busy.say({ event: 'unsubscribe', chanId: channelOf(busy) })
    vi.advanceTimersByTime(60_000)
    expect(busy.ending).toBe('cut')
  })

  it('gets a heartbeat of each channel every 15 seconds, busy or quiet', () => {
    const { hall } = bench()
    const client = join(hall)
    client.say(TRADES)
    client.say(BOOK)
    vi.advanceTimersByTime(45_000)
    const beats = arraysOf(client).filter(([, content]) => content === 'hb')
    const [trades = 0, book = 0] = eventsOf(client)
      .slice(1)
      .map(({ chanId }) => Number(chanId))
    expect(beats.map(([id]) => id)).toEqual([trades, book, trades, book, trades, book])
  })

  it('gets the ticker: a snapshot, then changes with the bursts', () => {
    const { hall, runFor, market } = bench()
    runFor(3000)
    const client = join(hall)
    client.say({ event: 'subscribe', channel: 'ticker', symbol: 'tBTCUSD' })
    runFor(3000)
    const rows = arraysOf(client).map(([, row]) => row as (number | null)[])
    expect(rows.length).toBeGreaterThan(5)
    const { engine } = market
    for (const row of rows) {
      expect(row.length).toBe(10)
      const [bid, , ask, , change, , last, volume, high, low] = row as number[]
      expect(Number(bid)).toBeLessThan(Number(ask))
      expect([Number(last) >= Number(low), Number(last) <= Number(high), Number(volume) > 0]).toEqual([
        ...[true, true, true],
      ])
      expect(Number.isFinite(change)).toBe(true)
    }
    hall.flush()
    expect((arraysOf(client).at(-1)?.[1] as number[])[0]).toBe((engine.best('buy') ?? NaN) / 100)
  })

  it('gets an idle funding market for a funding symbol, a ticker of nulls before the first trade', () => {
    const { hall } = bench()
    const client = join(hall)
    client.say({ event: 'subscribe', channel: 'book', symbol: 'fUSD' })
    expect(client.frames.slice(1)).toMatchObject([
      { currency: 'USD', symbol: 'fUSD' },
      [channelOf(client), []],
    ])
    client.say({ event: 'subscribe', channel: 'ticker', symbol: 'tBTCUSD' })
    expect((arraysOf(client).at(-1)?.[1] as unknown[])[6]).toBe(null)
  })

  it('gets the updates of a burst in one frame, where it asked for that', () => {
    const { hall, runFor } = bench()
    const [plain, bulk] = [join(hall, ALL_FLAGS), join(hall, ALL_FLAGS + BULK)]
    for (const client of [plain, bulk]) client.say(BOOK)
    runFor(6000)
    hall.flush()
    const rebuilt = (client: FakeConnection): NaiveBitfinex => {
      const book = new NaiveBitfinex('R0')
      for (const [index, [, content, value]] of arraysOf(client).entries()) {
        if (content === 'cs') expect(book.checksum()).toBe(value)
        else if (index === 0 || client === plain) book.take(content)
        else for (const row of content as number[][]) book.take(row)
      }
      return book
    }
    expect([...rebuilt(bulk).bids.keys()]).toEqual([...rebuilt(plain).bids.keys()])
    const checks = (client: FakeConnection): number =>
      arraysOf(client).filter(([, content]) => content === 'cs').length
    expect(checks(bulk)).toBeGreaterThan(1)
    expect(checks(bulk)).toBe(checks(plain))
    const times = arraysOf(bulk)
      .filter(([, content]) => content !== 'cs')
      .map((frame) => frame.at(-1))
    expect(new Set(times.slice(1)).size).toBe(times.length - 1)
  })

  it('sees orders amended in place, and leave and enter the window again', () => {
    const { hall, runFor } = bench()
    const client = join(hall, ALL_FLAGS)
    client.say(BOOK)
    runFor(20_000)
    const book = new NaiveBitfinex('R0')
    const gone = new Set<number>()
    let amended = 0
    let entered = 0
    for (const [index, [, content]] of arraysOf(client).entries()) {
      if (content === 'cs' || content === 'hb') continue
      if (index > 0) {
        const [id, price] = content as [number, number, number]
        const isHeld = book.bids.has(String(id)) || book.asks.has(String(id))
        if (price === 0) gone.add(id)
        else if (isHeld) amended++
        else if (gone.has(id)) entered++
      }
      book.take(content)
    }
    expect([amended > 0, entered > 0, book.unknownDeletes, book.largestSide]).toEqual([true, true, 0, 25])
  })

  it('sees most trades confirmed in order, some not, and those of before again when it subscribes again', () => {
    const { hall, runFor } = bench()
    const client = join(hall, ALL_FLAGS)
    client.say(TRADES)
    runFor(20_000)
    hall.flush()
    const told = (kind: string): number[] =>
      arraysOf(client)
        .filter(([, content]) => content === kind)
        .map((frame) => (frame[2] as number[])[0] ?? NaN)
    const [executed, confirmed] = [told('te'), told('tu')]
    expect(executed.length).toBeGreaterThan(60)
    expect([...confirmed].sort((one, other) => one - other)).toEqual(executed)
    const inPlace = confirmed.filter((id, index) => id === executed[index]).length
    expect(inPlace).toBeGreaterThan(executed.length / 3)
    expect(inPlace).toBeLessThan(executed.length)
    client.say({ event: 'unsubscribe', chanId: channelOf(client) })
    client.say(TRADES)
    const snapshot = arraysOf(client).at(-1)?.[1] as number[][]
    expect(snapshot.map(([id]) => id)).toEqual(executed.slice(-30).reverse())
  })

  it('sees some bursts reach over into the next millisecond, deletes before', () => {
    const { hall, runFor } = bench({ quirks: 4 })
    const client = join(hall, ALL_FLAGS)
    client.say(BOOK)
    vi.advanceTimersByTime(400)
    runFor(60_000)
    const updates = arraysOf(client)
      .filter(([, content]) => Array.isArray(content))
      .slice(1)
    let straddling = 0
    for (const [index, update] of updates.entries()) {
      const before = updates[index - 1]
      const gap = Number(update.at(-1)) - Number(before?.at(-1))
      if (gap !== 1) continue
      straddling++
      expect([(before?.[1] as number[])[1] === 0, (update[1] as number[])[1] === 0]).toEqual([true, false])
    }
    expect(straddling).toBeGreaterThan(3)
    const sequences = arraysOf(client).map((frame) => frame.at(-2))
    expect(sequences).toEqual(sequences.map((_, index) => index + 1))
  })

  it('is told of maintenance; nothing comes until it is over, then the book goes on', () => {
    const { hall, runFor } = bench()
    const client = join(hall, ALL_FLAGS)
    client.say(BOOK)
    client.say(TRADES)
    runFor(1000)
    hall.pause(true)
    const { length } = client.sent
    runFor(3000)
    hall.flush()
    expect(client.sent.length).toBe(length)
    const ask = (path: string): unknown => answerBitfinex(path, hall, { address: 'a', now: 0 })
    expect(ask('/v2/platform/status')).toEqual({ status: 200, text: '[0]' })
    expect(ask('/v2/book/tBTCUSD/R0')).toEqual({ status: 500, text: '["error",20060,"maintenance"]' })
    expect(join(hall).frames).toMatchObject([{ event: 'info', platform: { status: 0 } }])
    hall.pause(false)
    runFor(1000)
    expect(client.sent.length).toBeGreaterThan(length)
    expect(ask('/v2/platform/status')).toEqual({ status: 200, text: '[1]' })
  })

  it('is cut when it floods, when its message is too big, and when it does not read', () => {
    const { hall, runFor } = bench({ limits: newBitfinexLimits() })
    const flood = join(hall, undefined, 'flood')
    for (let index = 0; index < 60; index++) {
      flood.say({ event: 'ping' })
      flood.ping()
    }
    expect([flood.ending, flood.isPaused, flood.sent.length]).toEqual([[1008, 'too many messages'], true, 51])
    const big = join(hall, undefined, 'big')
    big.say(`{"event":"ping","cid":"${'x'.repeat(70_000)}"}`)
    expect([big.ending, big.sent.length]).toEqual([[1009, 'message too big'], 1])
    const [slow, good] = [join(hall, undefined, 'slow'), join(hall, undefined, 'good')]
    for (const client of [slow, good]) client.say(BOOK)
    slow.bufferedAmount = SLOW_READER_LIMITS.clientBytes + 1
    expect(hall.isBehind()).toBe(false)
    expect(slow.ending).toEqual([1008, 'too slow'])
    const { length } = slow.sent
    runFor(1000)
    expect(slow.sent.length).toBe(length)
    expect(good.sent.length).toBeGreaterThan(10)
    vi.advanceTimersByTime(1000)
  })

  it('that left is forgotten, also with an acknowledgement on its way', () => {
    for (let quirks = 0; quirks < 20; quirks++) {
      const { hall, runFor } = bench({ quirks })
      const client = join(hall)
      client.say(BOOK)
      client.gone()
      vi.advanceTimersByTime(1000)
      const { length } = client.sent
      runFor(500)
      expect([client.sent.length, hall.hasReaders(), hall.all().length]).toEqual([length, false, 0])
    }
  })
})

describe('the REST side of Bitfinex', () => {
  it.each([
    ['/v2/conf/pub:list:pair:exchange', 200, [['BTCUSD']]],
    ['/v2/book/tNOPE/R0', 500, ['error', 10_020, 'symbol: invalid']],
    ['/v2/book/tBTCUSD/P9', 500, ['error', 10_020, 'precision: invalid']],
    ['/v2/book/tBTCUSD/P0?len=7', 500, ['error', 10_020, 'len: invalid']],
    ['//', 404, ['error', 10_020, 'path: invalid']],
    ['/v2/book/%', 500, ['error', 10_020, 'symbol: invalid']],
    ['/v2/trades/tBTCUSD/other', 404, ['error', 10_020, 'path: invalid']],
  ])('answers %s with %i', (path, status, body) => {
    const { hall } = bench()
    const answer = answerBitfinex(path, hall, { address: 'a', now: 0 })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, body])
  })

  it.each([1, 25, 100, 250])('gives books of %i rows a side', (length) => {
    const { hall } = bench()
    for (const precision of ['R0', 'P0', 'P1', 'P2', 'P3', 'P4']) {
      const path = `/v2/book/tBTCUSD/${precision}?len=${String(length)}`
      const rows = JSON.parse(answerBitfinex(path, hall, { address: 'a', now: 0 }).text) as number[][]
      const bids = rows.filter(([, , amount = 0]) => amount > 0)
      expect(bids.length).toBeGreaterThan(0)
      expect(bids.length).toBeLessThanOrEqual(length)
      if (precision === 'R0') expect(rows.length).toBe(2 * length)
      const digits = precision === 'R0' ? 17 : 5 - Number(precision.slice(1))
      for (const [price] of precision === 'R0' ? [] : rows)
        expect(String(price).replace(/0+$/, '').length).toBeLessThanOrEqual(digits)
    }
  })

  it('gives trades by limit, time and order', () => {
    const { hall, runFor, market } = bench()
    const from = Math.floor(market.engine.lastTime / 1000)
    runFor(10_000)
    const ask = (query: string): number[][] =>
      JSON.parse(
        answerBitfinex(`/v2/trades/tBTCUSD/hist${query}`, hall, { address: 'a', now: 0 }).text,
      ) as number[][]
    const all = ask('?limit=1000')
    expect(all.length).toBeGreaterThan(30)
    expect(ask('?limit=5')).toEqual(all.slice(0, 5))
    expect(ask('?limit=1000&sort=1')).toEqual([...all].reverse())
    const middle = from + 5000
    expect(ask(`?limit=1000&start=${String(middle)}`)).toEqual(all.filter(([, time = 0]) => time >= middle))
    expect(ask(`?limit=1000&end=${String(middle)}`)).toEqual(all.filter(([, time = 0]) => time <= middle))
  })

  it('blocks an address for a minute after 90 requests to an endpoint in one', () => {
    const { hall } = bench({ limits: newBitfinexLimits() })
    const ask = (path: string, now: number, address = 'a'): number =>
      answerBitfinex(path, hall, { address, now }).status
    for (let index = 0; index < 90; index++) expect(ask('/v2/platform/status', index)).toBe(200)
    expect(answerBitfinex('/v2/platform/status', hall, { address: 'a', now: 100 })).toEqual({
      ...{ status: 429, text: '{"error":"ERR_RATE_LIMIT"}' },
    })
    expect([ask('/v2/platform/status', 60_099), ask('/v2/platform/status', 60_100)]).toEqual([429, 200])
    expect([ask('/v2/book/tBTCUSD/R0', 200), ask('/v2/platform/status', 200, 'b')]).toEqual([200, 200])
  })
})
