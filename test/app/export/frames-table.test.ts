/** Frames as a table hold what frames as JSON lines hold, in every format and in parts of a day. */
import { readdirSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { exportFrames } from '../../../src/export/frames.ts'
import { DERIVED_FEEDS, derivedRecords, derivedStore } from '../../support/derived-feeds.ts'
import {
  exportTo,
  readArrow,
  readJsonLines,
  readParquet,
  type ReadRow,
  withFolder,
} from '../../support/exported-tables.ts'

const NAMES = { seq: 'seq', receive_time: 'receiveTime', kind: 'kind', connection: 'connection', method: 'method', url: 'url', status: 'status', text: 'text', bytes: 'bytes' } // prettier-ignore

/** A row as the JSON line of the same entry. */
const asLine = (row: ReadRow): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(NAMES)
      .filter(([column]) => row[column] !== null && row[column] !== undefined)
      .map(([column, name]) => [name, String(row[column])]),
  )

const plain = (line: ReadRow): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(line).map(([name, value]) => [name, String(value)]))

describe.each(DERIVED_FEEDS)('frames of %s', (feed) => {
  it('are the same entries as JSON lines, in every format', async () => {
    await withFolder(async (folder) => {
      const store = await derivedStore([{ feed, records: derivedRecords(feed, 1) }])
      const [stream] = await store.streams()
      if (stream === undefined) throw new Error('there is a stream')
      let text = ''
      await exportFrames(store, stream, {}, (block) => {
        text += block
        return Promise.resolve()
      })
      const expected = text.trimEnd().split('\n').map((line) => plain(JSON.parse(line) as ReadRow)) // prettier-ignore
      expect(expected.length).toBeGreaterThan(20)
      const file = (end: string): string => path.join(folder, `frames.${end}`)
      for (const end of ['jsonl', 'parquet', 'arrow']) await exportTo(store, 'frames', file(end))
      expect((await readJsonLines(file('jsonl'))).map(asLine)).toEqual(expected)
      expect((await readParquet(file('parquet'))).map(asLine)).toEqual(expected)
      const changes = { columns: ['seq', 'kind', 'text'] }
      await exportTo(store, 'frames', file('arrows'), changes)
      expect((await readArrow(file('arrows'))).map((row) => (row['text'] ?? '') as string)).toEqual(
        expected.map((line) => line['text'] ?? ''),
      )
    })
  })
})

it('frames of a folder lie by stream and day, and conditions hold', async () => {
  await withFolder(async (folder) => {
    const store = await derivedStore([{ feed: 'full', records: derivedRecords('full', 1) }])
    const root = path.join(folder, 'data')
    const where = [{ column: 'kind', comparison: '=', text: 'response' }] as const
    const { rows, files } = await exportTo(store, 'frames', root, { where })
    expect(files).toBe(1)
    expect(rows).toBeGreaterThan(0)
    expect(readdirSync(root)).toEqual(['stream=coinbase%3ABTC-USD'])
    await expect(exportTo(store, 'frames', path.join(folder, 'x.npz'))).rejects.toThrow('no place for frames')
  })
})
