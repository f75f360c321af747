import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Rng } from '../../../simulator/engine/random.ts'
import { TEST_CREDENTIALS } from '../../../simulator/venues/coinbase-auth.ts'
import {
  type Answer,
  type CoinbaseHabits,
  CoinbaseSubscriptions,
  REFUSAL,
} from '../../../simulator/venues/coinbase-channels.ts'
import { type Frame, signedFields } from './coinbase-client.ts'

const NOW = 1_700_000_000
const PRODUCTS = ['BTC-USD', 'ETH-USD', 'LTC-USD', 'XRP-USD']

const subscriptionsOf = (habits: CoinbaseHabits = {}): CoinbaseSubscriptions =>
  new CoinbaseSubscriptions(new Set(PRODUCTS), TEST_CREDENTIALS, habits)

const ask = (subscriptions: CoinbaseSubscriptions, frame: object): Answer =>
  subscriptions.take(JSON.stringify(frame), NOW)

interface Acknowledgement {
  readonly type: string
  readonly channels: readonly { name: string; product_ids: string[]; account_ids?: null }[]
  readonly product_ids?: readonly string[]
}

const acknowledged = (answer: Answer): Acknowledgement => JSON.parse(answer.text) as Acknowledgement

const sets = (answer: Answer): Readonly<Record<string, string[]>> =>
  Object.fromEntries(
    acknowledged(answer).channels.map(({ name, product_ids: ids }) => [name, [...ids].sort()]),
  )

const failed = (verb: string, reason: string): Frame => ({
  type: 'error',
  message: `Failed to ${verb}`,
  reason,
})

describe('a request of a Coinbase client', () => {
  it('adds channels by name and by name with products; root products go to all; the answer is the whole set', () => {
    const subscriptions = subscriptionsOf()
    const first = ask(subscriptions, {
      type: 'subscribe',
      product_ids: ['ETH-USD', 'BTC-USD'],
      channels: ['level2_batch', 'heartbeat', { name: 'ticker', product_ids: ['LTC-USD'] }],
    })
    expect(sets(first)).toEqual({
      level2_50: ['BTC-USD', 'ETH-USD'],
      heartbeat: ['BTC-USD', 'ETH-USD'],
      ticker: ['BTC-USD', 'ETH-USD', 'LTC-USD'],
    })
    expect(first.added.length).toBe(7)
    const second = ask(subscriptions, { type: 'subscribe', product_ids: ['BTC-USD'], channels: ['matches'] })
    expect(sets(second)).toEqual({ ...sets(first), matches: ['BTC-USD'] })
    expect(second.added).toEqual([{ channel: 'matches', product: 'BTC-USD' }])
  })

  it('is understood under either name of a renamed channel, and acknowledged under the old one', () => {
    const subscriptions = subscriptionsOf()
    const channels = ['level2_50', 'ticker_batch']
    expect(sets(ask(subscriptions, { type: 'subscribe', product_ids: ['BTC-USD'], channels }))).toEqual({
      level2_50: ['BTC-USD'],
      ticker_1000: ['BTC-USD'],
    })
    expect(subscriptions.has('level2_batch', 'BTC-USD')).toBe(true)
  })

  it('drops products, a channel named without products whole, and leaves an empty set', () => {
    const subscriptions = subscriptionsOf()
    ask(subscriptions, {
      type: 'subscribe',
      product_ids: PRODUCTS,
      channels: ['matches', 'heartbeat', 'status'],
    })
    const drop = (frame: object): Readonly<Record<string, string[]>> =>
      sets(ask(subscriptions, { type: 'unsubscribe', ...frame }))
    const rest = { heartbeat: [...PRODUCTS].sort(), status: [] }
    expect(drop({ product_ids: ['BTC-USD'], channels: ['matches'] })).toEqual({
      matches: ['ETH-USD', 'LTC-USD', 'XRP-USD'],
      ...rest,
    })
    expect(drop({ channels: ['matches'] })).toEqual(rest)
    expect(drop({ product_ids: ['BTC-USD'], channels: ['status'] })).toEqual({ heartbeat: rest.heartbeat })
    expect(drop({ channels: ['heartbeat', 'nothing'] })).toEqual({})
    expect(subscriptions.isEmpty).toBe(true)
    expect(JSON.parse(ask(subscriptions, { type: 'unsubscribe' }).text)).toEqual(
      failed('unsubscribe', 'No channels provided'),
    )
  })

  it('is acknowledged in any order, with and without account ids, by the seed', () => {
    const orders = new Set<string>()
    const accounts = new Set<boolean>()
    const empties = new Set<boolean>()
    for (let seed = 0; seed < 60; seed++) {
      const run = (): [string, string] => {
        const subscriptions = subscriptionsOf({ random: new Rng(seed) })
        const channels = ['matches', 'heartbeat', 'ticker']
        const { text } = ask(subscriptions, { type: 'subscribe', product_ids: PRODUCTS, channels })
        return [text, ask(subscriptions, { type: 'unsubscribe', channels }).text]
      }
      const [text, empty] = run()
      expect(run()).toEqual([text, empty])
      orders.add(text.replaceAll(',"account_ids":null', ''))
      accounts.add(text.includes('"account_ids":null'))
      empties.add('product_ids' in (JSON.parse(empty) as object))
      expect(JSON.parse(empty)).toMatchObject({ type: 'subscriptions', channels: [] })
    }
    expect(orders.size).toBeGreaterThan(40)
    expect([accounts.size, empties.size]).toEqual([2, 2])
  })

  it('is refused whole for one bad product, or granted but for it', () => {
    const request = {
      type: 'subscribe',
      product_ids: ['BTC-USD', 'NO-WAY', 'ETH-USD'],
      channels: ['matches'],
    }
    const reason = 'NO-WAY is not a valid product'
    const whole = subscriptionsOf()
    expect(JSON.parse(ask(whole, request).text)).toEqual(failed('subscribe', reason))
    expect(whole.isEmpty).toBe(true)
    const part = subscriptionsOf({ grantsRest: true })
    const answer = ask(part, request)
    expect(answer.refusals?.map((text) => JSON.parse(text) as unknown)).toEqual([failed('subscribe', reason)])
    expect(sets(answer)).toEqual({ matches: ['BTC-USD', 'ETH-USD'] })
    const nothing = ask(subscriptionsOf({ grantsRest: true }), { ...request, product_ids: ['NO-WAY'] })
    expect(JSON.parse(nothing.text)).toEqual(failed('subscribe', reason))
  })

  it.each(['full', 'level3', 'level2', 'user', 'balance', 'rfq_matches'])(
    'needs good credentials for %s, given once for the socket',
    (channel) => {
      const subscriptions = subscriptionsOf()
      const request = { type: 'subscribe', product_ids: ['BTC-USD'], channels: [channel] }
      for (const fields of [
        {},
        signedFields(undefined, String(NOW - 31)),
        signedFields('d3Jvbmc=', String(NOW)),
      ])
        expect(JSON.parse(ask(subscriptions, { ...request, ...fields }).text)).toEqual(
          failed('subscribe', REFUSAL),
        )
      const good = signedFields(undefined, String(NOW + 30))
      expect(acknowledged(ask(subscriptions, { ...request, ...good })).type).toBe('subscriptions')
      const unsigned = ask(subscriptions, { ...request, product_ids: ['ETH-USD'] })
      expect(unsigned.added.length).toBe(1)
    },
  )

  it('is refused where the account has no room, which unsigned sockets do not count against', () => {
    const subscriptions = subscriptionsOf({ hasRoom: ({ product }) => product !== 'ETH-USD' })
    const request = { type: 'subscribe', product_ids: ['ETH-USD'], channels: ['matches'] }
    expect(ask(subscriptions, request).added.length).toBe(1)
    const signed = { ...request, channels: ['ticker'], ...signedFields(undefined, String(NOW)) }
    expect(JSON.parse(ask(subscriptions, signed).text)).toEqual(
      failed('subscribe', 'Too many subscriptions of this account to ticker of ETH-USD'),
    )
  })

  it('never fails, whatever it is', () => {
    const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((value) => `{"type":"subscribe","product_ids":${value},"channels":[${value}]}`),
      fc
        .json()
        .map((value) => `{"type":"unsubscribe","channels":[{"name":${value},"product_ids":${value}}]}`),
      fc.nat(30_000).map((depth) => `{"type":"subscribe","channels":[{"name":${deep(depth)}}]}`),
    )
    fc.assert(
      fc.property(text, (frame) => {
        const subscriptions = subscriptionsOf({ grantsRest: true })
        const { type } = JSON.parse(subscriptions.take(frame, NOW).text) as Frame
        expect(['error', 'subscriptions']).toContain(type)
      }),
      { numRuns: 300 },
    )
  })
})
