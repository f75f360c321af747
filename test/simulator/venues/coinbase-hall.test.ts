import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { TEST_CREDENTIALS } from '../../../simulator/venues/coinbase-auth.ts'
import { CoinbaseFeed } from '../../../simulator/venues/coinbase-feed.ts'
import { CoinbaseHall } from '../../../simulator/venues/coinbase-hall.ts'
import { newCoinbaseLimits } from '../../../simulator/venues/coinbase-limits.ts'
import { SLOW_READER_LIMITS } from '../../../simulator/venues/slow-readers.ts'
import { generatedMarket } from '../bitfinex/generated-market.ts'
import { type Frame, signedFields, typeOf } from './coinbase-client.ts'
import { FakeConnection } from './fake-connection.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Bench {
  readonly hall: CoinbaseHall
  readonly feed: CoinbaseFeed
  readonly engine: CoinbaseFeed['market']['engine']
  readonly run: (events: number) => void
}

const bench = (quirks?: number, hasLimits = false, seed = 5): Bench => {
  const { market, run } = generatedMarket(seed, 'BTC-USD', 200)
  const now = (): number => market.engine.lastTime
  const feed = new CoinbaseFeed(market, now, { varies: quirks !== undefined, restBooks: 'current' })
  const hall = new CoinbaseHall({
    feeds: new Map([['BTC-USD', feed]]),
    credentials: TEST_CREDENTIALS,
    limits: hasLimits ? newCoinbaseLimits() : undefined,
    subscribeWithin: 5000,
    quirks,
  })
  return { hall, feed, engine: market.engine, run }
}

const join = (hall: CoinbaseHall, address?: string): FakeConnection => {
  const client = new FakeConnection(address)
  hall.welcome(client.connection)
  return client
}

const subscribe = (channels: readonly string[]): Frame => ({
  ...{ type: 'subscribe', product_ids: ['BTC-USD'], channels },
  ...signedFields(),
})

const typesOf = (client: FakeConnection): unknown[] => client.frames.map(typeOf)

describe('a Coinbase client', () => {
  it('is closed when it asks for nothing within 5 seconds, kept when it asks in time', () => {
    const { hall } = bench()
    const [silent, refused, good] = [join(hall), join(hall), join(hall)]
    vi.advanceTimersByTime(4999)
    refused.say(subscribe(['nothing']))
    good.say(subscribe(['heartbeat']))
    expect([silent.ending, refused.ending, good.ending]).toEqual([undefined, undefined, undefined])
    vi.advanceTimersByTime(1)
    expect([silent.ending, refused.ending, good.ending]).toEqual([
      [undefined, ''],
      [undefined, ''],
      undefined,
    ])
  })

  it('gets the last trade first, one ticker at once, and status now and then', () => {
    const { hall, feed, engine, run } = bench()
    run(400)
    const client = join(hall)
    client.say(subscribe(['matches', 'ticker', 'status']))
    expect(typesOf(client)).toEqual(['subscriptions', 'last_match', 'ticker', 'status'])
    expect(client.frames.slice(1, 3)).toMatchObject([
      { trade_id: engine.lastTrade },
      { trade_id: engine.lastTrade },
    ])
    const [, , , status] = client.frames as Frame[]
    expect(status).toMatchObject({
      products: [{ id: 'BTC-USD', base_currency: 'BTC', quote_increment: '0.01', status: 'online' }],
      currencies: [{ id: 'BTC', max_precision: '0.00000001' }, { id: 'USD' }],
    })
    hall.tellStatus()
    expect(client.frames.at(-1)).toEqual(status)
    run(3000)
    const matches = client.frames.filter((frame) => typeOf(frame) === 'match') as Frame[]
    const tickers = client.frames.filter((frame) => typeOf(frame) === 'ticker').slice(1) as Frame[]
    expect(matches.length).toBeGreaterThan(10)
    expect(tickers.length).toBeGreaterThan(0)
    // A cascade of matches makes one ticker, which shares the number of its last match.
    expect(tickers.length).toBeLessThan(matches.length)
    const numbers = new Set(matches.map((frame) => frame['sequence']))
    for (const ticker of tickers) expect(numbers.has(ticker['sequence'])).toBe(true)
    expect(feed.trades.last?.trade).toBe(engine.lastTrade)
  })

  it('gets ticker_batch when something traded, 5 seconds apart', () => {
    const { hall, feed, engine, run } = bench()
    run(400)
    const client = join(hall)
    client.say(subscribe(['ticker_batch']))
    const begun = engine.lastTime
    while (engine.lastTime - begun < 21_000_000) run(200)
    const times = client.frames
      .filter((frame) => typeOf(frame) === 'ticker')
      .slice(1)
      .map((frame) => Date.parse(String((frame as Frame)['time'])))
    expect(times.length).toBeGreaterThanOrEqual(4)
    expect(times.length).toBeLessThanOrEqual(5)
    const { length } = client.frames
    feed.beat()
    expect(client.frames.length).toBe(length)
  })

  it('gets heartbeats with the present number, some of them right before the event they tell of', () => {
    const { hall, feed, engine, run } = bench(1)
    const client = join(hall)
    client.say(subscribe(['full', 'heartbeat']))
    vi.advanceTimersByTime(100)
    for (let beat = 0; beat < 100; beat++) {
      feed.beat()
      run(20)
    }
    let newest = NaN
    let leading = 0
    let plain = 0
    for (const frame of client.frames as Frame[]) {
      const sequence = Number(frame['sequence'])
      if (frame['type'] === 'heartbeat') {
        const lead = sequence - newest
        if (lead === 1) leading++
        else if (lead === 0) plain++
      } else if (sequence > 0) newest = sequence
    }
    expect(leading).toBeGreaterThan(10)
    expect(plain).toBeGreaterThan(40)
    expect(leading + plain).toBeGreaterThan(97)
    feed.beat()
    feed.beat()
    const last = client.frames.findLast((frame) => typeOf(frame) === 'heartbeat')
    expect(last).toMatchObject({ sequence: engine.lastNumber })
  })

  it('is acknowledged after the first data at times, in the order of its requests', () => {
    const orders = new Set<string>()
    for (let seed = 0; seed < 12; seed++) {
      const { hall } = bench(seed)
      const client = join(hall)
      client.say(subscribe(['level2']))
      client.say(subscribe(['matches']))
      client.say({ type: 'unsubscribe', channels: ['level2'] })
      vi.advanceTimersByTime(100)
      const types = typesOf(client)
      expect(types.filter((type) => type === 'subscriptions').length).toBe(3)
      orders.add(types.slice(0, 2).join())
      const sets = client.frames
        .filter((frame) => typeOf(frame) === 'subscriptions')
        .map((frame) => (frame as { channels: unknown[] }).channels.length)
      expect(sets).toEqual([1, 2, 1])
    }
    expect(orders).toEqual(new Set(['subscriptions,snapshot', 'snapshot,subscriptions']))
  })

  it('is ended for a message too big, and for too many of them, with an error first', () => {
    const { hall } = bench(undefined, true)
    const big = join(hall)
    big.say(JSON.stringify({ type: 'subscribe', channels: ['x'.repeat(70_000)] }))
    expect(big.frames).toEqual([{ type: 'error', message: 'Message too big' }])
    expect(big.ending).toEqual([1009, 'Message too big'])
    expect(big.isPaused).toBe(true)
    vi.advanceTimersByTime(2000)
    const many = join(hall, 'other')
    for (let index = 0; index < 60; index++) {
      many.say(subscribe(['heartbeat']))
      many.ping()
    }
    expect(many.frames.at(-1)).toEqual({ type: 'error', message: 'Too many messages' })
    expect(many.ending).toEqual([1008, 'Too many messages'])
    expect(many.frames.length).toBe(51)
  })

  it('may subscribe ten times to a product and channel with one account', () => {
    const { hall } = bench(undefined, true)
    const clients = Array.from({ length: 11 }, () => join(hall))
    for (const client of clients) client.say(subscribe(['full']))
    expect(clients.flatMap(typesOf)).toEqual([...Array<string>(10).fill('subscriptions'), 'error'])
    clients[0]?.gone()
    clients[10]?.say(subscribe(['full']))
    expect(clients[10]?.frames.map(typeOf)).toEqual(['error', 'subscriptions'])
  })

  it('is cut with ErrSlowConsume when it does not read; another goes on', () => {
    const { hall, run } = bench()
    const [slow, good] = [join(hall, 'slow'), join(hall, 'good')]
    for (const client of [slow, good]) client.say(subscribe(['full']))
    slow.bufferedAmount = SLOW_READER_LIMITS.clientBytes + 1
    expect(hall.isBehind()).toBe(false)
    expect(slow.frames.at(-1)).toEqual({ type: 'error', message: 'ErrSlowConsume' })
    expect(slow.ending).toEqual([1008, 'ErrSlowConsume'])
    const { length } = slow.frames
    run(100)
    expect(slow.frames.length).toBe(length)
    expect(good.frames.length).toBeGreaterThan(100)
    vi.advanceTimersByTime(1000)
    expect(hall.hasReaders()).toBe(true)
    good.gone()
    expect(hall.hasReaders()).toBe(false)
  })

  it('is not regrouped for what changes nothing: its batch goes on', () => {
    const { hall, feed, run } = bench()
    const client = join(hall)
    client.say(subscribe(['level2_batch']))
    run(3)
    const { length } = client.frames
    client.say('nonsense')
    expect(client.frames.length).toBe(length + 1)
    feed.flush()
    expect(typesOf(client).at(-1)).toBe('l2update')
  })
})
