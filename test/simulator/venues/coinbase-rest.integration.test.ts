import { setImmediate } from 'node:timers/promises'

import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { type CoinbaseServerOptions, startCoinbase } from '../../../simulator/venues/coinbase-server.ts'
import type { SimulatedVenue } from '../../../simulator/venues/simulated-venue.ts'
import { type GeneratedMarket, generatedMarket } from '../bitfinex/generated-market.ts'
import {
  type Frame,
  get,
  NaiveBook,
  type RestBook,
  signedFields,
  TestClient,
  typeOf,
} from './coinbase-client.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const bench = async (
  more: Partial<CoinbaseServerOptions>,
): Promise<GeneratedMarket & { served: SimulatedVenue }> => {
  const generated = generatedMarket(8, 'BTC-USD', 300)
  const { market } = generated
  const served = await startCoinbase({
    port: 0,
    markets: [market],
    now: () => market.engine.lastTime,
    intercept: () => false,
    ...more,
  })
  endings.push(served.stop)
  return { ...generated, served }
}

const reader = async (served: SimulatedVenue): Promise<TestClient> => {
  const client = await TestClient.open(served.ws)
  endings.push(() => client.close())
  client.ask({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['full'], ...signedFields() })
  await client.first('subscriptions')
  return client
}

const sequences = (client: TestClient): number[] =>
  client.frames.map((frame) => Number((frame as Frame)['sequence'])).filter((sequence) => sequence > 0)

describe('the REST side of Coinbase', () => {
  it('gives a book older than the queue every other time, where that is wanted', async () => {
    const { served, run, market } = await bench({ restBooks: 'older' })
    const before = market.engine.lastNumber
    run(300)
    const client = await reader(served)
    run(300)
    await client.until(() => sequences(client).length > 0)
    const url = `${served.rest}/products/BTC-USD/book?level=3`
    const older = (await get(url)).body as RestBook
    expect(older.sequence).toBe(before)
    expect(older.sequence).toBeLessThan((sequences(client)[0] ?? 0) - 1)
    const current = (await get(url)).body as RestBook
    expect(current.sequence).toBe(market.engine.lastNumber)
  })

  it('gives a book ahead of the feed, which comes after and fits', async () => {
    const { served, run, market } = await bench({ restBooks: 'newer' })
    const client = await reader(served)
    run(50)
    await client.until(() => sequences(client).at(-1) === market.engine.lastNumber)
    let body: RestBook | undefined
    const asked = get(`${served.rest}/products/BTC-USD/book?level=3`).then((reply) => {
      body = reply.body as RestBook
      return sequences(client).at(-1) ?? NaN
    })
    while (body === undefined) {
      if (market.engine.lastNumber < 20_000) run(5)
      await setImmediate()
    }
    expect(await asked).toBeLessThan(body.sequence)
    run(50)
    await client.until(() => sequences(client).at(-1) === market.engine.lastNumber)
    const book = new NaiveBook(body)
    for (const frame of client.frames as Frame[]) if (Number(frame['sequence']) > 0) book.apply(frame)
    expect(book.sequence).toBe(market.engine.lastNumber)
    expect(book.rows('buy').map(({ id }) => id)).toEqual(served.rows()[0]?.bids.map(({ id }) => id))
  })

  it('gives trades page by page', async () => {
    const { served, run, market } = await bench({})
    run(4000)
    const newest = market.engine.lastTrade ?? NaN
    const page = async (query: string): Promise<{ ids: number[]; before: string; after: string }> => {
      const reply = await fetch(`${served.rest}/products/BTC-USD/trades${query}`, {
        headers: { 'user-agent': 'test' },
      })
      const ids = ((await reply.json()) as { trade_id: number }[]).map(({ trade_id: id }) => id)
      return { ids, before: reply.headers.get('cb-before') ?? '', after: reply.headers.get('cb-after') ?? '' }
    }
    const first = await page('?limit=10')
    expect(first.ids).toEqual(Array.from({ length: 10 }, (_, index) => newest - index))
    expect([first.before, first.after]).toEqual([String(newest), String(newest - 9)])
    expect((await page(`?limit=2&after=${first.after}`)).ids).toEqual([newest - 10, newest - 11])
    expect((await page(`?before=${String(newest - 2)}`)).ids).toEqual([newest, newest - 1])
    expect(await page(`?before=${first.before}`)).toEqual({ ids: [], before: '', after: '' })
    expect((await page('?limit=x&after=-1')).ids.length).toBe(newest)
  })

  it('refuses too many requests with 429, an address and an account each for itself', async () => {
    const { served } = await bench({ limits: true })
    const statuses = await Promise.all(Array.from({ length: 40 }, () => get(`${served.rest}/time`)))
    const refused = statuses.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(10)
    expect(refused.length).toBeLessThanOrEqual(25)
    expect(refused[0]?.body).toEqual({ message: 'Public rate limit exceeded' })
    const { key, passphrase, timestamp, signature } = signedFields()
    const signed = await get(`${served.rest}/users/self/verify`, {
      ...{ 'CB-ACCESS-KEY': String(key), 'CB-ACCESS-PASSPHRASE': String(passphrase) },
      ...{ 'CB-ACCESS-TIMESTAMP': String(timestamp), 'CB-ACCESS-SIGN': String(signature) },
    })
    expect(signed.status).toBe(404)
  })

  it('refuses a 21st connection at once with 429, answers a product that is none with 404', async () => {
    const { served } = await bench({ limits: true })
    const open = async (): Promise<unknown> => {
      const socket = new WebSocket(served.ws)
      endings.push(() => socket.terminate())
      return await new Promise((resolve) => {
        socket.on('open', () => resolve('open'))
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
        socket.on('error', () => undefined)
      })
    }
    const answers = await Promise.all(Array.from({ length: 40 }, open))
    const refused = answers.filter((answer) => answer === 429).length
    expect(refused).toBeGreaterThan(10)
    expect(refused).toBeLessThanOrEqual(20)
    expect(answers.filter((answer) => answer === 'open').length).toBe(40 - refused)
    expect((await get(`${served.rest}/products/NO-NE`)).status).toBe(404)
  })

  it('serves a client with quirks of every seed the same book', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { served, run, market } = await bench({ quirks: seed })
      const client = await reader(served)
      run(400)
      await client.until(() => sequences(client).length > 0)
      const url = `${served.rest}/products/BTC-USD/book?level=3`
      let body = (await get(url)).body as RestBook
      while (body.sequence < (sequences(client)[0] ?? 0) - 1) body = (await get(url)).body as RestBook
      run(400)
      await client.until(() => sequences(client).at(-1) === market.engine.lastNumber)
      const seen = sequences(client)
      expect(seen).toEqual(seen.map((_, index) => (seen[0] ?? 0) + index))
      const frames = client.frames.filter((frame) => typeOf(frame) !== 'heartbeat') as Frame[]
      const book = new NaiveBook(body)
      for (const frame of frames) if (Number(frame['sequence']) > 0) book.apply(frame)
      expect(book.rows('sell').map(({ id }) => id)).toEqual(served.rows()[0]?.asks.map(({ id }) => id))
    }
  })
})
