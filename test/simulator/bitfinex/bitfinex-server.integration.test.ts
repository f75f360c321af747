import { setImmediate } from 'node:timers/promises'

import { afterEach, describe, expect, it } from 'vitest'

import {
  type BitfinexServerOptions,
  type SimulatedBitfinex,
  startBitfinex,
} from '../../../simulator/venues/bitfinex-server.ts'
import { digestLevelRows, digestOrderRows } from '../../../src/index.ts'
import { NaiveBitfinex, plainDigits } from '../playback/naive-books.ts'
import { connect, type PlainClient, until } from '../playback/playback-client.ts'
import { type GeneratedMarket, generatedMarket, START } from './generated-market.ts'

const ALL_FLAGS = 229_376

let served: SimulatedBitfinex | undefined
afterEach(async () => {
  await served?.stop()
  served = undefined
})

const serve = async (
  markets: readonly GeneratedMarket[],
  more: Partial<BitfinexServerOptions> = {},
): Promise<SimulatedBitfinex> => {
  served = await startBitfinex({
    port: 0,
    markets: markets.map(({ market }) => market),
    now: () => markets.reduce((latest, { market }) => Math.max(latest, market.engine.lastTime), START),
    intercept: () => false,
    ...more,
  })
  return served
}

interface Event {
  readonly event: string
  readonly chanId: number
  readonly code: number
  readonly msg: string
}

const eventsOf = (client: PlainClient): readonly Event[] =>
  client.frames.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as Event)

const arraysOf = (client: PlainClient): readonly unknown[][] =>
  client.frames.filter((text) => text.startsWith('[')).map((text) => JSON.parse(text) as unknown[])

const configured = async (url: string): Promise<PlainClient> => {
  const client = await connect(url)
  client.send({ event: 'conf', flags: ALL_FLAGS })
  await until('conf is answered', () => eventsOf(client).at(-1)?.event === 'conf')
  return client
}

const subscribed = async (client: PlainClient, request: object): Promise<number> => {
  const before = eventsOf(client).length
  client.send({ event: 'subscribe', ...request })
  await until('an answer', () => eventsOf(client).length > before)
  const answer = eventsOf(client)[before]
  expect(answer?.event).toBe('subscribed')
  return answer?.chanId ?? -1
}

/** What a client that rebuilds one channel and checks everything finds. */
const rebuild = (
  client: PlainClient,
  channel: number,
  precision: string,
): { book: NaiveBitfinex; checksums: number } => {
  const book = new NaiveBitfinex(precision)
  let checksums = 0
  for (const [id, content, value] of arraysOf(client)) {
    if (id !== channel || content === 'hb') continue
    if (content !== 'cs') book.take(content)
    else {
      expect(book.checksum()).toBe(value)
      checksums++
    }
  }
  return { book, checksums }
}

const expectContiguous = (client: PlainClient): void => {
  const sequences = arraysOf(client).map((frame) => frame.at(-2))
  expect(sequences.length).toBeGreaterThan(0)
  expect(sequences).toEqual(sequences.map((_, place) => place + 1))
}

const digestOf = (book: NaiveBitfinex, precision: string): string => {
  const rows = (side: 'bids' | 'asks'): { price: string; size: string; id: string; orderCount: number }[] =>
    book.sorted(side).map((row) => ({
      price: plainDigits(String(precision === 'R0' ? row[1] : row[0])),
      size: plainDigits(String(row[2])),
      id: String(row[0]),
      orderCount: row[1],
    }))
  const digest = precision === 'R0' ? digestOrderRows : digestLevelRows
  return digest(rows('bids'), rows('asks'))
}

describe('the simulated Bitfinex', () => {
  it.each([
    ['R0', 250],
    ['R0', 25],
    ['R0', 1],
    ['P0', 100],
    ['P0', 1],
    ['P2', 25],
  ])('lets a client of %s books of %i rebuild the window', async (precision, length) => {
    const generated = generatedMarket(7)
    const server = await serve([generated])
    const client = await configured(server.ws)
    const channel = await subscribed(client, {
      channel: 'book',
      symbol: 'tBTCUSD',
      prec: precision,
      len: String(length),
    })
    for (let turn = 0; turn < 60; turn++) {
      generated.run(500)
      await setImmediate()
    }
    server.flush()
    const digest = (): string => digestOf(rebuild(client, channel, precision).book, precision)
    await until('the last burst', () => digest() === server.books()[0]?.digest)
    await until('the last checksum', () => arraysOf(client).at(-1)?.[1] === 'cs')
    const { book, checksums } = rebuild(client, channel, precision)
    expect(checksums).toBeGreaterThan(0)
    expect(book.unknownDeletes).toBe(0)
    expect(book.largestSide).toBeLessThanOrEqual(length)
    expectContiguous(client)
    const window = server.window('BTC-USD', precision, length)
    expect(book.sorted('bids').length).toBe(window?.bids.length)
    await client.close()
  })

  it('sends bursts every 200 ms of its time, deletes first, and checksums every 2.5 s', async () => {
    const generated = generatedMarket(11)
    const server = await serve([generated])
    const client = await configured(server.ws)
    const channel = await subscribed(client, {
      channel: 'book',
      symbol: 'tBTCUSD',
      prec: 'R0',
      len: '100',
    })
    const begun = generated.market.engine.lastTime
    while (generated.market.engine.lastTime - begun < 12_000_000) {
      generated.run(500)
      await setImmediate()
    }
    server.flush()
    await until('the last checksum', () => arraysOf(client).at(-1)?.[1] === 'cs')
    const frames = arraysOf(client)
      .filter(([id, content]) => id === channel && content !== 'hb')
      .slice(1)
    const bursts = new Map<unknown, unknown[][]>()
    for (const frame of frames) bursts.set(frame.at(-1), [...(bursts.get(frame.at(-1)) ?? []), frame])
    expect(bursts.size).toBeGreaterThan(30)
    const times = [...bursts.keys()].map(Number)
    const gaps = times.slice(1, -1).map((time, index) => time - (times[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(200)
    for (const burst of bursts.values()) {
      const kinds = burst.map(([, content]) => {
        if (content === 'cs') return 'cs'
        const [, price, amount] = content as [number, number, number]
        return price === 0 ? (amount > 0 ? 'delete bid' : 'delete ask') : 'set'
      })
      expect(kinds).toEqual(
        [...kinds].sort(
          (one, other) =>
            ['delete bid', 'delete ask', 'set', 'cs'].indexOf(one) -
            ['delete bid', 'delete ask', 'set', 'cs'].indexOf(other),
        ),
      )
    }
    const checks = frames.filter(([, content]) => content === 'cs').map((frame) => frame.at(-1) as number)
    expect(checks.length).toBeGreaterThanOrEqual(4)
    for (const [index, time] of checks.slice(1, -1).entries()) {
      expect(time - (checks[index] ?? 0)).toBeGreaterThanOrEqual(2500)
      expect(time - (checks[index] ?? 0)).toBeLessThan(3500)
    }
    await client.close()
  })

  it('tells trades as te and tu under one sequence with the book, and 30 of them to a new client', async () => {
    const generated = generatedMarket(3)
    const matches: { price: number; size: number; side: string }[] = []
    generated.market.engine.subscribe((event) => {
      if (event.kind === 'match') matches.push({ price: event.price, size: event.size, side: event.side })
    })
    const server = await serve([generated])
    const client = await configured(server.ws)
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD', prec: 'R0', len: '250' })
    client.send({ event: 'subscribe', channel: 'trades', symbol: 'tBTCUSD' })
    await until(
      'two channels',
      () => eventsOf(client).filter((event) => event.event === 'subscribed').length === 2,
    )
    for (let turn = 0; turn < 40; turn++) {
      generated.run(500)
      await setImmediate()
    }
    server.flush()
    const told = (name: string): [number, number, number, number][] =>
      arraysOf(client)
        .filter(([, content]) => content === name)
        .map((frame) => frame[2] as [number, number, number, number])
    await until('all trades', () => told('tu').length === matches.length)
    expect(matches.length).toBeGreaterThan(30)
    expect(told('te').map(([, , amount, price]) => [amount, price])).toEqual(
      matches.map(({ price, size, side }) => [((side === 'sell' ? 1 : -1) * size) / 1e8, price / 100]),
    )
    const byId = (rows: [number, number, number, number][]): [number, number, number, number][] =>
      [...rows].sort((one, other) => one[0] - other[0])
    expect(byId(told('tu'))).toEqual(told('te'))
    expect(told('tu')).not.toEqual(told('te'))
    expectContiguous(client)
    const late = await connect(server.ws)
    await subscribed(late, { channel: 'trades', symbol: 'tBTCUSD' })
    await until('the snapshot', () => arraysOf(late).length === 1)
    expect(arraysOf(late)[0]?.[1]).toEqual(told('te').slice(-30).reverse())
    const history = await fetch(`${server.rest}/v2/trades/tBTCUSD/hist?limit=5`)
    expect(await history.json()).toEqual(told('te').slice(-5).reverse())
    await client.close()
    await late.close()
  })

  it('gives a fresh snapshot to a client that subscribes again, and two clients the same book', async () => {
    const generated = generatedMarket(23)
    const server = await serve([generated])
    const [first, second] = [await configured(server.ws), await configured(server.ws)]
    const request = { channel: 'book', symbol: 'tBTCUSD', prec: 'R0', len: '25' }
    const before = await subscribed(first, request)
    generated.run(2000)
    first.send({ event: 'unsubscribe', chanId: before })
    await until('unsubscribed', () => eventsOf(first).at(-1)?.event === 'unsubscribed')
    generated.run(2000)
    const other = await subscribed(second, request)
    generated.run(2000)
    const after = await subscribed(first, request)
    expect(after).not.toBe(before)
    generated.run(2000)
    server.flush()
    const digest = server.books()[0]?.digest
    const rebuilt = (client: PlainClient, channel: number): string =>
      digestOf(rebuild(client, channel, 'R0').book, 'R0')
    await until('both books', () => rebuilt(first, after) === digest && rebuilt(second, other) === digest)
    for (const [client, channel] of [
      [first, after],
      [second, other],
    ] as const) {
      await until('a checksum', () => rebuild(client, channel, 'R0').checksums > 0)
      expect(rebuild(client, channel, 'R0').book.unknownDeletes).toBe(0)
      expectContiguous(client)
      await client.close()
    }
  })

  it('refuses, stays silent and fails as the venue does', async () => {
    const generated = generatedMarket(2)
    const server = await serve([generated, generatedMarket(4, 'AVAX-USD')], {
      channelLimit: 2,
      heartbeatMilliseconds: 20,
    })
    const client = await connect(server.ws)
    client.send('no JSON')
    client.send('[1,2]')
    client.send({ event: 'nope' })
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tNOPE' })
    client.send({ event: 'subscribe', channel: 'candles', symbol: 'tBTCUSD' })
    client.send({
      event: 'subscribe',
      channel: 'book',
      symbol: 'tAVAX:USD',
      prec: 'R0',
      len: '25',
      subId: 'mine',
    })
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tAVAX:USD', prec: 'R0', len: '25' })
    client.send({ event: 'subscribe', channel: 'trades', symbol: 'tBTCUSD' })
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD' })
    await until('the answers', () => eventsOf(client).length === 8)
    expect(eventsOf(client).map(({ event, code, msg }) => [event, code, msg])).toEqual([
      ['info', undefined, undefined],
      ['error', 10_000, 'event: invalid (nope)'],
      ['error', 10_300, 'symbol: invalid'],
      ['error', 10_300, 'channel: unknown'],
      ['subscribed', undefined, undefined],
      ['error', 10_301, 'subscribe: dup'],
      ['subscribed', undefined, undefined],
      ['error', 10_305, 'subscribe: limit'],
    ])
    expect(eventsOf(client)[4]).toMatchObject({
      len: '25',
      prec: 'R0',
      freq: 'F0',
      subId: 'mine',
      pair: 'AVAX:USD',
    })
    await until('heartbeats of both channels', () => {
      const beating = new Set(
        arraysOf(client)
          .filter(([, content]) => content === 'hb')
          .map(([id]) => id),
      )
      return beating.size === 2
    })
    server.faults.announce(20_060)
    server.faults.announce(20_051)
    await until('the end', () => client.isClosed())
    expect(
      eventsOf(client)
        .slice(-2)
        .map(({ code }) => code),
    ).toEqual([20_060, 20_051])
    const [pairs, status, book] = await Promise.all(
      ['conf/pub:list:pair:exchange', 'platform/status', 'book/tBTCUSD/R0?len=25'].map(
        async (path) => await (await fetch(`${server.rest}/v2/${path}`)).json(),
      ),
    )
    expect(pairs).toEqual([['BTCUSD', 'AVAX:USD']])
    expect(status).toEqual([1])
    expect(book).toHaveLength(50)
  })

  it('can send a wrong checksum and lose a frame', async () => {
    const generated = generatedMarket(9)
    const server = await serve([generated])
    const client = await configured(server.ws)
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD', prec: 'R0', len: '25' })
    await until('a snapshot', () => arraysOf(client).length === 1)
    server.faults.skipSequence()
    server.faults.spoilChecksums()
    generated.run(500)
    server.flush()
    await until('a checksum', () => arraysOf(client).at(-1)?.[1] === 'cs')
    const frames = arraysOf(client)
    expect(frames[0]?.at(-2)).toBe(1)
    expect(frames[1]?.at(-2)).toBe(3)
    const book = new NaiveBitfinex('R0')
    for (const [, content] of frames.slice(0, -1)) book.take(content)
    expect(frames.at(-1)?.[2]).toBe(book.checksum() ^ 1)
    await client.close()
  })
})
