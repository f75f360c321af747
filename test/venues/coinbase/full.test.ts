import { describe, expect, it } from 'vitest'

import { noticesOf } from '../../support/entries.ts'
import {
  change,
  done,
  type Fields,
  id,
  keep,
  kinds,
  match,
  message,
  open,
  received,
  requestsOf,
  say,
  synchronised,
} from './feed-script.ts'

describe('messages of full', () => {
  it('received: nothing rests yet, limit or market', () => {
    const market = { order_type: 'market', price: undefined, size: undefined, funds: '3000.234' }
    const said = say(
      received(101),
      received(102, market),
      received(103, { ...market, size: '0', client_oid: '' }),
    )
    expect(kinds(said.events)).toEqual(['transaction-ended', 'transaction-ended'])
    expect(said.notices).toEqual([])
  })

  it('open: rests at the tail with its remaining size', () => {
    expect(say(open(101, 'a', { price: '98.50', remaining_size: '1.80' })).events).toMatchObject([
      { kind: 'instrument', priceScale: 1, sizeScale: 1 },
      { kind: 'order-opened', side: 'bid', price: 985, size: 18, rank: 0, venueSequence: 101 },
    ])
  })

  it('match: a trade by the taker, the maker shrinks; an order traded to its end leaves', () => {
    const said = say(match(101, 'bid', { size: '2', price: '99' }))
    expect(said.events.slice(-2)).toMatchObject([
      { kind: 'traded', tradeId: 101, price: 99, size: 2, aggressor: 'sell' },
      { kind: 'order-reduced', by: 2 },
    ])
    const keeper = keep(
      synchronised()
        .frame(match(101, 'bid', { size: '2', price: '99' }))
        .frame(done(102, 'bid', { reason: 'filled' })),
    )
    expect(keeper.summary()).toMatchObject({
      valid: true,
      verified: true,
      bestBid: null,
      bestAsk: '101',
      trades: 1,
    })
  })

  it('match: own trades say more, which is ignored', () => {
    const own = {
      user_id: 'u',
      profile_id: 'p',
      taker_fee_rate: '0.005',
      side: 'sell',
      maker_order_id: id('ask'),
    }
    expect(say(match(101, 'ask', { ...own, price: '101' })).events.slice(-2)).toMatchObject([
      { kind: 'traded', aggressor: 'buy' },
      { kind: 'order-reduced' },
    ])
  })

  it('match: an unknown maker is a trade and a contradiction', () => {
    const said = say(match(101, 'nobody'), open(102, 'a'))
    expect(kinds(said.events).slice(-2)).toEqual(['traded', 'invalid contradiction'])
    expect(said.events.at(-2)).toMatchObject({ maker: -1 })
    expect(noticesOf(said, 'gap')).toMatchObject([{ cause: 'contradiction' }])
    expect(requestsOf(said)).toEqual([1000])
  })

  it('done: removes what rests and nothing else', () => {
    const said = say(
      done(101, 'never-rested', { price: undefined, remaining_size: undefined, reason: 'filled' }),
      done(102, 'bid', { cancel_reason: '102:Self Trade Prevention', remaining_size: '0.5' }),
      done(103, 'ask', { reason: undefined, price: '' }),
    )
    const removed = said.events.filter(({ kind }) => kind === 'order-removed')
    expect(removed).toMatchObject([{ cause: 'canceled' }, { cause: 'unknown' }])
    expect(noticesOf(said, 'undecoded')).toEqual([])
  })

  it('change by self-trade prevention: keeps its place', () => {
    for (const reason of ['STP', undefined]) {
      const said = say(change({ reason, old_size: '2', new_size: '1.5', price: '99' }))
      expect(said.events.at(-1)).toMatchObject({
        kind: 'order-changed',
        size: 15,
        oldSize: 20,
        price: 99,
        oldPrice: 99,
      })
    }
  })

  it('change by self-trade prevention without a price: shrinks', () => {
    for (const price of [null, undefined, '']) {
      const said = say(change({ reason: 'STP', old_size: '2', new_size: '1.5', price }))
      expect(said.events.at(-1)).toMatchObject({ kind: 'order-reduced', by: 5 })
    }
  })

  it('change by amendment: price, size, or both', () => {
    const both = {
      reason: 'modify_order',
      old_size: '2',
      new_size: '2.5',
      old_price: '99',
      new_price: '98.5',
    }
    expect(say(change(both)).events.at(-1)).toMatchObject({
      kind: 'order-changed',
      price: 985,
      oldPrice: 990,
      size: 25,
      oldSize: 20,
    })
    const keeper = keep(synchronised().frame(change(both)))
    expect(keeper.summary()).toMatchObject({ valid: true, bestBid: '98.5' })
  })

  it('change: to nothing is the end of the order', () => {
    const said = say(change({ old_size: '2', new_size: '0.000', price: '99' }), done(102, 'bid'))
    expect(kinds(said.events).filter((kind) => kind.startsWith('order-'))).toEqual(['order-removed'])
  })

  it('change: of an order that does not rest, by size or by funds, is nothing', () => {
    const said = say(
      change({ order_id: id('x'), old_size: '2', new_size: '1', price: '99' }),
      message('change', 102, { order_id: id('y'), old_funds: '10.5', new_funds: '3', price: null }),
      message('change', 103, { order_id: id('z'), reason: 'modify_order', old_price: '1', new_price: '2' }),
    )
    expect(kinds(said.events)).toEqual(['transaction-ended', 'transaction-ended'])
    expect(said.notices).toEqual([])
  })

  it('change: of own orders without a number does not count', () => {
    const said = say({ ...change({ reason: 'tpsl_triggered' }), sequence: undefined }, open(101, 'a'))
    expect(kinds(said.events)).toEqual(['order-opened'])
    expect(said.notices).toEqual([])
  })

  it('last_match, ticker, heartbeat and the like mean nothing to the book', () => {
    const auxiliary = [
      'last_match',
      'ticker',
      'heartbeat',
      'auction',
      'status',
      'activate',
      'rfq_match',
      'subscriptions',
    ]
    const said = say(...auxiliary.map((type) => message(type, 500)), {
      ...open(700, 'x'),
      product_id: 'ETH-USD',
    })
    expect(said.events).toEqual([])
    expect(said.notices).toEqual([])
  })

  it('share a transaction when they share a time', () => {
    const time = '2024-05-01T00:00:01.000000Z'
    const said = say(
      received(101, { time, order_id: id('t') }),
      match(102, 'bid', { time, price: '99', size: '2', taker_order_id: id('t') }),
      done(103, 'bid', { time, reason: 'filled' }),
      done(104, 't', { time }),
      open(105, 'a', { time: '2024-05-01T00:00:02Z' }),
    )
    expect(kinds(said.events)).toEqual([
      'traded',
      'order-reduced',
      'order-removed',
      'transaction-ended',
      'order-opened',
    ])
  })

  it('are in the middle of a transaction while a taker is at work', () => {
    const time = '2024-05-01T00:00:01.000000Z'
    const script = synchronised()
    const keeper = keep(script)
    const after = (frame: Fields): boolean => {
      keeper.applyRecords(script.frame(frame).records())
      return keeper.isMidTransaction()
    }
    expect(keeper.isMidTransaction()).toBe(false)
    expect(after(received(101, { time, order_id: id('t') }))).toBe(true)
    expect(after(match(102, 'bid', { time, price: '99', taker_order_id: id('t') }))).toBe(true)
    expect(after(open(103, 't', { time, price: '98' }))).toBe(false)
    expect(after(done(104, 't'))).toBe(false)
  })

  it('leave the time out where it is a zero date or none', () => {
    const said = say(
      open(101, 'a', { time: '0001-01-01T00:00:00.000000Z' }),
      open(102, 'b', { time: 'soon' }),
    )
    expect(said.events.filter(({ kind }) => kind === 'order-opened')).toMatchObject([
      { exchangeTime: undefined },
      { exchangeTime: undefined },
    ])
  })
})
