/** Normalised CSV and LOBSTER files, read as their readers do: they tell of the same books as the replay. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { decimalText } from '../../../src/market/decimal.ts'
import type { StreamState } from '../../../src/replay/stream-state.ts'
import {
  DERIVED_FEEDS,
  type DerivedFeed,
  derivedRecords,
  derivedStore,
  visitFeed,
} from '../../support/derived-feeds.ts'
import { exportTo, readCsv, type ReadRow, withFolder } from '../../support/exported-tables.ts'

const storeOf = async (feed: DerivedFeed, records: Uint8Array) => await derivedStore([{ feed, records }])

const rowsOf = async (feed: DerivedFeed, records: Uint8Array, kind: string, levels = 3): Promise<readonly ReadRow[]> => {
  let rows: readonly ReadRow[] = []
  await withFolder(async (folder) => {
    const file = path.join(folder, 'data.csv')
    await exportTo(await storeOf(feed, records), kind, file, { format: 'tardis', levels })
    rows = await readCsv(file)
  })
  return rows
} // prettier-ignore

const levelsText = ({ book }: StreamState): string =>
  (['bid', 'ask'] as const)
    .flatMap((side) =>
      book
        .top(side)
        .map(
          ({ price, size }) =>
            `${side} ${decimalText(price, book.priceScale)} ${decimalText(size, book.sizeScale)}`,
        ),
    ) // prettier-ignore
    .sort()
    .join('\n')

describe.each(DERIVED_FEEDS)('normalised CSV of %s', (feed) => {
  it.each([
    [false, 5],
    [true, 6],
  ])('rebuilds the levels (bad line: %s, seed %i)', async (isFaulty, seed) => {
    const records = derivedRecords(feed, seed, isFaulty)
    const rows = await rowsOf(feed, records, 'levels')
    const books = new Map<number, string>()
    await visitFeed(feed, records, {
      entryEnded: (state) => {
        books.set(state.receiveTime, state.isValid ? levelsText(state) : '')
      },
    })
    const levels = new Map<string, string>()
    let wasSnapshot = false
    let at = 0
    let compared = 0
    for (const [time, expected] of books) {
      for (let row = rows[at]; row !== undefined && Number(row['local_timestamp']) <= time; row = rows[++at]) {
        const isSnapshot = row['is_snapshot'] === 'true'
        if (isSnapshot && !wasSnapshot) levels.clear()
        wasSnapshot = isSnapshot
        const level = `${String(row['side'])} ${String(row['price'])}`
        if (row['amount'] === '0') levels.delete(level)
        else levels.set(level, String(row['amount']))
      }
      // A reader of this format is not told of books that may not be used.
      if (expected === '') continue
      compared++
      expect(Array.from(levels, ([level, amount]) => `${level} ${amount}`).sort().join('\n')).toBe(expected)
    }
    expect(at).toBe(rows.length)
    expect(compared).toBeGreaterThan(10)
  }) // prettier-ignore

  it('has the best levels at every change', async () => {
    const records = derivedRecords(feed, 5)
    const rows = await rowsOf(feed, records, 'books', 2)
    const last = rows.at(-1) ?? {}
    expect(Object.keys(last).slice(0, 8)).toEqual(['exchange', 'symbol', 'timestamp', 'local_timestamp', 'asks[0].price', 'asks[0].amount', 'bids[0].price', 'bids[0].amount']) // prettier-ignore
    let expected = ''
    await visitFeed(feed, records, {
      transactionEnded: ({ book, isValid }) => {
        if (!isValid) return
        const { priceScale, sizeScale } = book
        const told = (['ask', 'bid'] as const).map((side) =>
          book.top(side, 2).map(({ price, size }) => [decimalText(price, priceScale), decimalText(size, sizeScale)]),
        )
        expected = JSON.stringify(told)
      },
    })
    const side = (name: string) =>
      [0, 1].map((level) => [last[`${name}[${String(level)}].price`], last[`${name}[${String(level)}].amount`]])
    expect(JSON.stringify([side('asks'), side('bids')])).toBe(expected)
    expect(rows.length).toBeGreaterThan(4)
  }) // prettier-ignore
})

interface Lobster {
  readonly messages: readonly (readonly number[])[]
  readonly books: readonly (readonly number[])[]
}

const numbersIn = (text: string): readonly (readonly number[])[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').map(Number))

const lobsterOf = async (feed: DerivedFeed, records: Uint8Array, levels: number): Promise<Lobster> => {
  let found: Lobster = { messages: [], books: [] }
  await withFolder(async (folder) => {
    const store = await storeOf(feed, records)
    const changes = { levels, scales: { price: 4, size: 8, asFloats: false } }
    const [messages, books] = [path.join(folder, 'message.csv'), path.join(folder, 'orderbook.csv.gz')]
    await exportTo(store, 'events', messages, { ...changes, format: 'lobster' })
    await exportTo(store, 'books', books, { ...changes, format: 'lobster.gz' })
    found = {
      messages: numbersIn(readFileSync(messages, 'utf8')),
      books: numbersIn(gunzipSync(readFileSync(books)).toString('utf8')),
    }
  })
  return found
}

const NOTHING = 9_999_999_999

/** What a message does to its level; undefined: nothing is said. */
const deltaOf = ([, type = 0, , size = 0]: readonly number[]): number | undefined =>
  type === 1 ? size : type === 2 || type === 3 || type === 4 ? -size : undefined

describe.each(['full', 'level3', 'R0'] as const)('LOBSTER files of %s', (feed) => {
  it.each([
    [false, 5],
    [true, 6],
  ])('belong together row by row (bad line: %s, seed %i)', async (isFaulty, seed) => {
    const { messages, books } = await lobsterOf(feed, derivedRecords(feed, seed, isFaulty), 400)
    expect(books.length).toBe(messages.length)
    let compared = 0
    messages.forEach((message, row) => {
      const [before, after] = [books[row - 1], books[row]]
      const [time = 0, , , , price = 0, direction = 0] = message
      const delta = deltaOf(message)
      const previous = messages[row - 1]
      expect(previous === undefined || time >= (previous[0] ?? 0)).toBe(true)
      if (before === undefined || after === undefined || delta === undefined) return
      const isAmended = [messages[row - 1], messages[row + 1]].some((other) => other !== undefined && other[2] === message[2] && other[0] === time)
      if (isAmended) return
      const sizeAt = (book: readonly number[]): number => {
        for (let at = direction === 1 ? 2 : 0; at < book.length; at += 4) if (book[at] === price) return book[at + 1] ?? 0
        return 0
      }
      expect(sizeAt(after)).toBe(sizeAt(before) + delta)
      compared++
    })
    expect(compared).toBeGreaterThan(40)
  }) // prettier-ignore

  it('tell of the best levels alone, and fill those that are not there', async () => {
    const { messages, books } = await lobsterOf(feed, derivedRecords(feed, 5), 2)
    const whole = await lobsterOf(feed, derivedRecords(feed, 5), 400)
    expect(messages.length).toBeLessThan(whole.messages.length)
    expect(messages.length).toBeGreaterThan(5)
    for (const book of books) expect(book.length).toBe(8)
    const [last = []] = whole.books.slice(-1)
    expect(last.slice(-4)).toEqual([NOTHING, 0, -NOTHING, 0])
  })
})

describe('LOBSTER files', () => {
  it('are refused for books of levels, and for prices that are finer', async () => {
    await withFolder(async (folder) => {
      const file = path.join(folder, 'message.csv')
      const levels = await storeOf('P0', derivedRecords('P0', 1))
      await expect(exportTo(levels, 'events', file, { format: 'lobster' })).rejects.toThrow('has levels only')
      const orders = await storeOf('full', derivedRecords('full', 1))
      const scales = { price: 0, size: 8, asFloats: false }
      await expect(exportTo(orders, 'events', file, { format: 'lobster', scales })).rejects.toThrow('--price-scale')
      await expect(exportTo(orders, 'levels', file, { format: 'lobster' })).rejects.toThrow('it takes events, books')
    })
  }) // prettier-ignore
})
