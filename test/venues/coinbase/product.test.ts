import { describe, expect, it } from 'vitest'

import { EntryCursor } from '../../../src/log/entry.ts'
import { CoinbaseDecoder } from '../../../src/venues/coinbase/decoder.ts'
import { type EntryScript, SinkLog } from '../../support/entries.ts'
import { session } from './feed-script.ts'

const ONE = 'https://rest.test/products/BTC-USD'
const row = (changes: object = {}): object => ({
  id: 'BTC-USD',
  quote_increment: '0.01',
  base_increment: '0.0001',
  status: 'online',
  ...changes,
})

const said = (script: EntryScript): SinkLog => {
  const sink = new SinkLog()
  const decoder = new CoinbaseDecoder()
  const cursor = new EntryCursor(script.records())
  while (cursor.next()) decoder.decode(cursor, sink)
  return sink
}

describe('the state of a product', () => {
  it.each([
    [row(), 'open', 'online'],
    [row({ cancel_only: true, post_only: true }), 'limited', 'online, cancel_only, post_only'],
    [row({ auction_mode: true }), 'limited', 'online, auction_mode'],
    [row({ trading_disabled: true }), 'paused', 'online, trading_disabled'],
    [row({ status: 'offline' }), 'paused', 'offline'],
    [row({ status: 'delisted' }), 'delisted', 'delisted'],
  ])(
    'is told alike from the list, from its own answer and from a status message: %j',
    (product, trading, says) => {
      const other = row({ id: 'ETH-USD', status: 'internal' })
      const script = session()
        .response('https://rest.test/products', [other, product])
        .response(ONE, product)
        .frame({ type: 'status', products: [product, other], currencies: [] })
      const { products } = said(script)
      const state = { trading, says, priceIncrement: '0.01', sizeIncrement: '0.0001' }
      expect(products).toEqual([state, state, state])
    },
  )

  it('is delisted where the venue knows nothing of it', () => {
    const script = session()
      .response('https://rest.test/products', [row({ id: 'ETH-USD' })])
      .response(ONE, { message: 'NotFound' }, 404)
    expect(said(script).products.map(({ trading, says }) => [trading, says])).toEqual([
      ['delisted', 'not listed'],
      ['delisted', 'not found'],
    ])
  })

  it('tells of finer steps before the first order needs them, and of nothing where an answer cannot be read', () => {
    const sink = said(
      session()
        .response('https://rest.test/products', [row()])
        .response(ONE, row({ quote_increment: '0.001' }))
        .response(ONE, 'busy')
        .response(ONE, row({ id: 'ETH-USD' }))
        .response(ONE, { message: 'slow down' }, 429),
    )
    const instruments = sink.take().filter(({ kind }) => kind === 'instrument')
    expect(instruments).toEqual([
      { kind: 'instrument', priceScale: 2, sizeScale: 4 },
      { kind: 'instrument', priceScale: 3, sizeScale: 4 },
    ])
    expect(sink.products.length).toBe(2)
    expect(sink.takeNotices().filter(({ kind }) => kind === 'undecoded').length).toBe(2)
  })

  it('is gone for good where a subscription is refused because of it', () => {
    const reason = 'BTC-USD is delisted'
    const sink = said(session().frame({ type: 'error', message: 'Failed to subscribe', reason }))
    expect(sink.products.map(({ trading }) => trading)).toEqual(['delisted'])
    const commands = sink.takeNotices().filter((notice) => notice.kind === 'command')
    expect(commands).toMatchObject([{ command: { kind: 'refused', isGone: true } }])
  })
})
