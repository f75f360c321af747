/** Rows of books against a plain model: a keeper that is fed entry by entry and looked at. */
import { describe, expect, it } from 'vitest'

import { EntryCursor } from '../../../src/log/entry.ts'
import { SECOND } from '../../../src/market/time.ts'
import { type BookRow, booksTo } from '../../../src/replay/derived/books.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { bitfinexVenue } from '../../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import {
  DERIVED_FEEDS,
  derivedRecords,
  derivedStore,
  receiveTimes,
  visitFeed,
  visitStore,
} from '../../support/derived-feeds.ts'

type Levels = readonly (readonly [price: number, size: number])[]

interface PlainRow {
  readonly time: number
  readonly isValid: boolean
  readonly bids: Levels
  readonly asks: Levels
}

const LEVELS = 4

const sideOf = ({ prices, sizes }: BookRow['bids'], count: number): Levels => {
  expect([...prices.subarray(count), ...sizes.subarray(count)].every(Number.isNaN)).toBe(true)
  return Array.from(prices.subarray(0, count), (price, index) => [price, sizes[index] ?? NaN] as const)
}

const plain = (row: BookRow): PlainRow => ({
  time: row.time,
  isValid: row.isValid,
  bids: sideOf(row.bids, row.bidCount),
  asks: sideOf(row.asks, row.askCount),
})

const modelRow = (keeper: BookKeeper, time: number): PlainRow => {
  const isValid = keeper.summary().valid
  const side = (name: 'bid' | 'ask'): Levels =>
    isValid
      ? keeper
          .book()
          .top(name, LEVELS)
          .map(({ price, size }) => [price, size])
      : []
  return { time, isValid, bids: side('bid'), asks: side('ask') }
}

describe.each(DERIVED_FEEDS)('booksTo over %s', (feed) => {
  it.each([
    [false, 250_000],
    [true, 250_000],
    [true, 10_000],
  ])(
    'has the book after all entries up to each instant (bad line: %s, every %i)',
    async (isFaulty, every) => {
      const records = derivedRecords(feed, 8, isFaulty)
      const rows: PlainRow[] = []
      await visitFeed(
        feed,
        records,
        booksTo({ levels: LEVELS, every }, (row) => rows.push(plain(row))),
      )
      const keeper = new BookKeeper(feed === 'R0' || feed === 'P0' ? bitfinexVenue : coinbaseVenue)
      const expected: PlainRow[] = []
      const cursor = new EntryCursor(records)
      let next: number | undefined
      while (cursor.next()) {
        next ??= Math.ceil(cursor.receiveTime / every) * every
        for (; next < cursor.receiveTime; next += every) expected.push(modelRow(keeper, next))
        keeper.apply(cursor)
      }
      const last = receiveTimes(records).at(-1) ?? 0
      for (let time = next ?? Infinity; time <= last; time += every) expected.push(modelRow(keeper, time))
      expect(rows.length).toBeGreaterThan(5)
      expect(rows.some(({ isValid }) => isValid)).toBe(true)
      expect(rows).toEqual(expected)
    },
  )

  it('tells every change between whole transactions, and nothing twice', async () => {
    const rows: string[] = []
    const seen: string[] = []
    const records = derivedRecords(feed, 8)
    await visitFeed(
      feed,
      records,
      booksTo({ levels: LEVELS }, (row) => rows.push(JSON.stringify({ ...plain(row), time: 0 }))),
    )
    await visitFeed(feed, records, {
      transactionEnded: ({ book }) => {
        const side = (name: 'bid' | 'ask'): Levels => book.top(name, LEVELS).map(({ price, size }) => [price, size]) // prettier-ignore
        seen.push(JSON.stringify({ time: 0, isValid: true, bids: side('bid'), asks: side('ask') }))
      },
    })
    expect(rows.length).toBeGreaterThan(5)
    expect(rows.filter((row, index) => row === rows[index - 1])).toEqual([])
    const valid = rows.filter((row) => row.includes('"isValid":true'))
    for (const row of valid) expect(seen).toContain(row)
    expect(valid.length).toBeGreaterThanOrEqual(new Set(seen).size)
  })
})

describe('booksTo', () => {
  it('tells both streams of one instant, in the order asked for', async () => {
    const store = await derivedStore([
      { feed: 'full', records: derivedRecords('full', 8) },
      { feed: 'R0', records: derivedRecords('R0', 8) },
    ])
    const rows: string[] = []
    await visitStore(
      store,
      booksTo({ levels: 1, every: SECOND }, ({ stream, time }) => rows.push(`${String(time)} ${stream}`)),
    )
    expect(rows.length).toBeGreaterThan(5)
    expect(rows).toEqual([...rows].sort())
    expect(rows.filter((row) => row.endsWith('bitfinex:BTC-USD')).length).toBe(rows.length / 2)
  })

  it.each([0, 1.5, -1, NaN])('refuses %d levels, and such an interval', (wrong) => {
    expect(() => booksTo({ levels: wrong }, () => undefined)).toThrow(RangeError)
    expect(() => booksTo({ levels: 1, every: wrong }, () => undefined)).toThrow(RangeError)
  })
})
