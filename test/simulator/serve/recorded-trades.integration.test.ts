import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { startPlayback } from '../../../simulator/playback/start-playback.ts'
import type { Serving } from '../../../simulator/playback/start-serve.ts'
import { bitfinexVenue } from '../../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { EntryScript, manifestOf } from '../../support/entries.ts'
import { generateFullFeed, recordsOf } from '../../support/full-feed.ts'
import { storeOf } from '../../support/stored-streams.ts'
import { connect, until } from '../playback/playback-client.ts'
import { framesOf, playsEnded, restOf, serveStreams, SIGNED, wsOf } from './served-streams.ts'

const START = 1_700_000_000_000_000

let serving: Serving | undefined
afterEach(async () => {
  await serving?.stop()
  serving = undefined
})

interface Trade {
  readonly trade_id: number
  readonly side: string
  readonly size: string
  readonly price: string
  readonly time: string
}
const tradesOf = (frames: readonly string[]): readonly Trade[] =>
  frames
    .map((text) => JSON.parse(text) as Trade & { readonly type: string })
    .filter(({ type }) => type === 'match')
    .map(({ trade_id, side, size, price, time }) => ({ trade_id, side, size, price, time }))

/** Entry 6 is the snapshot of the trades, entries 7 and 8 a trade, 9 and 10 another one. */
const bitfinexScript = (): Uint8Array => {
  const script = new EntryScript().at(START)
  script.runStarted(
    manifestOf({ venue: 'bitfinex', symbol: 'tBTCUSD', pair: 'BTC-USD', feed: 'P0', mode: 'full' }),
  )
  script.opened()
  const book = { event: 'subscribed', channel: 'book', chanId: 7, symbol: 'tBTCUSD', prec: 'P0', freq: 'F0', len: '25', pair: 'BTCUSD' } // prettier-ignore
  const trades = { event: 'subscribed', channel: 'trades', chanId: 8, symbol: 'tBTCUSD', pair: 'BTCUSD' }
  for (const frame of [book, trades, [7, [[100, 1, 5], [110, 2, -6]]]]) script.frame(frame) // prettier-ignore
  script.after(1000).frame('[8,[[12,1700000000200,0.5,101.10],[11,1700000000100,-2,100]]]')
  script.after(1000).frame('[8,"te",[13,1700000000300,1,102]]')
  script.after(1000).frame('[8,"tu",[13,1700000000300,1.00,102]]')
  script.after(1000).frame('[8,"te",[14,1700000000400,-1,103]]')
  script.after(1000).frame('[8,"tu",[14,1700000000400,-1,103]]')
  script.after(1000).frame([7, [99, 1, 4]])
  return script.records()
}

const textAt = async (url: string): Promise<string> => await (await fetch(url)).text()

describe('trades of what is played', () => {
  it('Coinbase: REST tells those played so far, newest first, page by page', async () => {
    const feed = generateFullFeed(3000, 120)
    const store = await storeOf([{ venue: coinbaseVenue, pair: 'BTC-USD', chunks: [recordsOf(feed)] }])
    serving = await serveStreams(store, ['coinbase:BTC-USD'])
    const address = `${restOf(serving, 'coinbase')}/products/BTC-USD/trades`
    expect(await textAt(address)).toBe('[]')
    const client = await connect(wsOf(serving, 'coinbase'))
    client.send({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['matches'], ...SIGNED })
    await playsEnded(serving)
    const wanted = [...tradesOf(feed.frames)].reverse()
    expect(wanted.length).toBeGreaterThan(20)
    const page = await fetch(`${address}?limit=5`)
    expect(await page.json()).toEqual(wanted.slice(0, 5))
    const after = page.headers.get('cb-after') ?? ''
    expect([page.headers.get('cb-before'), after]).toEqual(
      [wanted[0]?.trade_id, wanted[4]?.trade_id].map(String),
    )
    expect(await (await fetch(`${address}?limit=5&after=${after}`)).json()).toEqual(wanted.slice(5, 10))
    expect(await (await fetch(address)).json()).toEqual(wanted.slice(0, 1000))
    await client.close()
    for (const path of ['/products/%zz/trades', '/%zz', '/products/ETH-USD/trades'])
      expect((await fetch(`${restOf(serving, 'coinbase')}${path}`)).status).toBe(404)
    expect(serving.problem()).toBeUndefined()
  })

  it('Coinbase: who joins matches in the middle is told the last one', async () => {
    const feed = generateFullFeed(3000, 120)
    const store = await storeOf([{ venue: coinbaseVenue, pair: 'BTC-USD', chunks: [recordsOf(feed)] }])
    const range = { from: { kind: 'seq', seq: 2000 } as const }
    serving = await serveStreams(store, ['coinbase:BTC-USD'], { range })
    // Three entries are no frames of the feed.
    const before = tradesOf(feed.frames.slice(0, 1999 - 3))
    const address = `${restOf(serving, 'coinbase')}/products/BTC-USD/trades?limit=2`
    expect(await (await fetch(address)).json()).toEqual([...before].reverse().slice(0, 2))
    const client = await connect(wsOf(serving, 'coinbase'))
    client.send({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['matches'] })
    await until('matches', () => framesOf(client, 'match').length > 0)
    expect(framesOf(client, 'last_match', 'match')[0]).toMatchObject({ type: 'last_match', ...before.at(-1) })
    await client.close()
  })

  it('Bitfinex: REST tells those played so far, and who joins in the middle gets them first', async () => {
    const store = await storeOf([{ venue: bitfinexVenue, pair: 'BTC-USD', chunks: [bitfinexScript()] }])
    const range = { from: { kind: 'seq', seq: 8 } as const }
    serving = await serveStreams(store, ['bitfinex:BTC-USD'], { range })
    const client = await connect(wsOf(serving, 'bitfinex'))
    client.send({ event: 'subscribe', channel: 'trades', symbol: 'tBTCUSD' })
    const rows = (): readonly string[] => client.frames.filter((text) => /^\[\d+,(\[|"t)/.test(text))
    await until('the snapshot and the rest', () => rows().length === 4)
    expect(rows().map((text) => text.replace(/^\[\d+,/, ''))).toEqual([
      '[[13,1700000000300,1,102],[12,1700000000200,0.5,101.10],[11,1700000000100,-2,100]]]',
      '"tu",[13,1700000000300,1.00,102]]',
      '"te",[14,1700000000400,-1,103]]',
      '"tu",[14,1700000000400,-1,103]]',
    ])
    await playsEnded(serving)
    const address = `${restOf(serving, 'bitfinex')}/v2/trades/tBTCUSD/hist`
    expect(await textAt(`${address}?limit=2`)).toBe('[[14,1700000000400,-1,103],[13,1700000000300,1.00,102]]')
    expect(await textAt(`${address}?sort=1&end=1700000000200`)).toBe(
      '[[11,1700000000100,-2,100],[12,1700000000200,0.5,101.10]]',
    )
    await client.close()
    expect((await fetch(`${restOf(serving, 'bitfinex')}/v2/%zz`)).status).toBe(404)
    expect(serving.problem()).toBeUndefined()
  })

  it('a capture: REST tells the trades played so far of each venue', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'capture-trades-'))
    const trade = { trade_id: 5, side: 'sell', size: '0.10', price: '100.0', time: '2023-11-14T22:13:20Z' }
    const coinbase = [
      { type: 'snapshot', product_id: 'BTC-USD', bids: [['99', '1']], asks: [['101', '1']] },
      { type: 'last_match', product_id: 'BTC-USD', sequence: 7, ...trade },
      { type: 'match', product_id: 'BTC-USD', sequence: 9, ...trade, trade_id: 6 },
      { type: 'match', product_id: 'ETH-USD', sequence: 9, ...trade, trade_id: 9 },
    ].map((frame) => JSON.stringify(frame))
    const bitfinex = [
      '{"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD","prec":"P0","len":"25"}',
      '{"event":"subscribed","channel":"trades","chanId":8,"symbol":"tBTCUSD"}',
      '[7,[[100,1,5],[110,2,-6]]]',
      '[8,[[11,1700000000100,-2,100]]]',
      '[8,"te",[12,1700000000200,1,102]]',
    ]
    const cases = [
      ['coinbase', coinbase, { type: 'subscribe', product_ids: ['BTC-USD'], channels: ['matches'] }, '/products/BTC-USD/trades', JSON.stringify([{ ...trade, trade_id: 6 }, trade])],
      ['bitfinex', bitfinex, { event: 'subscribe', channel: 'trades', symbol: 'tBTCUSD' }, '/v2/trades/tBTCUSD/hist', '[[12,1700000000200,1,102],[11,1700000000100,-2,100]]'],
    ] as const // prettier-ignore
    for (const [venue, frames, subscription, path, wanted] of cases) {
      const capture = join(folder, `${venue}.jsonl`)
      const lines = frames.map((text, index) =>
        JSON.stringify({ t: START + index, conn: 1, dir: 'in', text }),
      )
      await writeFile(capture, `${lines.join('\n')}\n`)
      const playback = await startPlayback({ capture, pace: 'max', port: 0 })
      const { ws, rest } = playback.endpoints
      expect(await textAt(`${rest}${path}`)).toBe('[]')
      const client = await connect(ws)
      client.send(subscription)
      await until('the play', () => {
        const { begunPlays, runningPlays } = playback.activity()
        return begunPlays === 1 && runningPlays === 0
      })
      expect(await textAt(`${rest}${path}`)).toBe(wanted)
      await client.close()
      await playback.stop()
    }
    await rm(folder, { recursive: true })
  })
})
