/** Frames that are nearly right, read as text and as rows: fields lost, doubled, respelt, of other types, out of range. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../../src/codec/template/scanning-cursor.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { EntryScript, manifestOf } from '../../support/entries.ts'
import { expectTwinKeepers, expectTwins } from '../../support/twin-decoding.ts'
import { id } from './feed-script.ts'

/** A message as its fields in order, keys and values as they stand in the text. */
type Field = readonly [key: string, value: string]
type Fields = readonly Field[]

const PRODUCTS = ['BTC-USD', '1INCH-USD'] as const
const FIRST = 100

/** Now and then one of these, else null. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, arbitrary)

const quoted = (text: string): string => `"${text}"`
const goodTime = fc.constantFrom(
  '2024-05-01T00:00:00.000001Z',
  '2024-05-01T00:00:00.1Z',
  '2024-05-01T00:00:01Z',
)
const oddTime = fc.constantFrom(
  '0001-01-01T00:00:00Z',
  '2024-05-01T00:00:00.000001000Z',
  '2024-02-30T00:00:00Z',
  'soon',
)
const time = fc.oneof({ weight: 12, arbitrary: goodTime }, oddTime)
const amount = fc.oneof(
  { weight: 25, arbitrary: fc.constantFrom('1', '0.5', '2.25', '1.50', '100.00', '0.00000001', '99.99') },
  fc.constantFrom(
    '0',
    '0.000',
    '-1',
    '-0',
    '1e-3',
    '1E5',
    '01',
    '.5',
    '1.',
    '9007199254740991',
    '9007199254740993',
    '900719925474099.1',
    '0.0000000000000001',
    '1.0000000000000000',
    '0.000000000000001',
    '',
    'much',
  ),
)
// The last is no UUID.
const name = fc.constantFrom('b1', 'a1', 'a', 'b', 'c', 'b1', 'a1', 'other')
const uuid = name.map(id)
const side = fc.oneof({ weight: 20, arbitrary: fc.constantFrom('buy', 'sell') }, fc.constant('both'))

type Make = (sequence: number, product: string) => Fields

const makeOf = (type: string, fields: fc.Arbitrary<Readonly<Record<string, string>>>): fc.Arbitrary<Make> =>
  fc
    .tuple(fields, time)
    .map(([more, at]): Make => (sequence, product) => [
      ['type', quoted(type)],
      ['product_id', quoted(product)],
      ['sequence', String(sequence)],
      ['time', quoted(at)],
      ...Object.entries(more).map(([key, value]): Field => [key, quoted(value)]),
    ])

const tradeId =
  (make: Make): Make =>
  (sequence, product) => [...make(sequence, product), ['trade_id', String(sequence)]]

const message: fc.Arbitrary<Make> = fc.oneof(
  makeOf('received', fc.record({ order_id: uuid, side, price: amount, size: amount })),
  makeOf('open', fc.record({ order_id: uuid, side, price: amount, remaining_size: amount })),
  makeOf('done', fc.record({ order_id: uuid, reason: fc.constantFrom('filled', 'canceled', 'st0p', '') })),
  makeOf(
    'match',
    fc.record({ maker_order_id: uuid, taker_order_id: uuid, side, price: amount, size: amount }),
  ).map(tradeId),
  makeOf('change', fc.record({ order_id: uuid, price: amount, old_size: amount, new_size: amount })),
  makeOf(
    'change',
    fc.record({
      order_id: uuid,
      old_price: amount,
      new_price: amount,
      old_size: amount,
      new_size: amount,
    }),
  ),
  makeOf('heartbeat', fc.record({})),
  makeOf('ticker', fc.record({ price: amount, side })),
)

const level = fc.tuple(amount, amount).map((pair) => `[${pair.map(quoted).join(',')}]`)
const changed = fc.tuple(side, amount, amount).map((cells) => `[${cells.map(quoted).join(', ')}]`)
const listOf = (element: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: element },
        fc.constantFrom(
          '[]',
          '["1"]',
          '["1","2"]',
          '["1","2","3"]',
          '["buy","1","2","3"]',
          '["1","2","x\\q"]',
          '7',
          '["1","2",[[1]]]',
          '["1","2",{"a":1}]',
        ),
      ),
      { maxLength: 4 },
    )
    .map((elements) => `[${elements.join(',')}]`)

const levels: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(listOf(level), listOf(level)).map(([bids, asks]): Make => (_, product) => [
    ['type', '"snapshot"'],
    ['product_id', quoted(product)],
    ['asks', asks],
    ['bids', bids],
  ]),
  fc.tuple(listOf(changed), time).map(([changes, at]): Make => (_, product) => [
    ['type', '"l2update"'],
    ['product_id', quoted(product)],
    ['changes', changes],
    ['time', quoted(at)],
  ]),
)

const oddValue = fc.constantFrom(
  ...['null', 'true', '7', '-7', '-0', '1e2', '1.0', '101.5', '9007199254740993', '""', '"x"', '"5"'],
  ...[
    '"\\u0031"',
    '"b\\u0075y"',
    '"\\q"',
    '"\\q1"',
    '"4\t"',
    '"\\u0042TC-USD"',
    '"1\\u002e5"',
    '[]',
    '[1]',
    '["1.5"]',
    '[["1","2"]]',
    '[{"a":1}]',
  ],
  ...[
    '{}',
    '{"a":{"b":1}}',
    'word',
    '01',
    `"${id('a')}"`,
    `"${id('a').toUpperCase()}"`,
    '"2024-05-01T00:00:00Z"',
  ],
)

type Mutation = (fields: Fields, choice: number) => Fields
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.constant<Mutation>((fields, at) => fields.filter((_, index) => index !== at)),
  oddValue.map(
    (value): Mutation =>
      (fields, at) =>
        fields.map((field, index) => (index === at ? ([field[0], value] as const) : field)),
  ),
  // The key stands twice: the last one counts.
  oddValue.map((value): Mutation => (fields, at) => [[fields[at]?.[0] ?? 'x', value], ...fields]),
  fc.constant<Mutation>((fields, at) => [...fields, fields[at] ?? ['x', '1']]),
  oddValue.map((value): Mutation => (fields) => [...fields, ['extra', value]]),
  fc.constant<Mutation>((fields, at) => [...fields.slice(at), ...fields.slice(0, at)]),
  // The key respelt with an escape.
  fc.constant<Mutation>((fields, at) =>
    fields.map((field, index) => (index === at ? [field[0].replace(/^./, '\\u0070'), field[1]] : field)),
  ),
)

const frameOf = (make: fc.Arbitrary<Make>): fc.Arbitrary<(sequence: number, product: string) => string> =>
  fc
    .tuple(make, seldom(fc.tuple(mutation, fc.nat(8))), fc.constantFrom('', ' ', '\n'))
    .map(([fields, change, space]) => (sequence, product) => {
      const whole = fields(sequence, product)
      const told = change === null ? whole : change[0](whole, change[1] % whole.length)
      return `{${told.map(([key, value]) => `"${key}":${space}${value}`).join(`,${space}`)}}`
    })

const rowCells = fc.oneof(
  fc.record({ kind: fc.constant('open'), cells: fc.tuple(uuid, side, amount, amount, time) }),
  fc.record({ kind: fc.constant('done'), cells: fc.tuple(uuid, time) }),
  fc.record({ kind: fc.constant('match'), cells: fc.tuple(uuid, uuid, amount, amount, time) }),
  fc.record({ kind: fc.constant('change'), cells: fc.tuple(uuid, amount, amount, time) }),
  fc.record({ kind: fc.constant('noop'), cells: fc.tuple(time) }),
)
const row = fc
  .tuple(rowCells, seldom(fc.tuple(fc.nat(8), oddValue)))
  .map(([{ kind, cells }, odd]) => (sequence: number, product: string): string => {
    const told = [kind, product, String(sequence), ...cells].map(quoted)
    if (odd !== null) told[odd[0] % told.length] = odd[1]
    return `[${told.join(',')}]`
  })

const SCHEMA =
  '{"type":"level3","schema":{"change":["type","product_id","sequence","order_id","price","size","time"],' +
  '"done":["type","product_id","sequence","order_id","time"],' +
  '"match":["type","product_id","sequence","maker_order_id","taker_order_id","price","size","time"],' +
  '"noop":["type","product_id","sequence","time"],' +
  '"open":["type","product_id","sequence","order_id","side","price","size","time"]}}'

const BODY = (sequence: number): string =>
  JSON.stringify({
    sequence,
    bids: [['99', '2', id('b1')]],
    asks: [['101', '3', id('a1')]],
    auction_mode: false,
  })

const source = (records: Uint8Array): ScanningCursor => new ScanningCursor(records, new FrameScanner())

/** Frames of one feed, some of another among them; the book of the REST answer is asked for again and again. */
const streamOf = (feed: string, frames: readonly ((sequence: number, product: string) => string)[]) =>
  fc
    .record({
      product: fc.constantFrom(...PRODUCTS),
      other: fc.constantFrom(...PRODUCTS),
      named: fc.constantFrom(feed, undefined),
      steps: fc.array(fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, fc.constantFrom(0, 2)), {
        minLength: frames.length,
        maxLength: 80,
      }),
      isEmpty: fc.boolean(),
    })
    .map(({ product, other, named, steps, isEmpty }) => {
      const manifest = manifestOf({
        venue: 'coinbase',
        symbol: product,
        feed: named,
        assumeEmptyBook: isEmpty,
      })
      const script = new EntryScript().runStarted(manifest).opened()
      if (feed === 'level3') script.frame(SCHEMA)
      let sequence = FIRST
      for (const [index, frame] of frames.entries()) {
        const isOther = index % 11 === 10
        if (!isOther) sequence += steps[index % steps.length] ?? 1
        // Slow enough that a hole is soon given up.
        script.after(50_000).frame(frame(sequence, isOther ? other : product))
        if (index % 4 === 1)
          script.response(`https://rest.test/products/${product}/book?level=3`, BODY(sequence))
      }
      return script.records()
    })

const framesOf = {
  full: fc.array(frameOf(message), { minLength: 10, maxLength: 60 }),
  level3: fc.array(row, { minLength: 10, maxLength: 60 }),
  level2_batch: fc.array(frameOf(fc.oneof(levels, levels, message)), { minLength: 10, maxLength: 60 }),
} as const

describe.each(['full', 'level3', 'level2_batch'] as const)('nearly right frames of %s', (feed) => {
  const streams = framesOf[feed].chain((frames) => streamOf(feed, frames))

  it('say and leave the same as rows and as text, whoever goes on', () => {
    let unread = 0
    let rows = 0
    fc.assert(
      fc.property(streams, (records) => {
        const figures = expectTwins(coinbaseVenue, records, source, 1)
        unread += figures.unread
        rows += figures.rows
      }),
      { numRuns: 300 },
    )
    // The ways differ only where rows are really read as rows.
    expect(unread / rows).toBeGreaterThan(0.2)
  })

  it('leave the same book and verdict', () => {
    fc.assert(
      fc.property(streams, (records) => {
        expectTwinKeepers(coinbaseVenue, records, source, 3)
      }),
      { numRuns: 150 },
    )
  })
})

describe('a frame of levels that names an order where its type belongs', () => {
  it('is as little understood as a row as it is as text', () => {
    const update = (type: string): string =>
      `{"type":"${type}","product_id":"BTC-USD","changes":[["buy", "1", "1"]],"time":"2024-05-01T00:00:00.000001Z"}`
    const manifest = manifestOf({ venue: 'coinbase', symbol: 'BTC-USD', feed: 'level2_batch' })
    const script = new EntryScript().runStarted(manifest).opened()
    for (const type of ['l2update', id('a'), 'l2update']) script.after(50_000).frame(update(type))
    expectTwinKeepers(coinbaseVenue, script.records(), source, 1)
  })
})
