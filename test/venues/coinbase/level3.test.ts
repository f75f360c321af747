import { describe, expect, it } from 'vitest'

import { noticesOf } from '../../support/entries.ts'
import { book, BOOK_URL, id, kinds, Session, session } from './feed-script.ts'

const SCHEMA = {
  type: 'level3',
  schema: {
    change: ['type', 'product_id', 'sequence', 'order_id', 'price', 'size', 'time'],
    done: ['type', 'product_id', 'sequence', 'order_id', 'time'],
    match: ['type', 'product_id', 'sequence', 'maker_order_id', 'taker_order_id', 'price', 'size', 'time'],
    noop: ['type', 'product_id', 'sequence', 'time'],
    open: ['type', 'product_id', 'sequence', 'order_id', 'side', 'price', 'size', 'time'],
  },
}
const AT = '2023-03-28T23:24:03.185394Z'

describe('level3', () => {
  const level3 = () =>
    session('level3').frame(SCHEMA).frame(['noop', 'BTC-USD', '100', AT]).response(BOOK_URL, book(100))

  it('follows the book with every kind of row', () => {
    const run = new Session(level3())
    run.script
      .frame(['open', 'BTC-USD', '101', id('a'), 'sell', '100.5', '0.02', AT])
      .frame(['match', 'BTC-USD', '102', id('a'), id('t'), '100.5', '0.01', AT])
      .frame(['change', 'BTC-USD', '103', id('bid'), '98', '1', AT])
      .frame(['noop', 'ETH-USD', '103', AT])
      .frame(['noop', 'BTC-USD', '104', AT])
      .frame(['done', 'BTC-USD', '105', id('bid'), AT])
    const said = run.say()
    expect(said.events.filter(({ kind }) => kind !== 'instrument')).toMatchObject([
      { kind: 'order-opened', side: 'ask', price: 1005, size: 2 },
      { kind: 'traded', tradeId: undefined, aggressor: 'unknown', price: 1005, size: 1 },
      { kind: 'order-reduced', by: 1 },
      { kind: 'order-changed', price: 980, size: 100, oldPrice: undefined, oldSize: undefined },
      { kind: 'order-removed', cause: 'unknown', venueSequence: 105 },
    ])
    expect(said.notices).toEqual([])
  })

  it('reads columns where the schema puts them', () => {
    const open = ['type', 'time', 'size', 'price', 'side', 'order_id', 'sequence', 'product_id', 'further']
    const run = new Session(session('level3').frame({ ...SCHEMA, schema: { ...SCHEMA.schema, open } }))
    run.script
      .frame(['noop', 'BTC-USD', 100, AT])
      .response(BOOK_URL, book(100))
      .frame(['open', AT, '2', '98', 'buy', id('a'), 101, 'BTC-USD', ''])
    expect(run.say().events.at(-1)).toMatchObject({ kind: 'order-opened', price: 98, size: 2, side: 'bid' })
  })

  it('loses the book to a row that is cut, and counts rows nobody knows', () => {
    const run = new Session(level3())
    run.script.frame(['halt', 'BTC-USD', '101', AT]).frame(['open', 'BTC-USD', '101', id('a'), 'buy'])
    const said = run.say()
    expect(noticesOf(said, 'undecoded').map(({ what }) => what)).toEqual(['type:halt', 'malformed:open'])
    expect(noticesOf(said, 'gap')).toMatchObject([{ cause: 'malformed' }])
  })

  it('is recognised without a manifest that names it', () => {
    const run = new Session(
      session('full', { feed: undefined }).frame(SCHEMA).frame(['noop', 'BTC-USD', '100', AT]),
    )
    run.script.response(BOOK_URL, book(100))
    expect(kinds(run.say().events)).toContain('verified')
  })
})
