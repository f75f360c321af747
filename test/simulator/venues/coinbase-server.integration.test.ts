import { request } from 'node:http'

import { afterEach, describe, expect, it } from 'vitest'

import { Engine } from '../../../simulator/engine/engine.ts'
import { OrderFlow } from '../../../simulator/engine/order-flow.ts'
import { signatureFor, TEST_CREDENTIALS } from '../../../simulator/venues/coinbase-auth.ts'
import { REFUSAL } from '../../../simulator/venues/coinbase-channels.ts'
import { startCoinbase } from '../../../simulator/venues/coinbase-server.ts'
import type { SimulatedVenue } from '../../../simulator/venues/simulated-venue.ts'
import { digestOrderRows } from '../../../src/index.ts'
import {
  type Frame,
  get,
  NaiveBook,
  type RestBook,
  signedFields,
  TestClient,
  typeOf,
} from './coinbase-client.ts'

interface Bench {
  readonly served: SimulatedVenue
  readonly engines: readonly Engine[]
  readonly flows: readonly OrderFlow[]
}

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const bench = async (subscribeWithin = 5000, compression = false): Promise<Bench> => {
  const made = ['BTC-USD', 'ETH-USD'].map((pair, index) => {
    const engine = new Engine({ priceScale: 2, sizeScale: 8, firstNumber: 500, firstTrade: 50 })
    const flow = new OrderFlow({
      ...{ engine, seed: index, startTime: 1_700_000_000_000_000, price: 600_000, size: 1e7 },
      ...{ orders: 200, meanGap: 1000 },
    })
    flow.fill()
    return { engine, flow, market: { pair, engine, priceScale: 2, sizeScale: 8, seed: index } }
  })
  const engines = made.map(({ engine }) => engine)
  const served = await startCoinbase({
    port: 0,
    markets: made.map(({ market }) => market),
    now: () => Math.max(...engines.map(({ lastTime }) => lastTime)),
    intercept: () => false,
    subscribeWithin,
    compression,
  })
  endings.push(served.stop)
  return { served, engines, flows: made.map(({ flow }) => flow) }
}

const connect = async (served: SimulatedVenue): Promise<TestClient> => {
  const client = await TestClient.open(served.ws)
  endings.push(() => client.close())
  return client
}

const subscribe = (channels: unknown[], products = ['BTC-USD'], more: Frame = {}): Frame => ({
  ...{ type: 'subscribe', product_ids: products, channels },
  ...more,
})

const answerTo = async (served: SimulatedVenue, frame: Frame): Promise<Frame> => {
  const client = await connect(served)
  client.ask(frame)
  await client.until(() => client.frames.length > 0)
  return client.frames[0] as Frame
}

const run = (flow: OrderFlow | undefined, actions: number): void => {
  for (let action = 0; action < actions; action++) flow?.step()
}

describe('the handshake', () => {
  it('closes a client that subscribes to nothing in time, keeps one that does', async () => {
    const { served } = await bench(300)
    const silent = await connect(served)
    const busy = await connect(served)
    busy.ask(subscribe(['heartbeat']))
    await silent.until(() => silent.isClosed)
    const { length } = busy.frames
    await busy.first('heartbeat', length)
    expect(busy.isClosed).toBe(false)
  })

  it.each([
    [subscribe(['full']), REFUSAL],
    [subscribe(['level3']), REFUSAL],
    [subscribe(['level2']), REFUSAL],
    [subscribe(['full'], ['BTC-USD'], signedFields('d3Jvbmcgc2VjcmV0')), REFUSAL],
    [subscribe(['full'], ['BTC-USD'], signedFields(undefined, String(Date.now() / 1000 - 40))), REFUSAL],
    [subscribe(['full'], ['BTC-USD'], { ...signedFields(), passphrase: 'x' }), REFUSAL],
    [subscribe(['matches'], ['BTC-USDX']), 'BTC-USDX is not a valid product'],
    [subscribe(['noise']), 'noise is not a valid channel'],
    [subscribe([]), 'No channels provided'],
  ])('refuses %j in the words of the venue', async (frame, reason) => {
    const { served } = await bench()
    expect(await answerTo(served, frame)).toEqual({ type: 'error', message: 'Failed to subscribe', reason })
  })

  it('answers what is no request with an error and goes on', async () => {
    const { served } = await bench()
    const client = await connect(served)
    for (const text of ['{', '[]', 'null', '{"type":"hello"}']) client.socket.send(text)
    await client.until(() => client.frames.length === 4)
    expect(client.frames.map(typeOf)).toEqual(['error', 'error', 'error', 'error'])
    client.ask(subscribe(['full'], ['BTC-USD'], signedFields()))
    expect(await client.first('subscriptions')).toBeDefined()
  })

  it('answers every request with the whole current set, under the old names', async () => {
    const { served } = await bench()
    const client = await connect(served)
    const sets = (): unknown[] => client.frames.filter((frame) => typeOf(frame) === 'subscriptions')
    client.ask(subscribe(['heartbeat', { name: 'level2_batch', product_ids: ['ETH-USD'] }]))
    client.ask(subscribe(['matches'], ['ETH-USD']))
    client.ask({ type: 'unsubscribe', channels: ['level2_50'] })
    client.ask({
      type: 'unsubscribe',
      product_ids: ['BTC-USD', 'ETH-USD'],
      channels: ['heartbeat', 'matches'],
    })
    await client.until(() => sets().length === 4)
    const plain = sets().map((set) => {
      const { channels } = set as { channels: { name: string; product_ids: string[] }[] }
      return Object.fromEntries(channels.map(({ name, product_ids: ids }) => [name, [...ids].sort()]))
    })
    const both = ['BTC-USD', 'ETH-USD']
    expect(plain).toEqual([
      { heartbeat: ['BTC-USD'], level2_50: both },
      { heartbeat: ['BTC-USD'], level2_50: both, matches: ['ETH-USD'] },
      { heartbeat: ['BTC-USD'], matches: ['ETH-USD'] },
      {},
    ])
  })
})

describe('the channels', () => {
  it.each([
    ['plain', false],
    ['compressed', true],
  ])('gives every reader of full the frames from which the book is rebuilt (%s)', async (_, compression) => {
    const { served, engines, flows } = await bench(5000, compression)
    const client = await connect(served)
    client.ask(subscribe(['full', 'heartbeat', 'matches'], ['BTC-USD'], signedFields()))
    await client.first('subscriptions')
    expect(client.socket.extensions).toBe(compression ? 'permessage-deflate' : '')
    run(flows[0], 500)
    const { body } = await get(`${served.rest}/products/BTC-USD/book?level=3`)
    const book = new NaiveBook(body as RestBook)
    expect(book.sequence).toBe(engines[0]?.lastNumber)
    for (let turn = 0; turn < 20; turn++) {
      run(flows[0], 300)
      await new Promise((resolve) => setImmediate(resolve))
    }
    run(flows[1], 300)
    const isSequenced = (frame: unknown): boolean => {
      const { order_id: order, trade_id: trade } = frame as Frame
      return order !== undefined || trade !== undefined
    }
    const newest = (): unknown => (client.frames.findLast(isSequenced) as Frame | undefined)?.['sequence']
    await client.until(() => newest() === engines[0]?.lastNumber)
    const sequenced = client.frames.filter(isSequenced).map((frame) => frame as Frame)
    for (const frame of sequenced) book.apply(frame)
    const truth = served.books()[0]
    expect(book.sequence).toBe(truth?.sequence)
    expect(digestOrderRows(book.rows('buy'), book.rows('sell'))).toBe(truth?.digest)
    expect(truth?.bids).toBe(book.rows('buy').length)
    expect(new Set(sequenced.map((frame) => frame['product_id']))).toEqual(new Set(['BTC-USD']))
  })

  it('begins level3 with its schema, then numbers every event', async () => {
    const { served, engines, flows } = await bench()
    const client = await connect(served)
    client.ask(subscribe(['level3'], ['BTC-USD'], signedFields()))
    await client.first('level3')
    const first = engines[0]?.lastNumber ?? NaN
    run(flows[0], 200)
    const last = engines[0]?.lastNumber ?? NaN
    const arrays = (): unknown[][] =>
      client.frames.filter((frame): frame is unknown[] => Array.isArray(frame))
    await client.until(() => arrays().at(-1)?.[2] === String(last))
    expect(arrays().map((frame) => Number(frame[2]))).toEqual(
      Array.from({ length: last - first }, (_, index) => first + 1 + index),
    )
  })

  it.each([
    ['level2_batch', {}],
    ['level2', signedFields()],
  ])('tells the levels of %s: snapshot, then new totals', async (channel, credentials) => {
    const { served, engines, flows } = await bench()
    const client = await connect(served)
    client.ask(subscribe([channel], ['BTC-USD'], credentials))
    const snapshot = await client.first('snapshot')
    run(flows[0], 2000)
    served.flush()
    const before = client.frames.length
    client.ask(subscribe(['heartbeat'], ['ETH-USD']))
    await client.first('subscriptions', before)
    const levels = { buy: new Map<string, string>(), sell: new Map<string, string>() }
    for (const [price, size] of snapshot['bids'] as [string, string][]) levels.buy.set(price, size)
    for (const [price, size] of snapshot['asks'] as [string, string][]) levels.sell.set(price, size)
    const updates = client.frames
      .map((frame) => frame as Frame)
      .filter((frame) => frame['type'] === 'l2update')
    expect(updates.length).toBeGreaterThan(5)
    for (const update of updates) {
      const changes = update['changes'] as ['buy' | 'sell', string, string][]
      if (channel === 'level2') expect(changes.length).toBe(1)
      for (const [side, price, size] of changes) {
        if (Number(size) === 0) levels[side].delete(price)
        else levels[side].set(price, size)
      }
    }
    for (const side of ['buy', 'sell'] as const) {
      const told = [...levels[side]].map(([price, size]) => [
        Math.round(Number(price) * 100),
        Math.round(Number(size) * 1e8),
      ])
      const held = engines[0]?.levels(side).map(({ price, size }) => [price, size])
      expect(told.sort(([left = 0], [right = 0]) => left - right)).toEqual(
        held?.sort(([left = 0], [right = 0]) => left - right),
      )
    }
  })

  it('tells the last trade first, then each trade once, and heartbeats with the current numbers', async () => {
    const { served, engines, flows } = await bench()
    run(flows[0], 500)
    const lastTrade = engines[0]?.lastTrade
    const client = await connect(served)
    client.ask(subscribe(['matches', 'ticker', 'heartbeat']))
    expect(await client.first('last_match')).toMatchObject({ trade_id: lastTrade })
    expect(await client.first('ticker')).toMatchObject({ trade_id: lastTrade })
    run(flows[0], 500)
    const heartbeat = await client.first('heartbeat')
    expect(heartbeat).toMatchObject({
      sequence: engines[0]?.lastNumber,
      last_trade_id: engines[0]?.lastTrade,
    })
    const trades = client.frames
      .filter((frame) => typeOf(frame) === 'match')
      .map((frame) => (frame as Frame)['trade_id'])
    const count = (engines[0]?.lastTrade ?? 0) - (lastTrade ?? 0)
    expect(count).toBeGreaterThan(10)
    expect(trades).toEqual(Array.from({ length: count }, (_, index) => (lastTrade ?? 0) + 1 + index))
    const { body } = await get(`${served.rest}/products/BTC-USD/trades`)
    expect((body as Frame[])[0]).toMatchObject({ trade_id: engines[0]?.lastTrade })
  })
})

describe('REST', () => {
  it('lists the products with their increments', async () => {
    const { served } = await bench()
    const { body } = await get(`${served.rest}/products`)
    const one = {
      id: 'ETH-USD',
      base_increment: '0.00000001',
      quote_increment: '0.01',
      status: 'online',
      display_name: 'ETH/USD',
    }
    expect(body).toEqual([expect.objectContaining({ id: 'BTC-USD' }), expect.objectContaining(one)])
    expect((await get(`${served.rest}/products/ETH-USD`)).body).toMatchObject({
      ...one,
      base_currency: 'ETH',
      quote_currency: 'USD',
    })
  })

  it('gives the book by level with a number of orders', async () => {
    const { served, engines } = await bench()
    const { body } = await get(`${served.rest}/products/BTC-USD/book?level=2`)
    const { bids } = body as { bids: [string, string, number][] }
    const levels = engines[0]?.levels('buy') ?? []
    expect(bids.map(([, , orders]) => orders)).toEqual(levels.map(({ orders }) => orders))
    const best = await get(`${served.rest}/products/BTC-USD/book`)
    expect((best.body as { asks: unknown[] }).asks.length).toBe(1)
  })

  it.each([
    ['/products/NOPE/book', 404],
    ['/nothing', 404],
    ['//', 404],
    ['/products/BTC-USD/book?level=4', 400],
    ['/time', 200],
  ])('answers %s with %i', async (path, status) => {
    const { served } = await bench()
    expect((await get(`${served.rest}${path}`)).status).toBe(status)
  })

  it('wants a User-Agent, and a good signature where one is sent', async () => {
    const { served } = await bench()
    const bare = await new Promise<number | undefined>((resolve, reject) => {
      request(`${served.rest}/time`, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(bare).toBe(400)
    const path = '/products/BTC-USD/book?level=3'
    const timestamp = String(Math.floor(Date.now() / 1000))
    const headers = (signature: string): Record<string, string> => ({
      ...{ 'CB-ACCESS-KEY': TEST_CREDENTIALS.key, 'CB-ACCESS-PASSPHRASE': TEST_CREDENTIALS.passphrase },
      ...{ 'CB-ACCESS-TIMESTAMP': timestamp, 'CB-ACCESS-SIGN': signature },
    })
    const good = signatureFor(TEST_CREDENTIALS.secret, timestamp, `GET${path}`)
    expect((await get(served.rest + path, headers(good))).status).toBe(200)
    expect((await get(served.rest + path, headers('AAAA'))).status).toBe(401)
  })
})
