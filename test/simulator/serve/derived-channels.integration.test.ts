import { afterEach, describe, expect, it } from 'vitest'

import type { Serving } from '../../../simulator/playback/start-serve.ts'
import type { OrderRow } from '../../../src/book/digest.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { type FullFeed, generateFullFeed, recordsOf } from '../../support/full-feed.ts'
import { storeOf } from '../../support/stored-streams.ts'
import { connect, type PlainClient, until } from '../playback/playback-client.ts'
import { framesOf, playsEnded, serveStreams, SIGNED, wsOf } from './served-streams.ts'

let serving: Serving | undefined
afterEach(async () => {
  await serving?.stop()
  serving = undefined
})

const fullStore = async (): Promise<{ store: EventStore; feed: FullFeed }> => {
  const feed = generateFullFeed(3000, 120)
  return {
    feed,
    store: await storeOf([{ venue: coinbaseVenue, pair: 'BTC-USD', chunks: [recordsOf(feed)] }]),
  }
}

const subscribed = async (server: Serving, channels: readonly string[]): Promise<PlainClient> => {
  const client = await connect(wsOf(server, 'coinbase'))
  client.send({ type: 'subscribe', product_ids: ['BTC-USD'], channels, ...SIGNED })
  return client
}

type Levels = Map<number, number>
interface LevelBook {
  readonly buy: Levels
  readonly sell: Levels
  /** Messages after which best bid and best ask were not apart. */
  crossed: number
}
type Row = readonly [string, string]

/** The book of a client of level channels. */
const levelBookOf = (client: PlainClient): LevelBook => {
  const book: LevelBook = { buy: new Map(), sell: new Map(), crossed: 0 }
  for (const frame of framesOf(client, 'snapshot', 'l2update')) {
    if (frame['type'] === 'snapshot') {
      const { bids, asks } = frame as unknown as { bids: readonly Row[]; asks: readonly Row[] }
      for (const [side, rows] of [
        [book.buy, bids],
        [book.sell, asks],
      ] as const) {
        // prettier-ignore
        side.clear()
        for (const [price, size] of rows) side.set(Number(price), Number(size))
      }
    }
    const { changes = [] } = frame as unknown as { changes?: readonly ['buy' | 'sell', string, string][] }
    for (const [side, price, size] of changes) {
      if (Number(size) === 0) book[side].delete(Number(price))
      else book[side].set(Number(price), Number(size))
    }
    if (Math.max(...book.buy.keys()) >= Math.min(...book.sell.keys())) book.crossed++
  }
  return book
}

/** In units, so that sums are exact. */
const sumsOf = (orders: readonly OrderRow[]): readonly (readonly [number, number])[] => {
  const levels: Levels = new Map()
  for (const { price, size } of orders)
    levels.set(Number(price), (levels.get(Number(price)) ?? 0) + Math.round(Number(size) * 1e8))
  return [...levels].sort(([one], [other]) => one - other)
}
const inUnits = (levels: Levels): readonly (readonly [number, number])[] =>
  [...levels]
    .map(([price, size]) => [price, Math.round(size * 1e8)] as const)
    .sort(([one], [other]) => one - other)

describe('channels made of a stored full stream', () => {
  it.each(['level2', 'level2_batch'])(
    '%s: snapshot and changes lead to the stream’s book',
    async (channel) => {
      const { store, feed } = await fullStore()
      serving = await serveStreams(store, ['coinbase:BTC-USD'])
      const client = await subscribed(serving, [channel])
      await playsEnded(serving)
      const book = (): LevelBook => levelBookOf(client)
      const size = sumsOf(feed.truth.bids).length + sumsOf(feed.truth.asks).length
      await until('the book', () => book().buy.size + book().sell.size === size)
      await client.close()
      expect(inUnits(book().buy)).toEqual(sumsOf(feed.truth.bids))
      expect(inUnits(book().sell)).toEqual(sumsOf(feed.truth.asks))
      if (channel === 'level2') expect(book().crossed).toBe(0)
      expect(framesOf(client, 'snapshot').length).toBe(1)
      const updates = framesOf(client, 'l2update').length
      expect(channel === 'level2' ? updates > 1000 : updates > 10 && updates < 500).toBe(true)
    },
  )

  it('joins in the middle with the levels of the moment, beside the orders, and tells tickers', async () => {
    const { store, feed } = await fullStore()
    const range = { from: { kind: 'seq', seq: 1500 } as const }
    serving = await serveStreams(store, ['coinbase:BTC-USD'], { range })
    const client = await subscribed(serving, ['full', 'level2', 'ticker'])
    await playsEnded(serving)
    const last = feed.frames.at(-1) ?? ''
    await until('the last frame', () => client.frames.includes(last))
    await client.close()
    expect(inUnits(levelBookOf(client).buy)).toEqual(sumsOf(feed.truth.bids))
    expect(inUnits(levelBookOf(client).sell)).toEqual(sumsOf(feed.truth.asks))
    const matches = framesOf(client, 'match')
    const tickers = framesOf(client, 'ticker')
    const cascades = new Set(matches.map(({ time }) => time)).size
    // The first one tells of the last trade before.
    expect(tickers.length).toBe(1 + cascades)
    const { trade_id, price, size, time, sequence } = matches.at(-1) ?? {}
    expect(tickers.at(-1)).toMatchObject({ trade_id, price, last_size: size, time, sequence })
    expect(Number(tickers.at(-1)?.['best_ask'])).toBeGreaterThan(Number(tickers.at(-1)?.['best_bid']))
    const prices = matches.map((match) => Number(match['price']))
    expect(Number(tickers.at(-1)?.['high_24h'])).toBeGreaterThanOrEqual(Math.max(...prices))
  })

  it('end for a channel that is given up, and go on for the other', async () => {
    const { store } = await fullStore()
    serving = await serveStreams(store, ['coinbase:BTC-USD'], { speed: 1 })
    const client = await subscribed(serving, ['level2', 'level2_batch'])
    await until('both', () => framesOf(client, 'l2update').length > 50)
    client.send({ type: 'unsubscribe', product_ids: ['BTC-USD'], channels: ['level2'] })
    await until('the answer', () => framesOf(client, 'subscriptions').length === 2)
    const answered = client.frames.findLastIndex((text) => text.includes('"subscriptions"'))
    const later = (): readonly string[] => client.frames.slice(answered + 1)
    await until('batches', () => later().filter((text) => text.includes('l2update')).length > 3)
    const counts = later().map((text) => (JSON.parse(text) as { changes?: unknown[] }).changes?.length ?? 0)
    expect(Math.min(...counts.filter((count) => count > 0))).toBeGreaterThan(1)
    await client.close()
  })
  it('end with the subscription, so that a flood of them leaves one', async () => {
    const { store } = await fullStore()
    const server = (serving = await serveStreams(store, ['coinbase:BTC-USD'], { speed: 0.1 }))
    const client = await connect(wsOf(server, 'coinbase'))
    const plays = (): { begunPlays: number; runningPlays: number } =>
      server.activity()[0] ?? { begunPlays: 0, runningPlays: 0 }
    const request = { product_ids: ['BTC-USD'], channels: ['full', 'level2'], ...SIGNED }
    for (let round = 1; round <= 5; round++) {
      for (let times = 0; times < 50; times++) {
        client.send({ type: 'subscribe', ...request })
        client.send({ type: 'unsubscribe', ...request })
      }
      client.send({ type: 'subscribe', ...request })
      const snapshots = framesOf(client, 'snapshot').length
      await until('a play', () => framesOf(client, 'snapshot').length > snapshots)
    }
    expect(plays().begunPlays).toBeGreaterThanOrEqual(5)
    await until('the plays given up end', () => plays().runningPlays === 1)
    await client.close()
  })
})
