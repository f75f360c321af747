import { Buffer } from 'node:buffer'

import { isLeft, isRight, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { venueById } from '../../../src/app/production.ts'
import { offeredPairs } from '../../../src/app/recording/offered-pairs.ts'
import type { GetRest } from '../../../src/transport/rest.ts'
import type { Venue } from '../../../src/venues/venue.ts'

const { signal } = new AbortController()

const answering =
  (status: number, body: string, seen: string[] = []): GetRest =>
  ({ url, headers }) => {
    seen.push(url, Object.keys(headers).join())
    return Promise.resolve({ status, body: Buffer.from(body) })
  }

const venueOf = (id: string): Venue => {
  const venue = venueById(id)
  if (venue === undefined) throw new Error(`no venue ${id}`)
  return venue
}
const coinbase = venueOf('coinbase')
const bitfinex = venueOf('bitfinex')

describe('offeredPairs', () => {
  it('reads the products of Coinbase with their steps and restrictions, in the order of their names', async () => {
    const products = [
      {
        id: 'ETH-USD',
        status: 'online',
        post_only: true,
        quote_increment: '0.01',
        base_increment: '0.00000001',
      },
      { id: 'BTC-USD', status: 'delisted', trading_disabled: true },
      { id: 'no pair at all' },
      17,
    ]
    const seen: string[] = []
    const found = await offeredPairs(
      coinbase,
      'https://venue',
      signal,
      answering(200, JSON.stringify(products), seen),
    )
    expect(found).toEqual(
      right([
        {
          pair: 'BTC-USD',
          symbol: 'BTC-USD',
          status: 'delisted, trading_disabled',
          priceIncrement: undefined,
          sizeIncrement: undefined,
        },
        {
          pair: 'ETH-USD',
          symbol: 'ETH-USD',
          status: 'online, post_only',
          priceIncrement: '0.01',
          sizeIncrement: '0.00000001',
        },
      ]),
    )
    expect(seen[0]).toBe('https://venue/products')
    // A public list is asked for without a key.
    expect(seen.join().toLowerCase()).not.toContain('cb-access')
  })

  it('reads the list of Bitfinex, renamed currencies and long names among them', async () => {
    const body = JSON.stringify([['BTCUSD', 'AVAX:USD', 'ETHUST', 42, 'not a pair']])
    const found = await offeredPairs(bitfinex, 'https://venue', signal, answering(200, body))
    expect(isRight(found) && found.right.map(({ pair, symbol }) => [pair, symbol])).toEqual([
      ['AVAX-USD', 'tAVAX:USD'],
      ['BTC-USD', 'tBTCUSD'],
      ['ETH-USDT', 'tETHUST'],
    ])
  })

  it.each([
    [0, 'connect ECONNREFUSED', /does not answer at https:\/\/venue.*: connect ECONNREFUSED/],
    [503, 'maintenance\n  soon', /answers 503 .*: maintenance soon\./],
    [200, '<html>', /answers no JSON/],
    [200, '{"message":"no"}', /answers no list of pairs/],
  ])('tells of status %d and body %s in one sentence', async (status, body, sentence) => {
    for (const venue of [coinbase, bitfinex]) {
      const found = await offeredPairs(venue, 'https://venue', signal, answering(status, body))
      expect(isLeft(found) && found.left).toMatch(sentence)
    }
  })
})
