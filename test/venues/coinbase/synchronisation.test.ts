import { describe, expect, it } from 'vitest'

import { manifestOf, noticesOf } from '../../support/entries.ts'
import {
  book,
  BOOK_URL,
  commandsOf,
  decode,
  done,
  id,
  kinds,
  open,
  received,
  requestsOf,
  Session,
  session,
} from './feed-script.ts'

const LOADED = ['instrument', 'book-started', 'order-opened', 'order-opened', 'verified', 'transaction-ended']

describe('the first synchronisation', () => {
  it('asks for the book when the first message is queued, once', () => {
    const run = new Session(session())
    run.script.frame({ type: 'heartbeat', sequence: 99, last_trade_id: 1, product_id: 'BTC-USD' })
    expect(requestsOf(run.say())).toEqual([])
    run.script.frame(received(100)).frame(open(101, 'a'))
    expect(commandsOf(run.say())).toEqual([
      { kind: 'request', purpose: 'snapshot', path: '/products/BTC-USD/book?level=3', delay: 0 },
    ])
  })

  it('drops what the book holds and applies the rest', () => {
    const run = new Session(session())
    run.script.frame(open(100, 'a')).frame(open(101, 'b')).frame(open(102, 'c'))
    expect(kinds(run.say().events)).toEqual([])
    run.script.response(BOOK_URL, book(101))
    const said = run.say()
    expect(kinds(said.events)).toEqual([...LOADED, 'order-opened'])
    expect(said.events.at(-1)).toMatchObject({ venueSequence: 102 })
    expect(noticesOf(said, 'gap')).toEqual([])
  })

  it.each([99, 100])('accepts a body as of %i when 100 came first', (sequence) => {
    const run = new Session(session())
    run.script.frame(received(100)).response(BOOK_URL, book(sequence))
    expect(kinds(run.say().events).slice(0, 6)).toEqual(LOADED)
  })

  it('asks again, later and later, while the body is older than the queue', () => {
    const run = new Session(session())
    run.script.frame(received(100))
    expect(requestsOf(run.say())).toEqual([0])
    const delays: number[] = []
    for (let attempt = 0; attempt < 9; attempt++) {
      run.script.after(1_000_000).response(BOOK_URL, book(98))
      const said = run.say()
      expect(said.events).toEqual([])
      delays.push(requestsOf(said)[0] ?? -1)
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000])
  })

  it('waits while the body is ahead of the queue', () => {
    const run = new Session(session())
    run.script.frame(received(100)).response(BOOK_URL, book(103)).frame(open(101, 'x')).frame(open(102, 'y'))
    const waiting = run.say()
    expect(waiting.events).toEqual([])
    expect(requestsOf(waiting)).toEqual([0])
    run.script.frame(open(103, 'z'))
    expect(kinds(run.say().events)).toEqual(LOADED)
    run.script.frame(open(104, 'w'))
    expect(kinds(run.say().events)).toEqual(['order-opened'])
  })

  it('finds a body that was ahead too old when the feed jumps past it', () => {
    const run = new Session(session())
    run.script
      .frame(received(100))
      .response(BOOK_URL, book(103))
      .frame(open(106, 'x'))
      .after(260_000)
      .timer('reorder')
    const said = run.say()
    expect(said.events).toEqual([])
    expect(noticesOf(said, 'gap')).toEqual([
      { kind: 'gap', cause: 'venue-sequence', expected: '101', found: '106' },
    ])
    expect(requestsOf(said)).toEqual([0, 1000])
  })

  it.each([401, 403, 404, 500, 503, 0])('asks again after status %i', (status) => {
    const run = new Session(session())
    run.script.frame(received(100)).response(BOOK_URL, { message: 'no' }, status)
    const said = run.say()
    expect(requestsOf(said)).toEqual([0, 1000])
    expect(noticesOf(said, 'undecoded')).toEqual([])
  })

  it('has more patience after 429', () => {
    const run = new Session(session())
    run.script.frame(received(100)).response(BOOK_URL, 'Too many', 429).response(BOOK_URL, 'Too many', 429)
    expect(requestsOf(run.say())).toEqual([0, 4000, 8000])
  })

  it.each([
    ['<html>'],
    ['[]'],
    ['{"sequence":"100","bids":[],"asks":[]}'],
    [JSON.stringify({ sequence: 100, bids: [['1', '2', 3]], asks: [] })],
    [JSON.stringify({ sequence: 100, bids: [['1', 'two', 'id']], asks: [] })],
    [JSON.stringify({ sequence: 100, bids: [['-1', '2', 'id']], asks: [] })],
  ])('counts the body %s and asks again', (body) => {
    const run = new Session(session())
    run.script.frame(received(100)).response(BOOK_URL, body)
    const said = run.say()
    expect(noticesOf(said, 'undecoded')).toEqual([{ kind: 'undecoded', what: 'malformed:book' }])
    expect(requestsOf(said)).toEqual([0, 1000])
    expect(kinds(said.events)).not.toContain('book-started')
  })

  it('says once that a value fits no scale', () => {
    const run = new Session(session())
    const huge = book(100, [['1', '9007199254740993', id('x')]])
    run.script.frame(received(100)).response(BOOK_URL, huge).response(BOOK_URL, huge)
    const said = run.say()
    expect(noticesOf(said, 'gap')).toMatchObject([{ cause: 'not-representable', found: '9007199254740993' }])
    expect(kinds(said.events)).toContain('invalid not-representable')
    expect(requestsOf(said)).toEqual([0, 1000, 2000])
  })

  it('ignores answers about other books', () => {
    const run = new Session(session())
    run.script
      .frame(received(100))
      .response('https://rest.test/products/ETH-USD/book?level=3', book(100))
      .response('https://rest.test/products/BTC-USD/book?level=2', book(100))
    const said = run.say()
    expect(said.events).toEqual([])
    expect(noticesOf(said, 'undecoded')).toEqual([])
  })
})

describe('a body without a feed', () => {
  it('is valid at once and verified by the first message that follows', () => {
    const run = new Session(session())
    run.script.response(BOOK_URL, book(100))
    expect(kinds(run.say().events)).toContain('valid')
    run.script.frame(done(101, 'bid'))
    expect(kinds(run.say().events)).toEqual(['verified', 'order-removed'])
  })

  it('is verified by the message it already holds', () => {
    const run = new Session(session())
    run.script.response(BOOK_URL, book(100)).frame(done(100, 'bid'))
    expect(kinds(run.say().events).slice(-1)).toEqual(['verified'])
  })

  it('that is older than the feed is a failed synchronisation, no loss', () => {
    const run = new Session(session())
    run.script.response(BOOK_URL, book(100)).frame(open(105, 'a')).after(300_000).frame(open(106, 'b'))
    const said = run.say()
    expect(noticesOf(said, 'gap')).toEqual([])
    expect(kinds(said.events).slice(-1)).toEqual(['invalid venue-sequence'])
    expect(requestsOf(said)).toEqual([0])
    run.script.response(BOOK_URL, book(105))
    expect(kinds(run.say().events)).toEqual([...LOADED.slice(1), 'order-opened'])
  })

  it('does not make a book valid while no connection is there', () => {
    const said = decode(session().frame(received(100)).closed().response(BOOK_URL, book(100)))
    expect(kinds(said.events)).toEqual(['invalid no-snapshot', 'invalid disconnect'])
  })
})

describe('a body asked for before the connection was lost', () => {
  const reconnected = (): Session => {
    const script = session().frame(received(100)).closed().opened(2).response(BOOK_URL, book(100))
    return new Session(script)
  }

  it('makes no book valid before the new connection says how far the feed is', () => {
    const run = new Session(session().frame(received(100)).closed())
    run.script.opened(2).response(BOOK_URL, book(100))
    expect(run.say().events).toEqual([])
  })

  it('is too old when the feed went on meanwhile: no loss, a new one is asked for', () => {
    const run = reconnected()
    run.script.frame(open(150, 'a'), 2)
    const said = run.say()
    expect(said.events).toEqual([])
    expect(noticesOf(said, 'gap')).toEqual([])
    expect(requestsOf(said)).toEqual([1000])
  })

  it('is taken where the feed goes on from it', () => {
    const run = reconnected()
    run.script.frame(open(101, 'a'), 2)
    expect(kinds(run.say().events)).toEqual([...LOADED, 'order-opened'])
  })

  it('is old news no more in the next run', () => {
    const run = reconnected()
    run.script.runEnded().runStarted(manifestOf({ venue: 'coinbase', symbol: 'BTC-USD', feed: 'full' }))
    run.script.response(BOOK_URL, book(100))
    expect(kinds(run.say().events)).toContain('valid')
  })
})

describe('an auction', () => {
  it('ends no transaction until a book without auction comes', () => {
    const run = new Session(session())
    run.script
      .frame(received(100))
      .response(BOOK_URL, { ...book(100), auction_mode: true, time: '2024-05-01T00:00:00Z' })
      .frame(open(101, 'a'))
      .frame(open(102, 'b'))
    const said = run.say()
    expect(kinds(said.events)).toContain('verified')
    expect(kinds(said.events)).not.toContain('transaction-ended')
  })
})

describe('a queue without a book', () => {
  it('is bounded: the connection is given up, numbers go on', () => {
    const run = new Session(session())
    const script = run.script
    for (let sequence = 1; sequence <= 200_001; sequence++)
      script.frame(
        `{"type":"received","product_id":"BTC-USD","sequence":${String(sequence)},"time":"","side":"buy","order_id":"o"}`,
      )
    const said = run.say()
    expect(commandsOf(said).filter(({ kind }) => kind === 'reconnect')).toEqual([
      { kind: 'reconnect', connection: 1, cause: 'resubscribe', delay: 1000 },
    ])
    script.frame(open(200_002, 'a')).response(BOOK_URL, book(200_001))
    expect(kinds(run.say().events).slice(-1)).toEqual(['order-opened'])
  })
})
