import { afterEach, describe, expect, it } from 'vitest'

import { type ServeOptions, type Serving, startServe } from '../../../simulator/playback/start-serve.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { bitfinexVenue } from '../../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { EntryScript, manifestOf } from '../../support/entries.ts'
import { generateFullFeed, recordsOf } from '../../support/full-feed.ts'
import { storeOf } from '../../support/stored-streams.ts'
import { connect, type PlainClient, until } from '../playback/playback-client.ts'
import { type Frame, NaiveBook, type RestBook } from '../venues/coinbase-client.ts'

const START = 1_700_000_000_000_000
const SIGNED = { key: 'k', passphrase: 'p', timestamp: '1', signature: 's' }

let serving: Serving | undefined
afterEach(async () => {
  await serving?.stop()
  serving = undefined
})

const serve = async (
  store: EventStore,
  streams: readonly string[],
  more: Partial<ServeOptions> = {},
): Promise<Serving> => {
  const named = streams.map((stream) => ({
    stream: stream as `${string}:${string}`,
    venue: stream.startsWith('coinbase') ? coinbaseVenue : bitfinexVenue,
  }))
  serving = await startServe({
    ...{ store, streams: named, range: {}, speed: 'max', port: 0, control: true },
    ...more,
  })
  return serving
}

const wsOf = (server: Serving, venue: string): string => server.endpoints[venue]?.ws ?? ''
const restOf = (server: Serving, venue: string): string => server.endpoints[venue]?.rest ?? ''

const control = async (server: Serving, venue: string, action: string): Promise<Response> =>
  await fetch(`${restOf(server, venue)}/simulator/${action}`, { method: 'POST' })

/** Until so many clients have their place in the play. */
const placed = async (server: Serving, clients: number): Promise<void> => {
  const position = async (): Promise<number> => {
    const answer = await fetch(`${restOf(server, 'coinbase')}/simulator/position`)
    return ((await answer.json()) as { clients: readonly unknown[] }).clients.length
  }
  for (const end = performance.now() + 120_000; (await position()) < clients;)
    if (performance.now() > end) throw new Error(`${String(clients)} clients are not placed`)
}

const ended = (server: Serving): Promise<void> =>
  until('the plays end', () =>
    server.activity().every(({ begunPlays, runningPlays }) => begunPlays > 0 && runningPlays === 0),
  )

const parsed = (client: PlainClient): readonly Frame[] =>
  client.frames.map((text) => JSON.parse(text) as Frame)
const sequenced = (client: PlainClient): readonly Frame[] =>
  parsed(client).filter(({ type }) => !['subscriptions', 'heartbeat', 'error'].includes(String(type)))

const subscribeFull = (client: PlainClient): void =>
  client.send({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['full'], ...SIGNED })

/** Levels: 60 updates a millisecond apart behind a snapshot; entry 4 is the snapshot. */
const levelScript = (): Uint8Array => {
  const script = new EntryScript().at(START)
  script.runStarted(manifestOf({ venue: 'coinbase', symbol: 'BTC-USD', feed: 'level2_batch', mode: 'full' }))
  script.opened()
  const channels = [{ name: 'level2_50', product_ids: ['BTC-USD'] }]
  script.frame({ type: 'subscriptions', channels })
  const snapshot = {
    type: 'snapshot',
    product_id: 'BTC-USD',
    asks: [['101.00', '1']],
    bids: [['100.00', '1']],
  }
  script.after(1000).frame(snapshot)
  for (let update = 1; update <= 60; update++) {
    const changes = [['buy', `${String(40 + (update % 9))}.50`, String(update)]]
    const time = '2023-11-14T22:13:20.000000Z'
    script.after(1000).frame({ type: 'l2update', product_id: 'BTC-USD', changes, time })
  }
  return script.records()
}

const BITFINEX_EVENTS = (connection: number): readonly object[] => [
  { event: 'info', version: 2, platform: { status: 1 } },
  { event: 'conf', status: 'OK', flags: 229_376 },
  { event: 'subscribed', channel: 'book', chanId: 70 + connection, symbol: 'tBTCUSD', prec: 'P0', freq: 'F0', len: '25', pair: 'BTCUSD' }, // prettier-ignore
]

/** Two connections of ten updates each; between frames of one of them stands a millisecond. */
const bitfinexScript = (): Uint8Array => {
  const script = new EntryScript().at(START + 500)
  script.runStarted(
    manifestOf({ venue: 'bitfinex', symbol: 'tBTCUSD', pair: 'BTC-USD', feed: 'P0', mode: 'full' }),
  )
  for (const connection of [1, 2]) {
    script.opened(connection)
    for (const event of BITFINEX_EVENTS(connection)) script.frame(event, connection)
    const time = (): number => Math.floor(script.now() / 1000)
    const id = 70 + connection
    script.after(1000).frame([id, [[100 + connection, 1, 5], [110, 2, -6]], 1, time()], connection) // prettier-ignore
    for (let update = 2; update <= 11; update++)
      script.after(1000).frame([id, [90 + update / 10, 1, update], update, time()], connection)
    if (connection === 1) script.after(1000).closed(connection)
  }
  return script.records()
}

const subscribeBook = (client: PlainClient): void => {
  client.send({ event: 'conf', flags: 229_376 })
  client.send({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD', prec: 'P0', len: '25' })
}
const rowsOf = (client: PlainClient): readonly unknown[] =>
  client.frames.filter((text) => text.startsWith('[')).map((text) => (JSON.parse(text) as unknown[])[1])

const fullStore = async (): Promise<{ store: EventStore; feed: ReturnType<typeof generateFullFeed> }> => {
  const feed = generateFullFeed(3000, 120)
  const store = await storeOf([{ venue: coinbaseVenue, pair: 'BTC-USD', chunks: [recordsOf(feed)] }])
  return { store, feed }
}

describe('serving stored streams', () => {
  it.each([undefined, 700])(
    'lets a full client rebuild the book from REST and feed, from entry %s',
    async (from) => {
      const { store, feed } = await fullStore()
      const range = from === undefined ? {} : { from: { kind: 'seq', seq: from } as const }
      const server = await serve(store, ['coinbase:BTC-USD'], { range })
      const client = await connect(wsOf(server, 'coinbase'))
      subscribeFull(client)
      await until('the first frame', () => sequenced(client).length > 0)
      const answer = await fetch(`${restOf(server, 'coinbase')}/products/BTC-USD/book?level=3`)
      const book = new NaiveBook((await answer.json()) as RestBook)
      await ended(server)
      const first = from === undefined ? 0 : from - 4
      await until('all frames', () => sequenced(client).length === feed.frames.length - first)
      expect(client.frames.filter((text) => feed.frames.includes(text))).toEqual(feed.frames.slice(first))
      expect(book.sequence).toBeGreaterThanOrEqual(feed.sequence + first)
      for (const frame of sequenced(client)) book.apply(frame)
      const plain = (rows: readonly { price: string; size: string; id: string }[]): unknown =>
        rows.map(({ price, size, id }) => [Number(price), Number(size), id])
      expect(plain(book.rows('buy'))).toEqual(plain(feed.truth.bids))
      expect(plain(book.rows('sell'))).toEqual(plain(feed.truth.asks))
      await client.close()
    },
  )

  it('refuses what the recording does not hold, and tells its product', async () => {
    const { store } = await fullStore()
    const server = await serve(store, ['coinbase:BTC-USD'])
    const client = await connect(wsOf(server, 'coinbase'))
    client.send({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['level3'], ...SIGNED })
    await until('the refusal', () => client.frames.length > 0)
    expect(parsed(client)[0]).toEqual({
      type: 'error',
      message: 'Failed to subscribe',
      reason: 'level3 of BTC-USD is not in this recording',
    })
    const products: unknown = await (await fetch(`${restOf(server, 'coinbase')}/products`)).json()
    expect(products).toMatchObject([{ id: 'BTC-USD', quote_increment: '0.01' }])
    expect((await fetch(`${restOf(server, 'coinbase')}/products/ETH-USD/book?level=3`)).status).toBe(404)
    await client.close()
  })

  it('closes its client where the recording was closed, and goes on from there with the next', async () => {
    const store = await storeOf([{ venue: bitfinexVenue, pair: 'BTC-USD', chunks: [bitfinexScript()] }])
    const server = await serve(store, ['bitfinex:BTC-USD'])
    const first = await connect(wsOf(server, 'bitfinex'))
    subscribeBook(first)
    await until('the close', () => first.isClosed())
    expect(rowsOf(first).length).toBe(11)
    expect(rowsOf(first)[0]).toEqual([[101, 1, 5], [110, 2, -6]]) // prettier-ignore
    const second = await connect(wsOf(server, 'bitfinex'))
    subscribeBook(second)
    await until('the rest', () => rowsOf(second).length === 11)
    expect(rowsOf(second)[0]).toEqual([[102, 1, 5], [110, 2, -6]]) // prettier-ignore
    const tails = second.frames
      .filter((text) => text.startsWith('['))
      .map((text) => (JSON.parse(text) as unknown[])[2])
    expect(tails).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    await second.close()
  })

  it('steps several streams in one order, and gives a client that joins the book of the moment', async () => {
    const store = await storeOf([
      { venue: coinbaseVenue, pair: 'BTC-USD', chunks: [levelScript()] },
      { venue: bitfinexVenue, pair: 'BTC-USD', chunks: [bitfinexScript()] },
    ])
    const server = await serve(store, ['coinbase:BTC-USD', 'bitfinex:BTC-USD'], { speed: 1 })
    expect((await control(server, 'bitfinex', 'pause')).status).toBe(200)
    const [levels, book] = [await connect(wsOf(server, 'coinbase')), await connect(wsOf(server, 'bitfinex'))]
    const subscribeLevels = (client: PlainClient): void =>
      client.send({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['level2_batch'] })
    subscribeLevels(levels)
    subscribeBook(book)
    await placed(server, 2)
    // The acknowledgements of the recording are frames too: one there, three here.
    await control(server, 'coinbase', 'step?n=10')
    await until('three of each', () => sequenced(levels).length === 3 && rowsOf(book).length === 3)
    const late = await connect(wsOf(server, 'coinbase'))
    const lateBook = await connect(wsOf(server, 'bitfinex'))
    subscribeLevels(late)
    subscribeBook(lateBook)
    await until('its books', () => sequenced(late).length === 1 && rowsOf(lateBook).length === 1)
    expect(sequenced(late)[0]).toMatchObject({
      ...{ type: 'snapshot', asks: [['101', '1']] },
      bids: [['100', '1'], ['42.5', '2'], ['41.5', '1']], // prettier-ignore
    })
    expect(rowsOf(lateBook)[0]).toEqual([[101, 1, 5], [90.3, 1, 3], [90.2, 1, 2], [110, 2, -6]]) // prettier-ignore
    await control(server, 'coinbase', 'step?n=1')
    await until(
      'one more of the first stream',
      () => sequenced(levels).length === 4 && sequenced(late).length === 2,
    )
    expect([rowsOf(book).length, rowsOf(lateBook).length]).toEqual([3, 1])
    await control(server, 'coinbase', 'resume')
    await control(server, 'coinbase', 'speed?x=1000')
    await until('the end', () => sequenced(levels).length === 61 && sequenced(late).length === 59)
    expect((await control(server, 'coinbase', 'step?n=0')).status).toBe(400)
    expect((await control(server, 'coinbase', 'speed?x=fast')).status).toBe(400)
    for (const client of [levels, book, late, lateBook]) await client.close()
  })

  it('goes on for others while one client does not read', async () => {
    const feed = generateFullFeed(40_000, 120)
    const store = await storeOf([{ venue: coinbaseVenue, pair: 'BTC-USD', chunks: [recordsOf(feed)] }])
    const server = await serve(store, ['coinbase:BTC-USD'])
    const stuck = await connect(wsOf(server, 'coinbase'))
    stuck.pause()
    subscribeFull(stuck)
    const reader = await connect(wsOf(server, 'coinbase'))
    subscribeFull(reader)
    const counted = (client: PlainClient): number =>
      client.frames.filter((text) => text.includes('"sequence"') && !text.includes('"heartbeat"')).length
    await until('all frames of the reader', () => counted(reader) === feed.frames.length)
    const plays = server.activity()[0]
    expect(plays).toMatchObject({ begunPlays: 2, runningPlays: 1 })
    stuck.resume()
    await until('all frames of the other', () => counted(stuck) === feed.frames.length)
    await stuck.close()
    await reader.close()
  })

  it('says what cannot be served, and leaves no port open', async () => {
    const store = await storeOf([{ venue: bitfinexVenue, pair: 'BTC-USD', chunks: [bitfinexScript()] }])
    const range = { from: { kind: 'seq', seq: 5000 } as const }
    await expect(serve(store, ['bitfinex:BTC-USD'], { range })).rejects.toThrow(
      /^bitfinex:BTC-USD has no entry in that range: it holds entries 1 to 32, from 2023-11-14T22:13:20.000500Z to /,
    )
    const server = await serve(store, ['bitfinex:BTC-USD'])
    const port = Number(new URL(restOf(server, 'bitfinex')).port)
    await expect(startServe({ store, streams: [{ stream: 'bitfinex:BTC-USD', venue: bitfinexVenue }], range: {}, speed: 1, port, control: false })).rejects.toMatchObject({ code: 'EADDRINUSE' }) // prettier-ignore
    expect((await fetch(`${restOf(server, 'bitfinex')}/v2/book/tBTCUSD/P0?len=25`)).status).toBe(200)
  })
})
