import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { type Playback, startPlayback } from '../../../simulator/playback/start-playback.ts'
import { type CaptureLine, capturesFolder, readCapture } from '../../support/captures.ts'
import { naiveCoinbase } from './naive-books.ts'
import { connect, type PlainClient, until } from './playback-client.ts'

const folder = capturesFolder()
const LEVEL2 = 'coinbase-level2-2021-04-17'

let playback: Playback | undefined
afterEach(async () => {
  await playback?.stop()
  playback = undefined
})

const serve = async (name: string, logSent?: string): Promise<Playback> => {
  playback = await startPlayback({
    capture: join(folder ?? '', name),
    pace: 'max',
    port: 0,
    ...(logSent === undefined ? {} : { links: { logSent } }),
  })
  return playback
}

const played = (server: Playback, plays: number): Promise<void> =>
  until('the plays end', () => {
    const { begunPlays, runningPlays } = server.activity()
    return begunPlays >= plays && runningPlays === 0
  })

const typeOf = (text: string): string => (JSON.parse(text) as { type: string }).type
const isData = (text: string): boolean => !['subscriptions', 'heartbeat', 'error'].includes(typeOf(text))

const framesOf = (
  lines: readonly CaptureLine[],
  product: string,
  types: readonly string[],
): readonly string[] =>
  lines
    .filter((line) => line.dir === 'in')
    .map((line) => line.text)
    .filter((text) => {
      const { type, product_id } = JSON.parse(text) as { type: string; product_id?: string }
      return product_id === product && types.includes(type)
    })

const subscribe = (
  client: PlainClient,
  products: readonly string[],
  channels: readonly string[],
  more = {},
): void => client.send({ type: 'subscribe', product_ids: products, channels, ...more })

describe.skipIf(folder === undefined)('playback of Coinbase captures', () => {
  it('plays each product to its own client, byte for byte, to the expected book', async () => {
    const { meta, lines } = readCapture(folder ?? '', LEVEL2)
    const logFolder = await mkdtemp(join(tmpdir(), 'playback-'))
    const server = await serve(LEVEL2, join(logFolder, 'sent.jsonl'))
    const clients = await Promise.all(meta.symbols.map(() => connect(server.endpoints.ws)))
    clients.forEach((client, index) =>
      subscribe(client, [meta.symbols[index] ?? ''], ['level2_batch', 'matches', 'heartbeat']),
    )
    await played(server, clients.length)
    const wanted = meta.symbols.map((symbol) =>
      framesOf(lines, symbol, ['snapshot', 'l2update', 'match', 'last_match']),
    )
    await until('all frames arrive', () =>
      clients.every((client, index) => client.frames.filter(isData).length >= (wanted[index]?.length ?? 0)),
    )
    expect(meta.symbols.length).toBe(10)
    meta.symbols.forEach((symbol, index) => {
      const frames = clients[index]?.frames ?? []
      expect(frames.filter(isData)).toEqual(wanted[index])
      const answer = JSON.parse(frames[0] ?? '') as {
        type: string
        channels: { name: string; product_ids: unknown }[]
      }
      expect(answer.type).toBe('subscriptions')
      expect(answer.channels.map(({ name, product_ids }) => [name, product_ids])).toContainEqual([
        'level2_50',
        [symbol],
      ])
      const { book, trades } = naiveCoinbase(frames, symbol)
      const expected = meta.expected.symbols[symbol]
      expect({ bids: book.bids.size, asks: book.asks.size }).toEqual(expected?.levels)
      expect(book.top('bids', 10)).toEqual(expected?.top.bids)
      expect(book.top('asks', 10)).toEqual(expected?.top.asks)
      expect(trades).toBe(expected?.trades.count)
    })
    await until('heartbeats follow', () =>
      clients.every((client) => client.frames.some((text) => typeOf(text) === 'heartbeat')),
    )
    for (const client of clients) await client.close()
    await server.stop()
    const logged = (await readFile(join(logFolder, 'sent.jsonl'), 'utf8')).trimEnd().split('\n')
    const byConnection = new Map<number, string[]>()
    for (const line of logged) {
      const { conn, dir, text } = JSON.parse(line) as CaptureLine
      expect(dir).toBe('out')
      byConnection.set(conn, [...(byConnection.get(conn) ?? []), text])
    }
    clients.forEach((client, index) => {
      const sent = byConnection.get(index + 1) ?? []
      expect(sent.slice(0, client.frames.length)).toEqual(client.frames)
    })
    await rm(logFolder, { recursive: true })
  })

  it('starts again from the snapshot when a client asks again', async () => {
    const { lines } = readCapture(folder ?? '', LEVEL2)
    const server = await serve(LEVEL2)
    const client = await connect(server.endpoints.ws)
    const wanted = framesOf(lines, 'SKL-GBP', ['snapshot', 'l2update'])
    subscribe(client, ['SKL-GBP'], ['level2_batch'])
    await until('the first play', () => client.frames.length > wanted.length)
    client.send({ type: 'unsubscribe', product_ids: ['SKL-GBP'], channels: ['level2_batch'] })
    subscribe(client, ['SKL-GBP'], ['level2_batch'])
    await until('the second play', () => client.frames.filter(isData).length >= 2 * wanted.length)
    expect(client.frames.filter(isData)).toEqual([...wanted, ...wanted])
    await client.close()
  })

  it('refuses as the venue does', async () => {
    const server = await serve(LEVEL2)
    const client = await connect(server.endpoints.ws)
    subscribe(client, ['SKL-GBP'], ['level2'])
    subscribe(client, ['BTC-USD'], ['level2_batch'])
    subscribe(client, ['SKL-GBP'], ['full'], { key: 'k', passphrase: 'p', timestamp: '1', signature: 's' })
    await until('three answers', () => client.frames.length === 3)
    expect(client.frames.map((text) => (JSON.parse(text) as { reason: string }).reason)).toEqual([
      'level2, level3, and full channels now require authentication. https://docs.cloud.coinbase.com/exchange/docs/websocket-auth',
      'BTC-USD is not a valid product',
      'full of SKL-GBP is not in this capture',
    ])
    await client.close()
  })

  it('plays the full channel to any signature', async () => {
    const { lines } = readCapture(folder ?? '', 'coinbase-full-2017-06-25')
    const server = await serve('coinbase-full-2017-06-25')
    const client = await connect(server.endpoints.ws)
    subscribe(client, ['BTC-USD', 'ETH-USD'], ['full', 'heartbeat'], {
      key: 'k',
      passphrase: 'p',
      timestamp: '1',
      signature: 's',
    })
    const wanted = lines.map((line) => line.text)
    expect(wanted.length).toBe(23)
    await until('all frames arrive', () => client.frames.length > wanted.length)
    // The other product's heartbeats are made, and may stand anywhere.
    expect(client.frames.slice(1).filter((text) => wanted.includes(text))).toEqual(wanted)
    await client.close()
  })

  it.each(['coinbase-rest-level3-2026-08-07', 'coinbase-sandbox-rest-level3-2020-02-11'])(
    'answers REST requests with the bodies of %s',
    async (name) => {
      const { lines } = readCapture(folder ?? '', name)
      const server = await serve(name)
      const book = await fetch(`${server.endpoints.rest}/products/BTC-USD/book?level=3`)
      expect(book.status).toBe(200)
      expect((await book.text()) === lines[0]?.text).toBe(true)
      expect((await fetch(`${server.endpoints.rest}/products`)).status).toBe(404)
    },
  )

  it.each(['full', 'level3'])(
    'opens %s behind a REST book with one message that follows it',
    async (channel) => {
      const server = await serve('coinbase-sandbox-rest-level3-2020-02-11')
      const client = await connect(server.endpoints.ws)
      const signed = { key: 'k', passphrase: 'p', timestamp: '1', signature: 's' }
      subscribe(client, ['BTC-USD'], [channel], signed)
      await played(server, 1)
      const wanted = channel === 'full' ? 2 : 3
      await until('the message', () => client.frames.length === wanted)
      const last: unknown = JSON.parse(client.frames.at(-1) ?? '')
      if (channel === 'full') expect(last).toMatchObject({ type: 'received', sequence: 115_154_668 })
      else expect(last).toEqual(['noop', 'BTC-USD', '115154668', '2020-02-11T08:09:22.000000Z'])
      await client.close()
    },
  )

  it('answers the captured list of products', async () => {
    const { lines } = readCapture(folder ?? '', LEVEL2)
    const server = await serve(LEVEL2)
    expect(await (await fetch(`${server.endpoints.rest}/products`)).text()).toBe(lines[0]?.text)
  })
})
