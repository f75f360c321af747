/** What is exported is what was replayed, whatever the format; nothing in it comes from the future; the bytes are the same. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { ExportProblem } from '../../../src/export/export-problem.ts'
import { TABLES } from '../../../src/export/tables/tables.ts'
import { decimalText } from '../../../src/market/decimal.ts'
import { tradesTo } from '../../../src/replay/derived/trades.ts'
import { BookRebuild } from '../../support/book-rebuild.ts'
import {
  alteredAfter,
  DERIVED_FEEDS,
  type DerivedFeed,
  derivedRecords,
  derivedStore,
  receiveTimes,
  visitFeed,
} from '../../support/derived-feeds.ts'
import {
  exportTo,
  readArrow,
  readCsv,
  readJsonLines,
  readParquet,
  type ReadRow,
  withFolder,
} from '../../support/exported-tables.ts'

const KINDS = [...TABLES.keys()]
const EVERY = 150_000

const changesOf = (kind: string) =>
  kind === 'books' || kind === 'bars' || kind === 'flow' ? { every: EVERY } : {}

const storeOf = async (feed: DerivedFeed, records = derivedRecords(feed, 1)) =>
  await derivedStore([{ feed, records }])

/** One spelling for all formats: the reader of Parquet makes decimals doubles that are a little off. */
const plain = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return ''
  const text = (value as { toString: () => string }).toString()
  if (/^\d{4}-\d\d-\d\dT/.test(text))
    return String(Date.parse(`${text.slice(0, 19)}Z`) * 1000 + Number(text.slice(20, 26)))
  if (!/^-?\d+(\.\d+)?(e-?\d+)?$/.test(text)) return text
  return Number.isInteger(Number(text)) ? String(Number(text)) : String(Number(Number(text).toPrecision(13)))
}

const plainRows = (rows: readonly ReadRow[]): readonly string[] =>
  rows.map((row) => Object.entries(row).map(([name, value]) => `${name}=${plain(value)}`).join()) // prettier-ignore

describe('exported tables', () => {
  it.each(DERIVED_FEEDS)('of %s have equal values in every format', async (feed) => {
    await withFolder(async (folder) => {
      const store = await storeOf(feed)
      let compared = 0
      for (const kind of KINDS) {
        for (const end of ['csv', 'jsonl', 'parquet'])
          await exportTo(store, kind, path.join(folder, `${kind}.${end}`), changesOf(kind))
        const file = (end: string): string => path.join(folder, `${kind}.${end}`)
        const expected = plainRows(await readJsonLines(file('jsonl')))
        expect(plainRows(await readCsv(file('csv')))).toEqual(expected)
        expect(plainRows(await readParquet(file('parquet')))).toEqual(expected)
        compared += expected.length
      }
      expect(compared).toBeGreaterThan(500)
    })
  })

  it.each(DERIVED_FEEDS)('of %s have the values of CSV in Arrow, as doubles', async (feed) => {
    await withFolder(async (folder) => {
      const store = await storeOf(feed)
      for (const kind of KINDS) {
        const changes = { ...changesOf(kind), scales: { price: 8, size: 8, asFloats: true } }
        const columns = TABLES.get(kind)
          ?.define({ streams: ['a'], levels: 3, layout: 'wide' })
          .columns.filter(({ type }) => type.kind !== 'time')
          .map(({ name }) => name)
        for (const end of ['csv', 'arrow', 'arrows'])
          await exportTo(store, kind, path.join(folder, `${kind}.${end}`), { ...changes, columns })
        const expected = plainRows(await readCsv(path.join(folder, `${kind}.csv`)))
        expect(plainRows(await readArrow(path.join(folder, `${kind}.arrow`)))).toEqual(expected)
        expect(plainRows(await readArrow(path.join(folder, `${kind}.arrows`)))).toEqual(expected)
      }
    })
  })

  it.each(DERIVED_FEEDS)('of %s know nothing of what comes later', async (feed) => {
    await withFolder(async (folder) => {
      const records = derivedRecords(feed, 2)
      const times = receiveTimes(records)
      const time = times[Math.floor(times.length * 0.6)] ?? 0
      const other = derivedRecords(feed, 3)
      let compared = 0
      for (const kind of KINDS.filter((name) => name !== 'quality')) {
        const stores = [await storeOf(feed, records), await storeOf(feed, alteredAfter(records, time, other))]
        const told: (readonly string[])[] = []
        for (const [index, store] of stores.entries()) {
          const name = path.join(folder, `${kind}-${String(index)}.jsonl`)
          await exportTo(store, kind, name, changesOf(kind))
          const rows = await readJsonLines(name)
          const known = rows.filter((row) => Number(row['end_time'] ?? row['time'] ?? row['receive_time']) <= time)
          told.push(known.map((row) => JSON.stringify(row)))
        } // prettier-ignore
        expect(told[1]).toEqual(told[0])
        compared += told[0]?.length ?? 0
      }
      expect(compared).toBeGreaterThan(100)
    })
  })

  it.each(DERIVED_FEEDS)('of %s rebuild the book at the end, order by order', async (feed) => {
    await withFolder(async (folder) => {
      const records = derivedRecords(feed, 4)
      const name = path.join(folder, 'events.jsonl')
      await exportTo(await storeOf(feed, records), 'events', name)
      const rebuilt = new BookRebuild()
      for (const row of await readJsonLines(name)) rebuilt.apply(row)
      let expected = ''
      await visitFeed(feed, records, {
        entryEnded: (state) => {
          if (state.isValid) expected = BookRebuild.textOf(state)
        },
      })
      expect(expected).not.toBe('')
      expect(rebuilt.lastValid()).toBe(expected)
    })
  })

  it.each(DERIVED_FEEDS)('of %s hold every trade, and its size exactly', async (feed) => {
    await withFolder(async (folder) => {
      const records = derivedRecords(feed, 5)
      const expected: string[] = []
      const told = tradesTo(({ price, priceScale, size, sizeScale }) => {
        expected.push(`${decimalText(price, priceScale)} ${decimalText(size, sizeScale)}`)
      })
      await visitFeed(feed, records, told)
      const name = path.join(folder, 'trades.csv')
      await exportTo(await storeOf(feed, records), 'trades', name)
      const shortest = (text: unknown): string => String(text).replace(/\.?0+$/, '')
      const rows = await readCsv(name)
      expect(rows.map((row) => `${shortest(row['price'])} ${shortest(row['size'])}`)).toEqual(expected)
      expect(rows.length).toBeGreaterThan(5)
    })
  })

  it('are the same bytes each time, in every format', async () => {
    await withFolder(async (folder) => {
      const store = await storeOf('full')
      for (const end of ['parquet', 'arrow', 'arrows', 'csv', 'csv.gz', 'jsonl', 'jsonl.gz']) {
        const names = ['a', 'b'].map((name) => path.join(folder, `${name}.${end}`))
        for (const name of names) await exportTo(store, 'events', name)
        const [one, other] = names.map((name) => readFileSync(name))
        expect(one?.length).toBeGreaterThan(100)
        expect({ end, isSame: one?.equals(other ?? new Uint8Array(0)) }).toEqual({ end, isSame: true })
      }
    })
  })

  it('keep only the rows and columns asked for', async () => {
    await withFolder(async (folder) => {
      const store = await storeOf('full')
      const all = path.join(folder, 'all.jsonl')
      const some = path.join(folder, 'some.jsonl')
      await exportTo(store, 'events', all)
      const where = [
        { column: 'kind', comparison: '=', text: 'opened' },
        { column: 'size', comparison: '>', text: '0.5' },
      ] as const
      await exportTo(store, 'events', some, { where, columns: ['size', 'seq'] })
      const expected = (await readJsonLines(all))
        .filter((row) => row['kind'] === 'opened' && Number(row['size']) > 0.5)
        .map((row) => ({ size: row['size'], seq: row['seq'] }))
      expect(expected.length).toBeGreaterThan(3)
      expect(await readJsonLines(some)).toEqual(expected)
    })
  })
})

describe('exported files', () => {
  it('of a folder are finished once, and refused where they are others', async () => {
    await withFolder(async (folder) => {
      const store = await storeOf('full')
      const root = path.join(folder, 'data')
      const first = await exportTo(store, 'trades', root)
      expect(first.files).toBeGreaterThan(0)
      expect(first.skipped).toBe(0)
      expect((await exportTo(store, 'trades', root)).skipped).toBe(first.files)
      await expect(exportTo(store, 'trades', root, { columns: ['seq'] })).rejects.toThrow('is another export')
      expect((await exportTo(store, 'trades', root, { columns: ['seq'], overwrite: true })).skipped).toBe(0)
    })
  })

  it('that were damaged are not taken for finished ones', async () => {
    await withFolder(async (folder) => {
      const store = await storeOf('full')
      const root = path.join(folder, 'data')
      await exportTo(store, 'trades', root)
      const [stream = ''] = readdirSync(root)
      const [day = ''] = readdirSync(path.join(root, stream))
      writeFileSync(path.join(root, stream, day, 'part-0.parquet'), 'cut')
      await expect(exportTo(store, 'trades', root)).rejects.toThrow(ExportProblem)
    })
  })

  it('leave nothing behind where a value does not fit', async () => {
    await withFolder(async (folder) => {
      const store = await storeOf('full')
      const scales = { price: 0, size: 0, asFloats: false }
      const name = path.join(folder, 'events.parquet')
      await expect(exportTo(store, 'events', name, { scales })).rejects.toThrow('--price-scale')
      expect(readdirSync(folder)).toEqual([])
    })
  })

  it('are refused where one stands already', async () => {
    await withFolder(async (folder) => {
      const store = await storeOf('full')
      const name = path.join(folder, 'trades.csv')
      await exportTo(store, 'trades', name)
      await expect(exportTo(store, 'trades', name)).rejects.toThrow('exists already')
      await exportTo(store, 'trades', name, { overwrite: true })
    })
  })
})
