import { describe, expect, it } from 'vitest'

import { renderBook } from '../../../src/replay/derived/book-row.ts'
import { noticesOf } from '../../support/entries.ts'
import {
  book,
  BOOK_URL,
  done,
  id,
  keep,
  kinds,
  match,
  open,
  received,
  Session,
  session,
} from './feed-script.ts'

describe('an assumed empty start', () => {
  it('is valid, never verified, and knows of orders it has not seen open', () => {
    const run = new Session(session('full', { assumeEmptyBook: true }))
    run.script.frame(open(50, 'a')).frame(match(51, 'older')).frame(open(53, 'c')).frame(done(52, 'older'))
    const said = run.say()
    expect(
      kinds(said.events).filter((kind) => kind !== 'transaction-ended' && kind !== 'instrument'),
    ).toEqual([
      'book-started',
      'valid',
      'order-opened',
      'traded',
      'invalid venue-sequence',
      'valid',
      'order-opened',
    ])
    expect(noticesOf(said, 'gap')).toEqual([])
  })
})

describe('scales', () => {
  it('come from the list of products', () => {
    const products = [
      { id: 'ETH-USD', quote_increment: '0.1', base_increment: '0.1' },
      { id: 'BTC-USD', quote_increment: '0.01', base_increment: '0.00000001', more: {} },
    ]
    const run = new Session(session().response('https://rest.test/products', products))
    run.script
      .frame(received(100))
      .response(BOOK_URL, book(100))
      .frame(open(101, 'a', { price: '99.995' }))
    const instruments = run.say().events.filter(({ kind }) => kind === 'instrument')
    expect(instruments).toEqual([{ kind: 'instrument', priceScale: 3, sizeScale: 8 }])
  })

  it('of a whole body are announced once', () => {
    const bids = [
      ['99.125', '2', id('x')],
      ['98', '2.5', id('y')],
      ['97', '1e-3', id('z')],
    ]
    const run = new Session(session().frame(received(100)))
    run.script.response(BOOK_URL, book(100, bids))
    const said = run.say()
    expect(kinds(said.events).lastIndexOf('instrument')).toBeLessThan(
      kinds(said.events).indexOf('book-started'),
    )
    const rows = said.events.filter(({ kind }) => kind === 'order-opened')
    expect(rows.slice(0, 3)).toMatchObject([
      { price: 99125, size: 2000 },
      { price: 98000, size: 2500 },
      { price: 97000, size: 1 },
    ])
  })

  it('survive a list that is none', () => {
    for (const body of ['<html>', '{}', [{ id: 'BTC-USD', quote_increment: 'x' }]]) {
      const run = new Session(session())
      run.script.response('https://rest.test/products', body)
      expect(run.say().notices).toEqual([{ kind: 'undecoded', what: 'malformed:products' }])
    }
  })
})

describe('a book that no longer fits into its scales', () => {
  const large = '9007199'
  const withLarge = (sequence: number) => book(sequence, [['99', large, id('bid')]])

  it('is given up with its scales, and comes back with the next body', () => {
    const script = session().frame(received(100)).response(BOOK_URL, withLarge(100))
    // At scale 10 the large order passes 2^53.
    script.frame(open(101, 'tiny', { price: '98', remaining_size: '0.0000000001' }))
    const lost = keep(script)
    expect(lost.summary()).toMatchObject({ valid: false, reason: 'not-representable', gaps: 1 })
    expect(renderBook('coinbase:BTC-USD', lost).bids).toMatchObject([{ price: '99', size: large }])

    script.frame(done(102, 'tiny')).response(BOOK_URL, withLarge(102))
    script.frame(open(103, 'small', { price: '98', remaining_size: '0.001' }))
    lost.applyRecords(script.records())
    expect(lost.summary()).toMatchObject({ valid: true, verified: true, gaps: 1 })
    expect(renderBook('coinbase:BTC-USD', lost).bids).toMatchObject([
      { price: '99', size: large },
      { price: '98', size: '0.001' },
    ])
  })

  it('costs nothing when finer scales come with the next body', () => {
    const script = session().frame(received(100)).response(BOOK_URL, withLarge(100)).closed().opened(2)
    script.frame(received(200), 2).response(BOOK_URL, book(200, [['99', '0.0000000001', id('bid')]]))
    expect(keep(script).summary()).toMatchObject({ valid: true, verified: true, gaps: 0, disconnects: 1 })
  })

  it('is not used again after a hole when the instrument became too fine meanwhile', () => {
    const script = session().frame(received(100)).response(BOOK_URL, withLarge(100)).frame(received(102))
    script.response('https://rest.test/products', [
      { id: 'BTC-USD', quote_increment: '0.01', base_increment: '0.0000000001' },
    ])
    script.frame(received(101))
    expect(keep(script).summary()).toMatchObject({ valid: false, reason: 'not-representable', gaps: 1 })
  })
})
