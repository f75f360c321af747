/** Frames read from rows: numbers in every spelling, in every place, over every set of flags. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bitfinexVenue } from '../../../src/venues/bitfinex/venue.ts'
import { ODD_NUMBERS } from '../../support/spoiled-texts.ts'
import { expectTwinKeepers, expectTwins, type TwinFigures } from '../../support/twin-decoding.ts'
import { viewSources } from '../../support/view-sources.ts'
import { BOOK, TRADES, VenueScript } from './venue-script.ts'

const TIMESTAMP = 32_768
const SEQUENCE = 65_536
const BULK = 536_870_912

const number = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 60 }).map(String), weight: 6 },
  { arbitrary: fc.integer({ min: -60, max: -1 }).map(String), weight: 2 },
  {
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(99))
      .map(([a, b]) => `${String(a)}.${String(b)}`),
    weight: 4,
  },
  { arbitrary: fc.constantFrom(...ODD_NUMBERS), weight: 2 },
)
const more = fc.oneof(
  { arbitrary: fc.constant<readonly string[]>([]), weight: 5 },
  {
    arbitrary: fc.array(fc.constantFrom('null', '1', '"x"', '[]', '[1]', '{}', '"a1"'), { maxLength: 2 }),
    weight: 1,
  },
)
const row = fc
  .tuple(number, number, number, more)
  .map(([one, two, three, others]) => `[${[one, two, three, ...others].join(',')}]`)
const trade = fc
  .tuple(number, fc.nat(2_000_000_000_000).map(String), number, number, more)
  .map(([id, time, amount, price, others]) => `[${[id, time, amount, price, ...others].join(',')}]`)
const listOf = (rows: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(rows, { maxLength: 5 }).map((texts) => `[${texts.join(',')}]`)

/** Items of a frame before its tail. */
const items = fc.oneof(
  { arbitrary: row.map((text) => [String(BOOK), text]), weight: 12 },
  { arbitrary: listOf(row).map((text) => [String(BOOK), text]), weight: 2 },
  { arbitrary: fc.constantFrom('"hb"', '"x"', '5', 'null').map((text) => [String(BOOK), text]), weight: 1 },
  { arbitrary: number.map((text) => [String(BOOK), '"cs"', text]), weight: 1 },
  {
    arbitrary: fc
      .tuple(fc.constantFrom('"te"', '"tu"'), trade)
      .map(([name, text]) => [String(TRADES), name, text]),
    weight: 3,
  },
  { arbitrary: listOf(trade).map((text) => [String(TRADES), text]), weight: 1 },
  { arbitrary: row.map((text) => [String(TRADES), text]), weight: 1 },
  { arbitrary: fc.tuple(number, row).map(([channel, text]) => [channel, text]), weight: 1 },
)
const flags = fc.constantFrom(0, TIMESTAMP, SEQUENCE, TIMESTAMP + SEQUENCE, 229_376, 229_376 + BULK)

const expectOnePath = (records: Uint8Array): TwinFigures[] =>
  viewSources.map(([, source]) => {
    expectTwinKeepers(bitfinexVenue, records, source, 1)
    expectTwins(bitfinexVenue, records, source, 1)
    return expectTwins(bitfinexVenue, records, source, 1000)
  })

const opening = (feed: string, set: number, snapshot: string): VenueScript =>
  new VenueScript({ feed, flags: set })
    .connect()
    .bookSubscribed()
    .tradesSubscribed()
    .raw([String(BOOK), snapshot])

const SNAPSHOTS = {
  R0: '[[1,100,1],[2,99.5,0.25],[3,101,-1.5],[4,102.125,-2]]',
  P0: '[[100,1,1],[99.5,2,0.25],[101,1,-1.5],[102.125,3,-2]]',
} as const

describe('frames read from rows', () => {
  it('say and hold what their texts say, numbers in any spelling', () => {
    const feed = fc.constantFrom('R0', 'P0')
    const frames = fc.array(fc.tuple(items, fc.nat(60)), { maxLength: 25 })
    fc.assert(
      fc.property(feed, flags, frames, fc.boolean(), (name, set, sent, isRepeated) => {
        const script = opening(name, set, SNAPSHOTS[name])
        for (const [each, pause] of sent) {
          const text = script.after(pause).text(each)
          script.entries.frame(text)
          if (isRepeated) script.entries.frame(text)
        }
        for (const { entries } of expectOnePath(script.records())) expect(entries).toBeGreaterThan(5)
      }),
      { numRuns: 400 },
    )
  })

  it('that come twice are told apart from others of their number, without a text being read before', () => {
    const script = opening('R0', 229_376, SNAPSHOTS.R0)
    script.raw([String(BOOK), '[5,98.10,0.50]']).raw([String(BOOK), '[6,97.0,1]'])
    const twice = script.after(1).text([String(BOOK), '[7,96.5,-0.0000001]'])
    script.entries.frame(twice).frame(twice).frame(twice.replace('96.5', '96.50'))
    for (const figures of expectOnePath(script.records())) expect(figures.unread).toBeGreaterThan(1)
  })

  it('are read without their texts, whatever the kind', () => {
    const script = opening('R0', 229_376 + BULK, SNAPSHOTS.R0)
    const first = [
      ...[
        [BOOK, '[5,98.1,0.5]'],
        [BOOK, '"hb"'],
        [BOOK, '"cs",5'],
        [TRADES, '"te",[1,1700000000000,0.1,98.1]'],
      ],
      ...[
        [BOOK, '[[5,98.2,0.5]]'],
        [TRADES, '[[2,1700000000000,0.1,98.1]]'],
        [999, '[1,2,3]'],
      ],
    ]
    for (const [channel, body] of first) script.raw([String(channel), String(body)])
    for (const { rows, unread } of expectOnePath(script.records())) expect(rows - unread).toBeLessThan(10)
  })
})
