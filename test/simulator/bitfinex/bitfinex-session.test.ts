import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  BitfinexSession,
  type Channel,
  CONF_FLAGS,
  type SessionOptions,
} from '../../../simulator/venues/bitfinex-session.ts'

interface Bench {
  readonly session: BitfinexSession
  readonly sent: unknown[]
  readonly opened: Channel[]
  readonly closed: number[]
  readonly ask: (value: object | string) => unknown[]
}

const START_ID = 100

const bench = (more: Partial<SessionOptions> = {}): Bench => {
  const sent: unknown[] = []
  const opened: Channel[] = []
  const closed: number[] = []
  let id = START_ID
  const session = new BitfinexSession({
    source: {
      refusal: ({ channel, symbol }) => {
        if (channel === 'status') return ''
        if (!['book', 'trades', 'ticker'].includes(channel)) return 'channel: unknown'
        return ['tBTCUSD', 'tAVAX:USD', 'fUSD'].includes(symbol) ? undefined : 'symbol: invalid'
      },
      subscribed: (_, channel) => void opened.push(channel),
      unsubscribed: (_, channel) => void closed.push(channel.id),
    },
    send: (text) => void sent.push(JSON.parse(text)),
    now: () => 1_700_000_000_123,
    newChannelId: () => id++,
    ...more,
  })
  const ask = (value: object | string): unknown[] => {
    const before = sent.length
    session.receive(typeof value === 'string' ? value : JSON.stringify(value))
    return sent.slice(before)
  }
  return { session, sent, opened, closed, ask }
}

const subscribe = (more: object): object => ({ event: 'subscribe', ...more })
const BOOK = { channel: 'book', symbol: 'tBTCUSD', prec: 'R0', freq: 'F0', len: '25' }

describe('a Bitfinex session', () => {
  it('greets first: version 2, operative, or in maintenance', () => {
    for (const [isInMaintenance, status] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const { session, sent } = bench({ isInMaintenance: () => isInMaintenance })
      session.greet()
      expect(sent).toMatchObject([{ event: 'info', version: 2, platform: { status } }])
    }
  })

  it('echoes conf, the last of which counts', () => {
    const { session, ask, opened } = bench()
    const all = CONF_FLAGS.timestamp + CONF_FLAGS.sequence + CONF_FLAGS.checksum + CONF_FLAGS.bulk
    expect(ask({ event: 'conf', flags: all })).toEqual([{ event: 'conf', status: 'OK', flags: all }])
    expect([session.wantsChecksums, session.wantsBulk]).toEqual([true, true])
    expect(ask({ event: 'conf', flags: 65_536 })).toEqual([{ event: 'conf', status: 'OK', flags: 65_536 }])
    expect([session.wantsChecksums, session.wantsBulk]).toEqual([false, false])
    expect(ask({ event: 'conf', flags: 'all' })).toEqual([{ event: 'conf', status: 'OK', flags: 0 }])
    ask(subscribe(BOOK))
    expect(opened.length).toBe(1)
  })

  it.each([
    [0, []],
    [65_536, [7]],
    [98_304, [7, 5000]],
    [32_768, [5000]],
  ])('ends array frames as the flags %i want: one sequence for all channels', (flags, tail) => {
    const { session, ask, sent, opened } = bench()
    ask({ event: 'conf', flags })
    ask(subscribe(BOOK))
    ask(subscribe({ channel: 'trades', symbol: 'tBTCUSD' }))
    const [book, trades] = opened as [Channel, Channel]
    for (let turn = 0; turn < 3; turn++) {
      session.data(book, '[1,2,3]', 5000)
      session.data(trades, '"te",[1]', 5000)
    }
    session.heartbeat(5000)
    expect(sent.at(-2)).toEqual([book.id, 'hb', ...tail])
    expect(sent.at(-1)).toEqual([trades.id, 'hb', ...(tail[0] === 7 ? [8, ...tail.slice(1)] : tail)])
  })

  it('acknowledges with defaults filled in, a text as length, pair or currency, subId only where sent', () => {
    const { ask } = bench()
    const symbol = { symbol: 'tBTCUSD', pair: 'BTCUSD' }
    expect(ask(subscribe({ channel: 'book', symbol: 'tBTCUSD' }))).toEqual([
      {
        ...{ event: 'subscribed', channel: 'book', chanId: 100, ...symbol },
        ...{ prec: 'P0', freq: 'F0', len: '25' },
      },
    ])
    expect(
      ask(subscribe({ channel: 'book', pair: 'BTCUSD', prec: 'R0', freq: 'F1', len: 100, subId: 'mine' })),
    ).toEqual([
      {
        ...{ event: 'subscribed', channel: 'book', chanId: 101, ...symbol, subId: 'mine' },
        ...{ prec: 'R0', freq: 'F1', len: '100' },
      },
    ])
    expect(ask(subscribe({ channel: 'trades', symbol: 'BTCUSD' }))).toEqual([
      { event: 'subscribed', channel: 'trades', chanId: 102, ...symbol },
    ])
    expect(ask(subscribe({ channel: 'trades', symbol: 'fUSD' }))).toEqual([
      { event: 'subscribed', channel: 'trades', chanId: 103, symbol: 'fUSD', currency: 'USD' },
    ])
    expect(ask(subscribe({ channel: 'ticker', symbol: 'tAVAX:USD' }))).toMatchObject([{ pair: 'AVAX:USD' }])
  })

  it.each([
    [{ event: 'nope' }, 10_000, 'event: invalid (nope)'],
    [{ event: [[1]] }, 10_000, 'event: invalid (undefined)'],
    [subscribe({ channel: 'book', pair: 'NOPE' }), 10_001, 'unknown pair'],
    [subscribe({ channel: 'book', symbol: 'tNOPE' }), 10_300, 'symbol: invalid'],
    [subscribe({ channel: 'book' }), 10_300, 'symbol: invalid'],
    [subscribe({ ...BOOK, prec: 'P5' }), 10_300, 'precision: invalid'],
    [subscribe({ ...BOOK, len: '30' }), 10_300, 'length: invalid'],
    [subscribe({ ...BOOK, len: [[[]]] }), 10_300, 'length: invalid'],
    [subscribe({ channel: 'candles', symbol: 'tBTCUSD' }), 10_300, 'channel: unknown'],
    [subscribe({ symbol: 'tBTCUSD' }), 10_302, 'unknown channel'],
    [{ event: 'unsubscribe' }, 10_400, 'unsubscribe: invalid'],
    [{ event: 'unsubscribe', chanId: '100' }, 10_400, 'unsubscribe: invalid'],
    [{ event: 'unsubscribe', chanId: 5 }, 10_401, 'not subscribed'],
  ])('answers %j with error %i', (request, code, msg) => {
    expect(bench().ask(request)).toMatchObject([{ event: 'error', code, msg }])
  })

  it('refuses a channel held already, and one too many, telling the request again', () => {
    const { ask } = bench({ channelLimit: 2 })
    ask(subscribe(BOOK))
    expect(ask(subscribe(BOOK))).toEqual([
      { ...BOOK, event: 'error', msg: 'subscribe: dup', code: 10_301, chanId: 100, pair: 'BTCUSD' },
    ])
    ask(subscribe({ ...BOOK, len: '100' }))
    const [refusal] = ask(subscribe({ ...BOOK, len: '1', more: { deep: [] } }))
    expect(Object.keys(refusal as object)[0]).toBe('channel')
    expect(refusal).toEqual({
      ...{ ...BOOK, len: '1', event: 'error', msg: 'subscribe: limit', code: 10_305, pair: 'BTCUSD' },
    })
    ask({ event: 'unsubscribe', chanId: 100 })
    expect(ask(subscribe(BOOK))).toMatchObject([{ event: 'subscribed', chanId: 102 }])
  })

  it.each(['no JSON', '{', '[1,2]', '7', 'null', '{"event":"subscribe","channel":"status","key":"nope"}'])(
    'says nothing to %s',
    (text) => {
      expect(bench().ask(text)).toEqual([])
    },
  )

  it('answers ping with its time, and with cid where there was one', () => {
    const { ask } = bench()
    const pong = { event: 'pong', ts: 1_700_000_000_123 }
    expect(ask({ event: 'ping', cid: 1234 })).toEqual([{ ...pong, cid: 1234 }])
    expect(ask({ event: 'ping' })).toEqual([pong])
    expect(ask({ event: 'ping', cid: { deep: [] } })).toEqual([pong])
  })

  it('may acknowledge late: heartbeats and a refusal of the same come first, data comes after', () => {
    const waiting: (() => void)[] = []
    const { session, ask, opened, sent } = bench({
      later: (acknowledge) => {
        waiting.push(acknowledge)
        return true
      },
    })
    expect(ask(subscribe(BOOK))).toEqual([[100, 'hb']])
    expect(ask(subscribe(BOOK))).toMatchObject([{ code: 10_301, chanId: 100 }])
    session.heartbeat(1)
    expect([sent.at(-1), opened]).toEqual([[100, 'hb'], []])
    waiting.shift()?.()
    expect(sent.at(-1)).toMatchObject({ event: 'subscribed', chanId: 100 })
    expect(opened.map(({ id }) => id)).toEqual([100])
  })

  it('may let frames of a channel come between unsubscribe and its answer', () => {
    const waiting: (() => void)[] = []
    let isLate = false
    const { session, ask, opened, closed, sent } = bench({
      later: (acknowledge) => {
        if (isLate) waiting.push(acknowledge)
        return isLate
      },
    })
    ask(subscribe(BOOK))
    isLate = true
    expect(ask({ event: 'unsubscribe', chanId: 100 })).toEqual([])
    session.data(opened[0] as Channel, '[1,2,3]', 1)
    expect([sent.at(-1), closed]).toEqual([[100, [1, 2, 3]], []])
    expect(ask({ event: 'unsubscribe', chanId: 100 })).toMatchObject([{ code: 10_401 }])
    isLate = false
    expect(ask(subscribe(BOOK))).toMatchObject([{ event: 'subscribed', chanId: 101 }])
    waiting.shift()?.()
    expect(sent.at(-1)).toEqual({ event: 'unsubscribed', status: 'OK', chanId: 100 })
    expect(closed).toEqual([100])
    session.heartbeat(1)
    expect(sent.at(-1)).toEqual([101, 'hb'])
  })

  it('never fails, whatever it is told', () => {
    const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    const names = fc.constantFrom(
      'event',
      'channel',
      'symbol',
      'prec',
      'len',
      'cid',
      'subId',
      'flags',
      'chanId',
    )
    const events = fc.constantFrom('"subscribe"', '"unsubscribe"', '"conf"', '"ping"', '7')
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .tuple(events, names, fc.json())
        .map(([event, name, value]) => `{"event":${event},"channel":"book","${name}":${value}}`),
      fc
        .tuple(events, names, fc.nat(30_000))
        .map(([event, name, depth]) => `{"event":${event},"${name}":${deep(depth)}}`),
    )
    fc.assert(
      fc.property(text, (frame) => {
        expect(bench().ask(frame).length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })
})
