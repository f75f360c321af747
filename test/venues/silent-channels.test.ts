import { describe, expect, it } from 'vitest'

import { EntryCursor } from '../../src/log/entry.ts'
import { BitfinexDecoder } from '../../src/venues/bitfinex/decoder.ts'
import { CoinbaseDecoder } from '../../src/venues/coinbase/decoder.ts'
import type { Decoder } from '../../src/venues/venue.ts'
import { EntryScript, manifestOf, SinkLog } from '../support/entries.ts'

const SECOND = 1_000_000

class Run {
  readonly script: EntryScript
  private readonly decoder: Decoder
  private readonly sink = new SinkLog()

  constructor(decoder: Decoder, script: EntryScript) {
    this.decoder = decoder
    this.script = script.opened()
  }

  /** What was asked because of silence so far, or since the last call. */
  asked(): readonly string[] {
    const cursor = new EntryCursor(this.script.records())
    while (cursor.next()) this.decoder.decode(cursor, this.sink)
    return this.sink
      .takeNotices()
      .flatMap((notice) =>
        notice.kind === 'command' && notice.command.kind === 'reconnect'
          ? [`${String(notice.command.connection)} ${notice.command.cause}: ${notice.command.detail ?? ''}`]
          : [],
      )
  }
}

const coinbase = (feed: string): Run =>
  new Run(
    new CoinbaseDecoder(),
    new EntryScript().runStarted(manifestOf({ venue: 'coinbase', symbol: 'BTC-USD', feed })),
  )

const ours = { product_id: 'BTC-USD', time: '2026-01-01T00:00:00.000000Z' }
const beat = (sequence: number, trade = 1): object => ({
  type: 'heartbeat',
  ...ours,
  sequence,
  last_trade_id: trade,
})
const received = (sequence: number): object => ({
  ...{ type: 'received', ...ours, sequence, side: 'buy', order_type: 'limit', price: '1', size: '1' },
  order_id: '145110f7-362c-48d2-a7d0-a407918775dd',
})
const update = (): object => ({ type: 'l2update', ...ours, changes: [['buy', '1', '2']] })
const match = (trade: number): object => ({
  ...{ type: 'match', ...ours, sequence: trade, trade_id: trade, price: '1', size: '1', side: 'buy' },
  maker_order_id: '145110f7-362c-48d2-a7d0-a407918775dd',
  taker_order_id: '245110f7-362c-48d2-a7d0-a407918775dd',
})

describe('a silent channel of Coinbase', () => {
  it('full: is behind what heartbeats have said for five seconds', () => {
    const run = coinbase('full')
    for (let second = 0; second < 20; second++)
      run.script
        .frame(received(100 + second))
        .frame(beat(101 + second))
        .after(SECOND)
    expect(run.asked()).toEqual([])
    // A hole in the feed while heartbeats go on.
    for (let second = 0; second < 5; second++) run.script.frame(beat(130)).after(SECOND)
    expect(run.asked()).toEqual([])
    run.script.frame(beat(131)).frame(beat(132))
    expect(run.asked()).toEqual(['1 stale: channel full fell silent'])
  })

  it('full: never when the market is quiet, from the first second on or later', () => {
    const run = coinbase('full')
    for (let second = 0; second < 600; second++) run.script.frame(beat(100)).after(SECOND)
    run.script.frame(received(101))
    for (let second = 0; second < 600; second++) run.script.frame(beat(102)).after(SECOND)
    expect(run.asked()).toEqual([])
  })

  it('full: never where its messages come late, however far behind what heartbeats say', () => {
    const run = coinbase('full')
    for (let second = 0; second < 60; second++)
      run.script
        .frame(received(100 + second))
        .frame(beat(1_000_000))
        .after(SECOND)
    expect(run.asked()).toEqual([])
  })

  it('full: a socket that delivers heartbeats alone from its start', () => {
    const run = coinbase('full')
    for (let second = 0; second < 8; second++) run.script.frame(beat(100 + second)).after(SECOND)
    expect(run.asked()).toEqual(['1 stale: channel full fell silent'])
  })

  it('heartbeat: is missing for six seconds while messages come, once it was there', () => {
    const run = coinbase('full')
    const flow = (from: number): void => {
      for (let step = 0; step < 40; step++) run.script.frame(received(from + step)).after(SECOND / 2)
    }
    flow(100)
    expect(run.asked()).toEqual([])
    run.script.frame(beat(140))
    flow(140)
    expect(run.asked()).toEqual(['1 stale: channel heartbeat fell silent'])
  })

  it('heartbeat: not when nobody read for a minute', () => {
    const run = coinbase('full')
    run.script
      .frame(received(100))
      .frame(beat(100))
      .after(60 * SECOND)
    run.script.frame(received(101)).frame(received(102)).frame(beat(102))
    expect(run.asked()).toEqual([])
  })

  it('level2_batch: says nothing of trades that heartbeats and matches know of', () => {
    const run = coinbase('level2_batch')
    const book = { type: 'snapshot', product_id: 'BTC-USD', bids: [['1', '2']], asks: [['3', '4']] }
    run.script.frame(book)
    for (let second = 0; second < 60; second++)
      run.script
        .frame(update())
        .frame(match(second + 1))
        .frame(beat(second, second + 1))
        .after(SECOND)
    expect(run.asked()).toEqual([])
    for (let second = 60; second < 90; second++)
      run.script
        .frame(match(second + 1))
        .frame(beat(second, second + 1))
        .after(SECOND)
    expect(run.asked()).toEqual(['1 stale: channel level2_batch fell silent'])
  })

  it('matches: misses trades that heartbeats know of, not merely one that was dropped', () => {
    const run = coinbase('level2_batch')
    const book = { type: 'snapshot', product_id: 'BTC-USD', bids: [['1', '2']], asks: [['3', '4']] }
    run.script.frame(book)
    for (let second = 0; second < 60; second++)
      run.script
        .frame(update())
        .frame(beat(second, second > 5 ? 3 : 2))
        .after(SECOND)
    expect(run.asked()).toEqual([])
    for (let second = 0; second < 60; second++)
      run.script
        .frame(update())
        .frame(beat(second, 4 + second))
        .after(SECOND)
    expect(run.asked()).toEqual(['1 stale: channel matches fell silent'])
  })
})

const bitfinex = (): Run => {
  const script = new EntryScript().runStarted(
    manifestOf({ venue: 'bitfinex', symbol: 'tBTCUSD', feed: 'R0' }),
  )
  const run = new Run(new BitfinexDecoder(), script)
  const subscribed = { event: 'subscribed', symbol: 'tBTCUSD', pair: 'BTCUSD' }
  run.script
    .frame({ ...subscribed, channel: 'book', chanId: 7, prec: 'R0', freq: 'F0', len: '250' })
    .frame({ ...subscribed, channel: 'trades', chanId: 8 })
    .frame('[7,[[1,10,2],[2,11,-2]]]')
    .frame('[8,[]]')
  return run
}
const trade = (id: number): string => `[8,"te",[${String(id)},1700000000000,1,10]]`

describe('a silent channel of Bitfinex', () => {
  it('is one without a heartbeat for 35 seconds while the other has its own', () => {
    for (const [silent, speaking] of [
      ['book', 8],
      ['trades', 7],
    ] as const) {
      const run = bitfinex()
      for (let beats = 0; beats < 20; beats++)
        run.script
          .frame('[7,"hb"]')
          .frame('[8,"hb"]')
          .after(15 * SECOND)
      expect(run.asked()).toEqual([])
      run.script.frame(`[${String(speaking)},"hb"]`).after(15 * SECOND)
      run.script.frame(`[${String(speaking)},"hb"]`).after(15 * SECOND)
      expect(run.asked()).toEqual([])
      run.script
        .frame(`[${String(speaking)},"hb"]`)
        .after(15 * SECOND)
        .frame(`[${String(speaking)},"hb"]`)
      expect(run.asked()).toEqual([`1 stale: channel ${silent} fell silent`])
    }
  })

  it('is a book with heartbeats alone while its market trades', () => {
    const run = bitfinex()
    for (let second = 0; second < 40; second++) {
      if (second % 15 === 0) run.script.frame('[7,"hb"]').frame('[8,"hb"]')
      run.script.after(SECOND)
      if (second % 4 === 0) run.script.frame(trade(second + 1))
    }
    expect(run.asked()).toEqual(['1 stale: channel book fell silent'])
  })

  it('is none after an hour in which nobody read', () => {
    const run = bitfinex()
    run.script
      .frame('[7,"hb"]')
      .frame('[8,"hb"]')
      .after(3600 * SECOND)
      .frame('[7,"hb"]')
      .frame('[8,"hb"]')
    expect(run.asked()).toEqual([])
  })
})

describe('the end of a connection whose channel fell silent', () => {
  it.each([
    ['coinbase', () => coinbase('full').script.frame(beat(1)), () => new CoinbaseDecoder()],
    ['bitfinex', () => bitfinex().script, () => new BitfinexDecoder()],
  ])('is told as stale by %s, by the entry alone', (_venue, begin, newDecoder) => {
    const script = begin()
    const sink = new SinkLog()
    const decoder = newDecoder()
    const first = new EntryCursor(script.records())
    while (first.next()) decoder.decode(first, sink)
    script.closed(1, 'requested', 'stale: channel full fell silent')
    const last = new EntryCursor(script.records())
    while (last.next()) decoder.decode(last, sink)
    expect(sink.takeNotices().filter(({ kind }) => kind === 'disconnected')).toEqual([
      { kind: 'disconnected', cause: 'stale' },
    ])
  })
})
