/** What the hand-written sessions come to, by the book they leave and the trouble they tell. */
import { describe, expect, it } from 'vitest'

import { decimalText } from '../../../src/market/decimal.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { CoinbaseDecoder } from '../../../src/venues/coinbase/decoder.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { decodeAll, type Decoded, noticesOf } from '../../support/entries.ts'
import { recordsOfFixture, venueFixtures } from '../../support/venue-fixtures.ts'
import { requestsOf } from './feed-script.ts'

const fixtures = new Map(venueFixtures('coinbase').map((fixture) => [fixture.name, fixture]))

const keeperOf = (name: string): BookKeeper => {
  const keeper = new BookKeeper(coinbaseVenue)
  keeper.applyRecords(recordsOfFixture(fixtures.get(name)?.lines ?? []))
  return keeper
}

const decodedOf = (name: string): Decoded =>
  decodeAll(new CoinbaseDecoder(), recordsOfFixture(fixtures.get(name)?.lines ?? []))

/** The book's orders, or levels, as text: best first, in queue order. */
const contentOf = (keeper: BookKeeper, side: 'bid' | 'ask'): readonly string[] => {
  const book = keeper.book()
  const text = (price: number, size: number): string =>
    `${decimalText(size, book.sizeScale)} @ ${decimalText(price, book.priceScale)}`
  if (book.kind === 'levels') return book.top(side).map(({ price, size }) => text(price, size))
  return book
    .orders(side)
    .map(
      ({ order, price, size }) =>
        `${String(Number(keeper.orderId(order).slice(0, 8)))}: ${text(price, size)}`,
    )
}

describe('the sessions', () => {
  it('full-session', () => {
    const keeper = keeperOf('full-session')
    expect(contentOf(keeper, 'bid')).toEqual([
      '30: 0.05 @ 60015',
      '1: 1 @ 59990.1',
      '21: 0.5 @ 59990.1',
      '2: 0.8 @ 59990.1',
    ])
    expect(contentOf(keeper, 'ask')).toEqual([
      '7: 9 @ 60040.005',
      '60: 0.3 @ 60100.25',
      '61: 0.3 @ 60101.25',
      '63: 0.3 @ 60103.25',
      '64: 0.3 @ 60104.25',
      '65: 0.3 @ 60105.25',
    ])
    expect(keeper.summary()).toMatchObject({ gaps: 0, disconnects: 0, undecodedFrames: 0, trades: 3 })
    expect(requestsOf(decodedOf('full-session'))).toEqual([0, 1000])
  })

  it('level3-session', () => {
    const keeper = keeperOf('level3-session')
    expect(contentOf(keeper, 'bid')).toEqual(['30: 0.02 @ 59995', '1: 1.25 @ 59990.1'])
    expect(contentOf(keeper, 'ask').slice(0, 2)).toEqual(['6: 0.7 @ 60011', '60: 0.3 @ 60020.5'])
    expect(keeper.summary()).toMatchObject({ gaps: 0, disconnects: 0, undecodedFrames: 0, trades: 1 })
  })

  it('level2-session', () => {
    const keeper = keeperOf('level2-session')
    expect(contentOf(keeper, 'bid')).toEqual(['1 @ 60000', '2.5 @ 59990.1', '3 @ 59980'])
    expect(contentOf(keeper, 'ask')).toEqual(['1 @ 60010.5', '0.12 @ 60020.55'])
    expect(keeper.summary()).toMatchObject({ gaps: 0, disconnects: 1, undecodedFrames: 0, trades: 3 })
  })

  it('trouble', () => {
    const { gaps, disconnects, undecoded } = keeperOf('trouble').takeVerdict()
    expect(gaps.map(({ cause, expected, found }) => [cause, expected, found])).toEqual([
      ['venue-sequence', '505', '506'],
      ['malformed', '', 'message 508'],
      ['contradiction', '', expect.stringContaining('unknown maker') as unknown],
      ['crossed', '', 'best bid 60001, best ask 60000'],
      ['not-representable', '', '9007199254740993'],
      ['venue-sequence', '15', '16'],
    ])
    expect(disconnects.map(({ cause }) => cause)).toEqual(['stale', 'disconnect'])
    expect(undecoded.kinds).toEqual({
      'malformed:book': 1,
      'malformed:open': 1,
      'not-json': 1,
      'level3-without-schema': 1,
      'type:auctioneer': 1,
      'type:constructor': 1,
      binary: 1,
    })
    expect(noticesOf(decodedOf('trouble'), 'command').map(({ command }) => command.kind)).toContain('refused')
  })
})
