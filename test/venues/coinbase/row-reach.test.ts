/** What is really read by position: every kind of message that comes often, without its text being asked for. */
import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../../src/codec/template/scanning-cursor.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import type { EntryScript } from '../../support/entries.ts'
import { expectTwins } from '../../support/twin-decoding.ts'
import { book, BOOK_URL, done, id, match, message, open, PRODUCT, received, session } from './feed-script.ts'

/** How many of the frames were read without their text; decoders are not exchanged meanwhile. */
const unreadOf = (script: EntryScript): { readonly rows: number; readonly unread: number } =>
  expectTwins(
    coinbaseVenue,
    script.records(),
    (records) => new ScanningCursor(records, new FrameScanner()),
    1_000,
  )

const BOOK = book(100, [['99', '2', id('b1')]], [['101', '3', id('a1')]])
const AT = '2024-05-01T00:00:00.000001Z'
const keyless = { product_id: PRODUCT, time: AT }

describe('read by position', () => {
  it('all messages of full but the one that waits for the book', () => {
    const script = session().frame(received(100)).response(BOOK_URL, BOOK)
    script
      .frame(received(101, { client_oid: id('7'), funds: '1.50' }))
      .frame(open(102, 'a', { price: '98.50' }))
      .frame(match(103, 'b1', { taker_order_id: id('c') }))
      .frame(message('change', 104, { order_id: id('a'), price: '98.5', old_size: '1', new_size: '0.5' }))
      .frame(message('change', 105, { order_id: id('a'), price: null, old_size: '0.5', new_size: '0.25' }))
      .frame(
        message('change', 106, {
          order_id: id('a'),
          old_price: '98.5',
          new_price: '97',
          old_size: '0.25',
          new_size: '0.125',
        }),
      )
      .frame(done(107, 'a', { price: '97', remaining_size: '0.125' }))
      .frame(done(108, 'dead', { reason: 'filled' }))
      .frame(message('heartbeat', 1, { last_trade_id: 5 }))
      .frame(message('ticker', 2, { price: '1.5', open_24h: '2' }))
      .frame(message('last_match', 3))
    expect(unreadOf(script)).toMatchObject({ rows: 12, unread: 11 })
  })

  it('rows of level3, but not the schema and the row that waits for the book', () => {
    const script = session('level3')
      .frame({
        type: 'level3',
        schema: {
          change: ['type', 'product_id', 'sequence', 'order_id', 'price', 'size', 'time'],
          done: ['type', 'product_id', 'sequence', 'order_id', 'time'],
          match: [
            'type',
            'product_id',
            'sequence',
            'maker_order_id',
            'taker_order_id',
            'price',
            'size',
            'time',
          ],
          noop: ['type', 'product_id', 'sequence', 'time'],
          open: ['type', 'product_id', 'sequence', 'order_id', 'side', 'price', 'size', 'time'],
        },
      })
      .frame(['noop', PRODUCT, '100', AT])
      .response(BOOK_URL, BOOK)
      .frame(['open', PRODUCT, '101', id('a'), 'sell', '100.5', '0.02', AT])
      .frame(['match', PRODUCT, '102', id('a'), id('c'), '100.5', '0.01', AT])
      .frame(['change', PRODUCT, '103', id('b1'), '98', '1', AT])
      .frame(['noop', PRODUCT, '104', AT])
      .frame(['done', PRODUCT, '105', id('b1'), AT])
    expect(unreadOf(script)).toMatchObject({ rows: 7, unread: 5 })
  })

  it('all of the keyless feed', () => {
    const script = session('level2_batch')
      .frame({
        type: 'snapshot',
        product_id: PRODUCT,
        asks: [['101.5', '2']],
        bids: [
          ['99', '1'],
          ['98', '3'],
        ],
      })
      .frame({ type: 'snapshot', product_id: PRODUCT, asks: [], bids: [['99', '1']], time: AT })
      .frame({
        type: 'l2update',
        ...keyless,
        changes: [
          ['buy', '99.25', '0.5'],
          ['sell', '101.5', '0'],
        ],
      })
      .frame({ type: 'l2update', changes: [['sell', '102', '0.50000000']], ...keyless })
      .frame({ type: 'match', ...keyless, trade_id: 7, sequence: 9, side: 'buy', size: '1', price: '99.5' })
      .frame({ type: 'heartbeat', ...keyless, sequence: 10, last_trade_id: 7 })
    expect(unreadOf(script)).toMatchObject({ rows: 6, unread: 6 })
  })

  it('products whose name has a digit', () => {
    const product_id = '1INCH-USD'
    const script = session('level2_batch', { symbol: product_id, pair: product_id })
      .frame({ type: 'snapshot', product_id, asks: [['101.5', '2']], bids: [] })
      .frame({ type: 'l2update', product_id, changes: [['buy', '99.25', '0.5']], time: AT })
      .frame({ type: 'l2update', product_id, changes: [['buy', '99.25', '0']], time: AT })
    expect(unreadOf(script)).toMatchObject({ rows: 3, unread: 3 })
  })
})
