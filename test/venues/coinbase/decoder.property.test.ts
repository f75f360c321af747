import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { decodeAll, decodeWithCut, EntryScript, manifestOf, splitRecords } from '../../support/entries.ts'
import { BothWays } from './both-ways.ts'
import { book, BOOK_URL, done, match, message, open, PRODUCT, received, session } from './feed-script.ts'

type Message = Readonly<Record<string, unknown>>

const newDecoder = (): BothWays => new BothWays()
const START = 100

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
/** A price that bids (below 100) and asks (from 100 on) cannot cross at. */
const cents = fc.integer({ min: 1, max: 9_999 })
const size = fc.constantFrom('1', '0.5', '2.25', '0.00000001')

/** Messages of a sound feed without their numbers: opens of new names, cancels, trades, queries of the unknown. */
const step: fc.Arbitrary<(sequence: number) => Message> = fc.oneof(
  fc.tuple(cents, size).map(
    ([price, remaining_size]) =>
      (sequence: number) =>
        open(sequence, `n${String(sequence)}`, { price: (price / 100).toFixed(2), remaining_size }),
  ),
  name.map((one) => (sequence: number) => done(sequence, one)),
  fc.constant((sequence: number) => received(sequence)),
  fc.constant((sequence: number) => match(sequence, 'bid', { price: '99', size: '0.00000001' })),
  fc.tuple(size, size).map(
    ([old_size, new_size]) =>
      (sequence: number) =>
        message('change', sequence, { order_id: 'unknown', old_size, new_size, price: '1' }),
  ),
)
const feed = fc
  .array(step, { minLength: 4, maxLength: 40 })
  .map((steps) => steps.map((make, index) => make(START + index)))

const play = (messages: readonly Message[], gapMicros = 1_000): BookKeeper => {
  const script = session()
    .frame(received(START - 1))
    .response(BOOK_URL, book(START - 1))
  for (const one of messages) script.after(gapMicros).frame(one)
  const keeper = new BookKeeper(coinbaseVenue)
  keeper.applyRecords(script.records())
  return keeper
}

describe('a sound feed', () => {
  it('gives the same book when neighbours are swapped or repeated', () => {
    fc.assert(
      fc.property(feed, fc.nat(), fc.nat(), (messages, first, second) => {
        const swapped = [...messages]
        const at = first % (messages.length - 1)
        ;[swapped[at], swapped[at + 1]] = [messages[at + 1] as Message, messages[at] as Message]
        const twice = swapped[second % swapped.length] as Message
        swapped.splice((second % swapped.length) + 1, 0, twice)
        const expected = play(messages)
        const keeper = play(swapped)
        expect(expected.summary()).toMatchObject({ valid: true, verified: true, gaps: 0 })
        expect(keeper.summary()).toMatchObject({ valid: true, verified: true, gaps: 0 })
        expect(keeper.digest().digest).toBe(expected.digest().digest)
      }),
    )
  })

  it('reports any message that is missing, with its numbers', () => {
    fc.assert(
      fc.property(feed, fc.nat(), (messages, choice) => {
        const lost = choice % (messages.length - 1)
        const keeper = play(
          messages.filter((_, index) => index !== lost),
          300_000,
        )
        const { gaps } = keeper.takeVerdict()
        // A loss behind the last but one is proven but its window is still open.
        if (lost === messages.length - 2) expect(keeper.summary()).toMatchObject({ reason: 'venue-sequence' })
        else
          expect(gaps).toMatchObject([
            { cause: 'venue-sequence', expected: String(START + lost), found: String(START + lost + 1) },
          ])
        expect(keeper.summary().valid).toBe(false)
      }),
    )
  })
})

/** Anything a frame or a body may be, from nearly right to garbage. */
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    PRODUCT,
    'buy',
    'sell',
    '0',
    '1.5',
    '-1',
    '1e400',
    '0.1e-20',
    'NaN',
    '',
    null,
    true,
  ),
  fc.integer({ min: 98, max: 112 }),
  fc.string({ maxLength: 8 }),
  fc.double(),
)
const FIELDS = [
  'type',
  'product_id',
  'sequence',
  'time',
  'side',
  'order_id',
  'price',
  'size',
  'remaining_size',
  'maker_order_id',
  'taker_order_id',
  'new_size',
  'old_size',
  'changes',
  'bids',
  'asks',
  'schema',
  'channels',
  '__proto__',
  'toString',
]
const TYPES = [
  'received',
  'open',
  'done',
  'match',
  'change',
  'snapshot',
  'l2update',
  'level3',
  'error',
  'subscriptions',
  'heartbeat',
]
const garbled = fc
  .tuple(fc.constantFrom(...TYPES), fc.integer({ min: 98, max: 112 }), fc.constantFrom(...FIELDS), scalar)
  .map(([type, sequence, field, value]) => {
    const whole =
      type === 'match' ? match(sequence, 'bid') : open(sequence, 'a', { type, maker_order_id: 'x' })
    const levels = { bids: [['1', '2', 'x']], asks: [], changes: [['buy', '1', '2']] }
    return JSON.stringify({ ...whole, ...levels }).replace(
      /\}$/,
      `,${JSON.stringify(field)}:${JSON.stringify(value)}}`,
    )
  })
const row = fc
  .tuple(fc.constantFrom('open', 'noop', 'done', 'match', 'change', 'x'), fc.array(scalar, { maxLength: 8 }))
  .map(([kind, cells]) => JSON.stringify([kind, PRODUCT, '101', ...cells]))
const frame = fc.oneof(garbled, garbled, row, fc.json(), fc.string({ maxLength: 30 }))
const SCHEMA = JSON.stringify({
  type: 'level3',
  schema: {
    change: ['type', 'product_id', 'sequence', 'order_id', 'price', 'size', 'time'],
    done: ['type', 'product_id', 'sequence', 'order_id', 'time'],
    match: ['type', 'product_id', 'sequence', 'maker_order_id', 'taker_order_id', 'price', 'size', 'time'],
    noop: ['type', 'product_id', 'sequence', 'time'],
    open: ['type', 'product_id', 'sequence', 'order_id', 'side', 'price', 'size', 'time'],
  },
})

type Deed = (script: EntryScript) => unknown
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(frame, fc.integer({ min: 1, max: 2 })).map(
      ([text, connection]): Deed =>
        (script) =>
          script.frame(text, connection),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 98, max: 112 }).map(
      (sequence): Deed =>
        (script) =>
          script.frame(received(sequence)),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 98, max: 112 }).map(
      (sequence): Deed =>
        (script) =>
          script.response(BOOK_URL, book(sequence)),
    ),
  },
  fc.tuple(frame, fc.constantFrom(200, 429, 0)).map(
    ([text, status]): Deed =>
      (script) =>
        script.response(BOOK_URL, text, status),
  ),
  frame.map(
    (text): Deed =>
      (script) =>
        script.response('https://rest.test/products', text),
  ),
  frame.map(
    (text): Deed =>
      (script) =>
        script.sent(text),
  ),
  fc.integer({ min: 0, max: 400_000 }).map(
    (micros): Deed =>
      (script) =>
        script.after(micros),
  ),
  fc.constantFrom<Deed>(
    (script) => script.frame(SCHEMA),
    (script) => script.timer('reorder'),
    (script) => script.closed(1, 'silence'),
    (script) => script.closed(2),
    (script) => script.opened(1),
    (script) => script.runEnded(),
    (script) => script.binary(new Uint8Array([1, 2, 254])),
  ),
)
const scenario = fc
  .tuple(
    fc.constantFrom('full', 'level3', 'level2_batch', undefined),
    fc.boolean(),
    fc.array(deed, { maxLength: 40 }),
  )
  .map(([named, assumeEmptyBook, deeds]) => {
    const script = new EntryScript().runStarted(
      manifestOf({ venue: 'coinbase', symbol: PRODUCT, feed: named, assumeEmptyBook }),
    )
    script.opened(1)
    for (const act of deeds) act(script)
    return script.records()
  })

describe('whatever comes', () => {
  it('is decoded without a throw, twice the same, and the same after a cut anywhere', () => {
    fc.assert(
      fc.property(scenario, (records) => {
        const whole = decodeAll(newDecoder(), records)
        expect(decodeAll(newDecoder(), records)).toEqual(whole)
        const split = splitRecords(records)
        for (let cut = 0; cut <= split.length; cut++)
          expect(decodeWithCut(newDecoder, split, cut)).toEqual(whole)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps a keeper going, cut anywhere', () => {
    fc.assert(
      fc.property(scenario, fc.nat(), (records, choice) => {
        const split = splitRecords(records)
        const keeper = new BookKeeper(coinbaseVenue)
        let resumed = new BookKeeper(coinbaseVenue)
        const cut = choice % split.length
        for (const [index, record] of split.entries()) {
          keeper.applyRecords(record)
          if (index === cut) {
            const state = resumed.save()
            resumed = new BookKeeper(coinbaseVenue)
            resumed.restore(state)
          }
          resumed.applyRecords(record)
          expect(resumed.digest()).toEqual(keeper.digest())
        }
        expect(resumed.isMidTransaction()).toBe(keeper.isMidTransaction())
      }),
      { numRuns: 300 },
    )
  })

  it('may be very large or very deep', () => {
    const million = 1_000_000
    const texts = [
      `{"type":"open","product_id":"BTC-USD","sequence":101,"side":"buy","time":"","order_id":"a","price":"1.${'0'.repeat(million)}1","remaining_size":"1"}`,
      `{"type":"${'x'.repeat(20 * million)}"}`,
      '['.repeat(million) + ']'.repeat(million),
      '{"type":'.repeat(million),
      `{"type":"snapshot","product_id":"BTC-USD","bids":${'['.repeat(10_000)}${']'.repeat(10_000)},"asks":[]}`,
      'x'.repeat(20 * million),
    ]
    const script = session().frame(received(100)).response(BOOK_URL, book(100))
    for (const text of texts) script.frame(text)
    const keeper = new BookKeeper(coinbaseVenue)
    keeper.applyRecords(script.records())
    expect(keeper.summary()).toMatchObject({ undecodedFrames: 5, gaps: 1 })
  })
})
