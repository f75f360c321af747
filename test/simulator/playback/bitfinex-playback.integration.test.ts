import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import {
  type Playback,
  type PlaybackOptions,
  startPlayback,
} from '../../../simulator/playback/start-playback.ts'
import { type Capture, type CaptureLine, capturesFolder, readCapture } from '../../support/captures.ts'
import { NaiveBitfinex } from './naive-books.ts'
import { connect, type PlainClient, until } from './playback-client.ts'

const folder = capturesFolder()
const BOOKS = 'bitfinex-book-p0-2021-04-17'
const CHECKSUM = 'bitfinex-checksum-xrpbtc-2019-01-28'
const ALL_FLAGS = 229_376

let playback: Playback | undefined
afterEach(async () => {
  await playback?.stop()
  playback = undefined
})

const serve = async (name: string, more: Partial<PlaybackOptions> = {}): Promise<Playback> => {
  playback = await startPlayback({ capture: join(folder ?? '', name), pace: 'max', port: 0, ...more })
  return playback
}

const played = (server: Playback, plays: number): Promise<void> =>
  until('the plays end', () => {
    const { begunPlays, runningPlays } = server.activity()
    return begunPlays >= plays && runningPlays === 0
  })

interface Event {
  readonly event: string
  readonly chanId: number
  readonly channel: string
  readonly symbol: string
  readonly code: number
  readonly msg: string
}

const eventsOf = (client: PlainClient): readonly Event[] =>
  client.frames.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as Event)

/** Channel frames of one channel: the text between the channel id and a tail of so many numbers. */
const bodiesOf = (frames: readonly string[], chanId: number, tail: number): readonly string[] =>
  frames
    .filter((text) => text.startsWith(`[${String(chanId)},`) && !text.includes('"hb"'))
    .map((text) => {
      const body = text.slice(String(chanId).length + 2, -1)
      return tail === 0 ? body : body.split(',').slice(0, -tail).join(',')
    })

const capturedBodies = (
  capture: Capture,
  channel: string,
  symbol: string,
  tail: number,
): readonly string[] => {
  const frames = capture.lines.filter((line) => line.dir === 'in').map((line) => line.text)
  const subscribed = frames
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as Event)
    .find((event) => event.event === 'subscribed' && event.channel === channel && event.symbol === symbol)
  return bodiesOf(frames, subscribed?.chanId ?? -1, tail)
}

const channelOf = (client: PlainClient, channel: string): number =>
  eventsOf(client).findLast((event) => event.event === 'subscribed' && event.channel === channel)?.chanId ??
  -1

const subscribeBoth = (client: PlainClient, symbol: string, flags: number): void => {
  client.send({ event: 'conf', flags })
  client.send({ event: 'subscribe', channel: 'book', symbol, prec: 'P0', freq: 'F0', len: '100' })
  client.send({ event: 'subscribe', channel: 'trades', symbol })
}

const isChecksum = (body: string): boolean => body.startsWith('"cs"')

describe.skipIf(folder === undefined)('playback of Bitfinex captures', () => {
  it('plays each symbol to its own client: exact bodies, own ids and sequence, right checksums', async () => {
    const capture = readCapture(folder ?? '', BOOKS)
    const { symbols, expected } = capture.meta
    const logFolder = await mkdtemp(join(tmpdir(), 'playback-'))
    const server = await serve(BOOKS, { links: { logSent: join(logFolder, 'sent.jsonl') } })
    const clients = await Promise.all(symbols.map(() => connect(`${server.endpoints.ws}/ws/2`)))
    clients.forEach((client, index) => subscribeBoth(client, symbols[index] ?? '', ALL_FLAGS))
    await played(server, clients.length)
    let checksums = 0
    for (const [index, symbol] of symbols.entries()) {
      const client = clients[index]
      if (client === undefined) throw new Error('no client')
      const books = capturedBodies(capture, 'book', symbol, 1)
      const trades = capturedBodies(capture, 'trades', symbol, 1)
      const ofBook = (): readonly string[] => bodiesOf(client.frames, channelOf(client, 'book'), 2)
      const updates = expected.symbols[symbol]?.updates ?? -1
      await until('the last frame', () => {
        const bodies = ofBook()
        const isLast = updates === 0 || isChecksum(bodies.at(-1) ?? '')
        return isLast && bodies.filter((body) => !isChecksum(body)).length >= books.length
      })
      expect(eventsOf(client).map((event) => event.event)).toEqual([
        'info',
        'conf',
        'subscribed',
        'subscribed',
      ])
      expect(ofBook().filter((body) => !isChecksum(body))).toEqual(books)
      expect(books.length).toBe(updates + 1)
      expect(bodiesOf(client.frames, channelOf(client, 'trades'), 2)).toEqual(trades)
      const sequences = client.frames
        .filter((text) => text.startsWith('['))
        .map((text) => (JSON.parse(text) as unknown[]).at(-2))
      expect(sequences).toEqual(sequences.map((_, place) => place + 1))
      const book = new NaiveBitfinex('P0')
      for (const body of ofBook()) {
        const [content, value] = JSON.parse(`[${body}]`) as [unknown, number]
        if (content !== 'cs') book.take(content)
        else {
          expect(book.checksum()).toBe(value)
          checksums++
        }
      }
      expect({ bids: book.bids.size, asks: book.asks.size }).toEqual(expected.symbols[symbol]?.levels)
      expect(book.top('bids', 10)).toEqual(expected.symbols[symbol]?.top.bids)
      expect(book.top('asks', 10)).toEqual(expected.symbols[symbol]?.top.asks)
      expect(book.unknownDeletes).toBe(0)
    }
    expect(checksums).toBeGreaterThan(symbols.length)
    for (const client of clients) await client.close()
    await server.stop()
    const logged = (await readFile(join(logFolder, 'sent.jsonl'), 'utf8')).trimEnd().split('\n')
    clients.forEach((client, index) => {
      const sent = logged
        .map((line) => JSON.parse(line) as CaptureLine)
        .filter((line) => line.conn === index + 1)
        .map((line) => line.text)
      expect(sent.slice(0, client.frames.length)).toEqual(client.frames)
    })
    await rm(logFolder, { recursive: true })
  })

  it.each([
    [0, 0],
    [65_536, 1],
    [32_768, 1],
  ])('puts the tail of flags %i on every frame', async (flags, tail) => {
    const capture = readCapture(folder ?? '', BOOKS)
    const server = await serve(BOOKS)
    const client = await connect(server.endpoints.ws)
    subscribeBoth(client, 'tIOTETH', flags)
    const wanted = capturedBodies(capture, 'book', 'tIOTETH', 1)
    const received = (): readonly string[] => bodiesOf(client.frames, channelOf(client, 'book'), tail)
    await until('all frames', () => received().length >= wanted.length)
    expect(received()).toEqual(wanted)
    await client.close()
  })

  it('passes captured checksums to those who ask, and never writes a number anew', async () => {
    const capture = readCapture(folder ?? '', CHECKSUM)
    const server = await serve(CHECKSUM)
    const client = await connect(server.endpoints.ws)
    subscribeBoth(client, 'tXRPBTC', 131_072)
    const wanted = capturedBodies(capture, 'book', 'tXRPBTC', 0)
    const received = (): readonly string[] => bodiesOf(client.frames, channelOf(client, 'book'), 0)
    await until('all frames', () => received().length >= wanted.length)
    expect(wanted.at(-1)).toBe('"cs",-1175357890')
    expect(received()).toEqual(wanted)
    await client.close()
  })

  it('sends the book as it stands to a client that subscribes again', async () => {
    const server = await serve(BOOKS, { pace: 20 })
    const client = await connect(server.endpoints.ws)
    const symbol = 'tTESTBTC:TESTUSD'
    client.send({ event: 'conf', flags: 131_072 })
    const subscribe = (): void => client.send({ event: 'subscribe', channel: 'book', symbol, len: '100' })
    subscribe()
    const bodies = (): readonly string[] => bodiesOf(client.frames, channelOf(client, 'book'), 0)
    await until('some updates', () => bodies().length > 20)
    const first = channelOf(client, 'book')
    client.send({ event: 'unsubscribe', chanId: first })
    await until('unsubscribed', () => eventsOf(client).some((event) => event.event === 'unsubscribed'))
    subscribe()
    await until('another channel', () => channelOf(client, 'book') !== first)
    await played(server, 1)
    const { expected } = readCapture(folder ?? '', BOOKS).meta
    await until('the last checksum', () => isChecksum(bodies().at(-1) ?? ''))
    const book = new NaiveBitfinex('P0')
    for (const body of bodies()) {
      const [content, value] = JSON.parse(`[${body}]`) as [unknown, number]
      if (content === 'cs') expect(book.checksum()).toBe(value)
      else book.take(content)
    }
    expect(book.unknownDeletes).toBe(0)
    expect(book.top('bids', 10)).toEqual(expected.symbols[symbol]?.top.bids)
    expect(book.top('asks', 10)).toEqual(expected.symbols[symbol]?.top.asks)
    await client.close()
  })

  it('refuses as the venue does and stays silent where it does', async () => {
    const server = await serve(BOOKS)
    const client = await connect(server.endpoints.ws)
    client.send('{nonsense')
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tNOPE' })
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tBFTUSD', prec: 'R0' })
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tBFTUSD', len: '30' })
    client.send({ event: 'subscribe', channel: 'book', symbol: 'BFTUSD' })
    client.send({ event: 'subscribe', channel: 'book', pair: 'BFTUSD' })
    client.send({ event: 'unsubscribe', chanId: 1 })
    client.send({ event: 'ping', cid: 7 })
    await until('the pong', () => eventsOf(client).some((event) => event.event === 'pong'))
    expect(eventsOf(client).map(({ event, code, msg }) => [event, code, msg])).toEqual([
      ['info', undefined, undefined],
      ['error', 10_300, 'symbol: invalid'],
      ['error', 10_300, 'precision: invalid'],
      ['error', 10_300, 'length: invalid'],
      ['subscribed', undefined, undefined],
      ['error', 10_301, 'subscribe: dup'],
      ['error', 10_401, 'not subscribed'],
      ['pong', undefined, undefined],
    ])
    await client.close()
  })

  it('answers captured REST lists and the platform status', async () => {
    const capture = readCapture(folder ?? '', BOOKS)
    const { endpoints } = await serve(BOOKS)
    const list = await fetch(`${endpoints.rest}/v2/conf/pub:list:pair:exchange`)
    expect(await list.text()).toBe(capture.lines[0]?.text)
    expect(await (await fetch(`${endpoints.rest}/v2/platform/status`)).json()).toEqual([1])
  })
})
