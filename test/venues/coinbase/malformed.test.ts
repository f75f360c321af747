import { describe, expect, it } from 'vitest'

import { noticesOf } from '../../support/entries.ts'
import {
  book,
  BOOK_URL,
  change,
  kinds,
  match,
  open,
  received,
  requestsOf,
  say,
  Session,
  session,
} from './feed-script.ts'

describe('bad frames', () => {
  it.each([
    ['{"type":"open","product', 'not-json'],
    ['null', 'no-object'],
    ['7', 'no-object'],
    ['{}', 'type:'],
    ['{"type":7}', 'type:'],
    ['{"type":"surprise","product_id":"BTC-USD","sequence":101}', 'type:surprise'],
    [`{"type":"${'x'.repeat(999)}"}`, `type:${'x'.repeat(24)}`],
    ['["open","BTC-USD","101"]', 'level3-without-schema'],
    ['{"__proto__":{"type":"open"}}', 'type:'],
    ['{"type":"open"}', 'malformed:open'],
    ['{"type":"match","product_id":"BTC-USD","sequence":"101"}', 'malformed:match'],
    ['{"type":"level3","schema":{"open":["type"]}}', 'malformed:level3'],
  ])('%s is counted as %s and the next message goes on', (text, what) => {
    const said = say(text, open(101, 'a'))
    expect(noticesOf(said, 'undecoded')).toEqual([{ kind: 'undecoded', what }])
    expect(kinds(said.events)).toEqual(['order-opened'])
  })

  it('binary frames are counted', () => {
    const run = new Session()
    run.script.binary(new Uint8Array([0, 255]))
    expect(run.say().notices).toEqual([{ kind: 'undecoded', what: 'binary' }])
  })

  it.each([
    open(101, 'a', { price: 100 }),
    open(101, 'a', { remaining_size: 'much' }),
    open(101, 'a', { remaining_size: '-1' }),
    open(101, 'a', { side: 'both' }),
    open(101, 'a', { order_id: '' }),
    match(101, 'bid', { size: null }),
    change({ new_size: '5', price: '1e9999' }),
    change({ reason: 'STP', price: null, new_size: '1' }),
  ])('a wrong field in %j loses the book, not the number', (wrong) => {
    const said = say(wrong, received(102))
    expect(kinds(said.events).filter((kind) => kind.startsWith('invalid'))).toHaveLength(1)
    expect(noticesOf(said, 'gap')).toHaveLength(1)
    expect(requestsOf(said)).toEqual([1000])
    const run = new Session()
    run.script.frame(wrong).frame(open(102, 'b')).response(BOOK_URL, book(101))
    expect(kinds(run.say().events).slice(-1)).toEqual(['order-opened'])
  })

  it('a wrong message in the queue matters only when the book does not hold it', () => {
    const wrong = open(101, 'a', { price: 100 })
    const queued = () => new Session(session().frame(received(100)).frame(wrong).frame(received(102)))
    const held = queued()
    held.script.response(BOOK_URL, book(101))
    expect(noticesOf(held.say(), 'gap')).toEqual([])
    const missing = queued()
    missing.script.response(BOOK_URL, book(100))
    const said = missing.say()
    expect(noticesOf(said, 'gap')).toMatchObject([{ cause: 'malformed', found: 'open: price' }])
    expect(noticesOf(said, 'undecoded')).toEqual([])
  })

  it('a value past 2^53 units is a loss with that name', () => {
    const said = say(open(101, 'a', { remaining_size: '9007199254740993' }))
    expect(noticesOf(said, 'gap')).toEqual([
      { kind: 'gap', cause: 'not-representable', expected: '', found: '9007199254740993' },
    ])
    expect(kinds(said.events)).toEqual(['invalid not-representable'])
  })
})
