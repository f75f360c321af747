import { describe, expect, it } from 'vitest'

import { renderBook } from '../../../src/replay/derived/book-row.ts'
import { noticesOf } from '../../support/entries.ts'
import {
  book,
  BOOK_URL,
  commandsOf,
  done,
  id,
  keep,
  kinds,
  match,
  open,
  received,
  requestsOf,
  Session,
  session,
  synchronised,
} from './feed-script.ts'

const validity = ({ events }: ReturnType<Session['say']>): readonly string[] =>
  kinds(events).filter((kind) => /valid|verified/.test(kind))

const GAP = { kind: 'gap', cause: 'venue-sequence' } as const

describe('numbers that begin anew on the same connection', () => {
  const restarted = (steps: readonly number[]): ReturnType<Session['say']> => {
    const run = new Session()
    for (let sequence = 101; sequence < 130; sequence++) run.script.frame(received(sequence))
    run.say()
    for (const sequence of steps) run.script.frame(received(sequence))
    return run.say()
  }

  it('are a loss at once when they go back far, and a new book is asked for', () => {
    const run = new Session(session().frame(received(5000)).response(BOOK_URL, book(5000)))
    run.script.frame(received(5001)).frame(received(1)).frame(received(2))
    const said = run.say()
    expect(kinds(said.events)).toContain('invalid venue-sequence')
    expect(noticesOf(said, 'gap')).toEqual([{ ...GAP, expected: '5002', found: '1' }])
    expect(requestsOf(said).length).toBe(1)
    run.script.response(BOOK_URL, book(1)).frame(received(3))
    expect(kinds(run.say().events)).toContain('verified')
  })

  it('are a loss after some messages when they go back a little', () => {
    const run = Array.from({ length: 16 }, (_, index) => index + 1)
    expect(noticesOf(restarted(run), 'gap')).toEqual([{ ...GAP, expected: '130', found: '16' }])
  })

  it('are none while newer ones come between', () => {
    const mixed = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? 100 + index / 2 : 130 + index / 2 - 0.5,
    )
    expect(noticesOf(restarted(mixed), 'gap')).toEqual([])
  })

  it('are none on another connection, which may lag as it likes', () => {
    const run = new Session()
    for (let sequence = 101; sequence < 130; sequence++) run.script.frame(received(sequence))
    run.script.opened(2)
    for (let sequence = 90; sequence < 130; sequence++) run.script.frame(received(sequence), 2)
    expect(noticesOf(run.say(), 'gap')).toEqual([])
  })

  describe('while another one lags behind with the old ones', () => {
    const lagging = (): Session => {
      const run = new Session(
        session().opened(2).frame(received(5000)).frame(received(5000), 2).response(BOOK_URL, book(5000)),
      )
      run.script.frame(received(5001)).frame(received(1)).frame(received(2))
      run.script.frame(received(5001), 2).frame(received(5002), 2).after(300_000).frame(received(3))
      return run
    }

    it('are the only ones that count, also when that one ends', () => {
      const run = lagging()
      run.script.closed(2).frame(received(4)).response(BOOK_URL, book(4)).frame(received(5))
      const said = run.say()
      expect(noticesOf(said, 'gap')).toEqual([{ ...GAP, expected: '5002', found: '1' }])
      expect(validity(said).at(-1)).toBe('verified')
    })

    it('are joined by it without a second loss', () => {
      const run = lagging()
      run.script.response(BOOK_URL, book(3)).frame(open(4, 'a'))
      for (let sequence = 1; sequence < 6; sequence++) run.script.frame(open(sequence, 'a'), 2)
      const said = run.say()
      expect(noticesOf(said, 'gap')).toHaveLength(1)
      expect(validity(said)).toEqual(['invalid venue-sequence', 'verified'])
      run.script.frame(open(6, 'c'), 2)
      expect(kinds(run.say().events)).toContain('order-opened')
    })

    it('are one loss too where both go back a little, one of them later', () => {
      const run = new Session()
      run.script.opened(2)
      for (let sequence = 101; sequence < 500; sequence++)
        run.script.frame(received(sequence)).frame(received(sequence), 2)
      for (let sequence = 1; sequence < 60; sequence++) {
        run.script.frame(received(sequence))
        if (sequence > 9) run.script.frame(received(sequence - 9), 2)
      }
      expect(noticesOf(run.say(), 'gap')).toEqual([{ ...GAP, expected: '500', found: '16' }])
    })

    it('are forgotten again when the others end: it was no new count', () => {
      const run = lagging()
      run.script.closed(1).frame(received(5003), 2).after(300_000).frame(received(5004), 2)
      run.script.response(BOOK_URL, book(5004)).frame(received(5005), 2)
      expect(validity(run.say()).at(-1)).toBe('verified')
    })

    it('are forgotten again when they go on where they were: it was no new count', () => {
      const run = lagging()
      run.script.frame(received(5003)).after(300_000).frame(received(5004))
      run.script.response(BOOK_URL, book(5004)).frame(received(5005), 2).closed(1)
      expect(validity(run.say()).at(-1)).toBe('verified')
    })
  })

  it('free the feed of a book of the count before, in time', () => {
    const run = new Session()
    for (const sequence of [5000, 1, 2]) run.script.frame(received(sequence))
    run.script.response(BOOK_URL, book(6000))
    run.say()
    run.script.after(11_000_000).frame(received(3))
    expect(requestsOf(run.say()).length).toBe(1)
  })
})

describe('numbers that do not follow', () => {
  it('wait for the missing one and go on when it comes', () => {
    const run = new Session()
    run.script.frame(open(102, 'b')).frame(open(103, 'c'))
    const waiting = run.say()
    expect(kinds(waiting.events)).toEqual(['invalid venue-sequence'])
    expect(commandsOf(waiting)).toEqual([{ kind: 'timer', timer: 'reorder', delay: 250 }])
    run.script.after(100_000).frame(open(101, 'a'))
    const said = run.say()
    expect(said.events.filter(({ kind }) => kind !== 'transaction-ended')).toMatchObject([
      { kind: 'book-valid', verified: true },
      { kind: 'order-opened', venueSequence: 101 },
      { kind: 'order-opened', venueSequence: 102 },
      { kind: 'order-opened', venueSequence: 103 },
    ])
    expect(said.notices).toEqual([])
  })

  it('go on hole by hole', () => {
    const run = new Session()
    run.script.frame(open(102, 'b')).frame(open(104, 'd')).frame(open(101, 'a'))
    expect(kinds(run.say().events).filter((kind) => kind !== 'transaction-ended')).toEqual([
      'invalid venue-sequence',
      'verified',
      'order-opened',
      'order-opened',
      'invalid venue-sequence',
    ])
    run.script.frame(open(103, 'c'))
    expect(noticesOf(run.say(), 'gap')).toEqual([])
  })

  it.each([
    ['the timer', (run: Session) => run.script.after(250_000).timer('reorder')],
    ['a later entry', (run: Session) => run.script.after(250_000).frame({ type: 'status' })],
    ['a closed connection', (run: Session) => run.script.closed()],
    ['the end of the run', (run: Session) => run.script.runEnded()],
  ])('are a loss, told once, at %s', (_name, end) => {
    const run = new Session()
    run.script.frame(open(105, 'e')).frame(open(106, 'f'))
    run.say()
    end(run)
    expect(noticesOf(run.say(), 'gap')).toEqual([{ ...GAP, expected: '101', found: '105' }])
    run.script.runEnded()
    expect(noticesOf(run.say(), 'gap')).toEqual([])
  })

  it('are a loss when a thousand others came meanwhile', () => {
    const run = new Session()
    for (let sequence = 102; sequence <= 1101; sequence++) run.script.frame(received(sequence))
    expect(noticesOf(run.say(), 'gap')).toEqual([])
    run.script.frame(received(1102))
    expect(noticesOf(run.say(), 'gap')).toEqual([{ ...GAP, expected: '101', found: '102' }])
  })

  it('bring a timer that fires too early to wait on', () => {
    const run = new Session()
    run.script.frame(open(102, 'b')).after(200_000).timer('reorder')
    const said = run.say()
    expect(noticesOf(said, 'gap')).toEqual([])
    expect(commandsOf(said).map((command) => (command.kind === 'timer' ? command.delay : 0))).toEqual([
      250, 50,
    ])
  })

  it('are two losses when two are missing', () => {
    const run = new Session()
    run.script.frame(open(102, 'b')).frame(open(104, 'd')).after(300_000).timer('reorder')
    expect(noticesOf(run.say(), 'gap')).toEqual([
      { ...GAP, expected: '101', found: '102' },
      { ...GAP, expected: '103', found: '104' },
    ])
  })

  it('bring a new synchronisation with what was held', () => {
    const run = new Session()
    run.script.after(5_000_000).frame(open(103, 'c')).after(250_000).timer('reorder')
    expect(requestsOf(run.say())).toEqual([0])
    run.script.frame(open(104, 'd')).response(BOOK_URL, book(102))
    const said = run.say()
    expect(kinds(said.events).filter((kind) => kind !== 'transaction-ended')).toEqual([
      'book-started',
      'order-opened',
      'order-opened',
      'verified',
      'order-opened',
      'order-opened',
    ])
  })

  it('ask for books at most once a second', () => {
    const run = new Session()
    run.script.after(100_000).frame(open(103, 'c')).after(250_000).timer('reorder')
    expect(requestsOf(run.say())).toEqual([650])
  })

  it('are dropped when they were here before', () => {
    const run = new Session()
    run.script.frame(open(101, 'a'))
    run.say()
    run.script.frame(open(101, 'a')).frame(match(90, 'bid')).frame(open(3, 'c'))
    const said = run.say()
    expect(said.events).toEqual([])
    expect(said.notices).toEqual([])
  })

  it('begin anew with a new connection, lower too', () => {
    const run = new Session()
    run.script.closed().opened(2).frame(open(7, 'a'), 2)
    const said = run.say()
    expect(noticesOf(said, 'gap')).toEqual([])
    expect(noticesOf(said, 'disconnected')).toEqual([{ kind: 'disconnected', cause: 'disconnect' }])
    expect(noticesOf(said, 'started')).toHaveLength(1)
    run.script.response(BOOK_URL, book(7))
    expect(kinds(run.say().events)).toContain('verified')
  })

  it('merge over redundant connections', () => {
    const run = new Session(session().opened(2).frame(received(100)).response(BOOK_URL, book(100)))
    run.script.frame(open(101, 'a'), 2).frame(open(101, 'a')).frame(open(102, 'b')).closed(1)
    run.script.frame(open(103, 'c'), 2)
    const said = run.say()
    expect(said.events.filter(({ kind }) => kind === 'order-opened')).toHaveLength(3)
    expect(noticesOf(said, 'gap')).toEqual([])
    expect(noticesOf(said, 'disconnected')).toEqual([])
  })
})

describe('connections', () => {
  it.each([
    ['silence', 'stale'],
    ['remote', 'disconnect'],
    ['requested', 'resubscribe'],
  ] as const)('closed by %s leave the book %s', (cause, reason) => {
    const run = new Session()
    run.script.closed(1, cause)
    const said = run.say()
    expect(kinds(said.events)).toEqual([`invalid ${reason}`])
    expect(said.notices).toEqual([{ kind: 'disconnected', cause: reason }])
  })

  it('that never delivered, or that we closed at the end, are no interruption', () => {
    const run = new Session(session())
    run.script.closed(1, 'remote')
    expect(run.say().notices).toEqual([])
    const stopped = new Session()
    stopped.script.closed(1, 'shutdown').runEnded()
    const said = stopped.say()
    expect(said.notices).toEqual([])
    expect(kinds(said.events)).toEqual(['invalid disconnect', 'invalid run-ended'])
  })

  it('tell a refusal once, with the text of the venue', () => {
    const run = new Session(session())
    const error = { type: 'error', message: 'Failed to subscribe', reason: 'full requires authentication' }
    run.script.frame(error).frame(error)
    expect(commandsOf(run.say())).toEqual([
      { kind: 'refused', connection: 1, text: 'Failed to subscribe: full requires authentication' },
    ])
  })
})

describe('errors of a connection that delivers', () => {
  it('are refusals only where a request failed', () => {
    const run = new Session()
    run.script.frame({ type: 'error', message: 'ErrSlowConsume' })
    expect(run.say().notices).toEqual([])
    run.script.frame({ type: 'error', message: 'Failed to subscribe', reason: 'X is delisted' })
    expect(commandsOf(run.say())).toMatchObject([
      { kind: 'refused', text: 'Failed to subscribe: X is delisted' },
    ])
  })
})

describe('a book that was found wrong', () => {
  it('is given up once, with a gap, and asked for again with patience', () => {
    const run = new Session()
    const said = run.reject('best bid 5, best ask 4')
    expect(kinds(said.events)).toEqual(['invalid crossed'])
    expect(said.notices).toEqual([
      { kind: 'gap', cause: 'crossed', expected: '', found: 'best bid 5, best ask 4' },
    ])
    expect(run.reject('again').notices).toEqual([])
    run.script.frame(open(101, 'a'))
    expect(requestsOf(run.say())).toEqual([1000])
    run.script.response(BOOK_URL, book(100))
    expect(kinds(run.say().events)).toContain('verified')
    run.reject('and again')
    run.script.frame(open(102, 'b'))
    expect(requestsOf(run.say())).toEqual([2000])
  })

  it('is found wrong by the book itself', () => {
    const keeper = keep(
      synchronised()
        .frame(open(101, 'a', { price: '102' }))
        .frame(received(102)),
    )
    expect(keeper.summary()).toMatchObject({ valid: false, reason: 'crossed', gaps: 1 })
  })

  it('keeps the ids of what it holds when a message after the one refused would let one go', () => {
    const crossing = synchronised().frame(open(101, 'a', { price: '102' }))
    const queued = session()
      .frame(received(100))
      .frame(open(101, 'a', { price: '102' }))
    const keepers = [
      keep(crossing.frame(done(102, 'bid'))),
      keep(queued.frame(received(102)).frame(done(103, 'bid')).response(BOOK_URL, book(100))),
    ]
    for (const keeper of keepers) {
      expect(keeper.summary()).toMatchObject({ valid: false, reason: 'crossed', gaps: 1 })
      const bids = renderBook('coinbase:BTC-USD', keeper).bids
      expect(bids.map(({ orders }) => orders)).toEqual([
        [{ id: id('a'), size: '1' }],
        [{ id: id('bid'), size: '2' }],
      ])
      const rows = [...keeper.book().orders('bid'), ...keeper.book().orders('ask')]
      expect(rows.map(({ order }) => keeper.orderId(order))).toEqual([id('a'), id('bid'), id('ask')])
    }
  })

  it('is found wrong by an order opened twice, a maker too small, an old size that differs', () => {
    const wrong = [
      open(101, 'bid'),
      match(101, 'bid', { size: '2.5' }),
      { ...done(101, 'bid'), type: 'change', old_size: '7', new_size: '1', price: '99' },
    ]
    for (const message of wrong) {
      const keeper = keep(synchronised().frame(message))
      expect(keeper.summary()).toMatchObject({ valid: false, reason: 'contradiction', gaps: 1 })
    }
  })
})
