import { describe, expect, it } from 'vitest'

import { noticesOf } from '../../support/entries.ts'
import { keep, kinds, match, Session, session } from './feed-script.ts'

type Message = Readonly<Record<string, unknown>>

describe('level2', () => {
  const snapshot = {
    type: 'snapshot',
    product_id: 'BTC-USD',
    asks: [
      ['101.10', '3.000'],
      ['102.00', '0.00'],
    ],
    bids: [['99.5', '2']],
  }
  const update = (...changes: readonly (readonly unknown[])[]): Message => ({
    type: 'l2update',
    product_id: 'BTC-USD',
    changes,
    time: '2024-05-01T00:00:00.000001Z',
  })
  const levels = () => session('level2_batch').frame(snapshot)

  it('is a book by levels, valid and never verified', () => {
    const run = new Session(session('level2_batch'))
    run.script.frame(update(['buy', '1', '1'])).frame(snapshot)
    const said = run.say()
    expect(said.events).toMatchObject([
      { kind: 'instrument', priceScale: 1, sizeScale: 0 },
      { kind: 'book-started', book: 'levels', queueKnown: false },
      { kind: 'level-set', side: 'bid', price: 995, size: 2, exchangeTime: undefined },
      { kind: 'level-set', side: 'ask', price: 1011, size: 3, orderCount: undefined },
      { kind: 'book-valid', verified: false },
      { kind: 'transaction-ended' },
    ])
    expect(noticesOf(said, 'undecoded')).toEqual([])
  })

  it.each(['0', '0.0', '0.00', '0.00000000', '0e0'])('deletes a level by the size %s', (zero) => {
    const keeper = keep(levels().frame(update(['buy', '99.50', zero], ['sell', '101.1', '4'])))
    expect(keeper.summary()).toMatchObject({ valid: true, verified: false, bestBid: null, bestAsk: '101.1' })
  })

  it('takes matches as trades, each once, and last_match not', () => {
    const run = new Session(levels())
    const trade = (trade_id: number, side = 'sell') =>
      match(400 + trade_id, 'm', { trade_id, side, price: '101.1' })
    run.script
      .frame({ ...trade(7), type: 'last_match' })
      .frame(trade(8))
      .frame(trade(10))
      .frame(trade(9, 'buy'))
    run.script.frame(trade(8)).frame(trade(9))
    const trades = run.say().events.filter(({ kind }) => kind === 'traded')
    expect(trades).toMatchObject([
      { tradeId: 8, aggressor: 'buy', maker: -1, venueSequence: 408 },
      { tradeId: 10 },
      { tradeId: 9, aggressor: 'sell' },
    ])
  })

  it('leaves the time out where it is a zero date', () => {
    const run = new Session(levels())
    run.script.frame({ ...update(['buy', '99', '1']), time: '0001-01-01T00:00:00.000000Z' })
    expect(run.say().events).toMatchObject([{ exchangeTime: undefined }, { kind: 'transaction-ended' }])
  })

  it('grows its scales for a finer value', () => {
    const keeper = keep(levels().frame(update(['buy', '99.505', '0.00000001'])))
    expect(keeper.summary()).toMatchObject({ valid: true, bestBid: '99.505' })
    expect(keeper.book()).toMatchObject({ priceScale: 3, sizeScale: 8 })
  })

  it.each([
    [update(['buy', '99']), 'l2update'],
    [update(['buy', '99', 1]), 'l2update'],
    [update(['hold', '99', '1']), 'l2update'],
    [update(['buy', 'x', '1']), 'l2update'],
    [{ ...snapshot, bids: 'none' }, 'snapshot'],
    [{ ...snapshot, bids: [['1']] }, 'snapshot'],
  ])('loses the book to %j and starts afresh', (wrong, type) => {
    const run = new Session(levels())
    run.script.frame(wrong).frame(update(['buy', '98', '1']))
    const said = run.say()
    expect(kinds(said.events)).toEqual(['invalid malformed'])
    expect(said.notices).toEqual([
      { kind: 'undecoded', what: `malformed:${type}` },
      { kind: 'gap', cause: 'malformed', expected: '', found: expect.any(String) as unknown },
      { kind: 'command', command: { kind: 'reconnect', connection: 1, cause: 'resubscribe', delay: 1000 } },
    ])
    run.script.closed(1, 'requested').opened(2).frame(snapshot, 2)
    expect(kinds(run.say().events)).toContain('valid')
  })

  it('is crossed when the venue says so, and given up', () => {
    const keeper = keep(levels().frame(update(['buy', '101.1', '1'])))
    expect(keeper.summary()).toMatchObject({ valid: false, reason: 'crossed', gaps: 1 })
  })

  it('is recognised by what was subscribed, or by the first message', () => {
    const subscribe = { type: 'subscribe', product_ids: ['BTC-USD'], channels: ['matches', 'level2'] }
    for (const script of [
      session('full', { feed: undefined }).sent(subscribe),
      session('full', { feed: undefined }),
    ]) {
      const run = new Session(script.frame(match(4, 'm')).frame(snapshot).frame(match(5, 'm')))
      run.script.frame(match(6, 'm'))
      expect(kinds(run.say().events)).toEqual(['traded'])
    }
  })
})
