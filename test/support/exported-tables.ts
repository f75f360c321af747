/** Tables of generated streams, exported in this process and read back by readers that are not ours. */
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { tableFromIPC } from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

import type { ExportRequest, ExportSummary } from '../../src/app/export/export-request.ts'
import { exportTable } from '../../src/app/export/export-tables.ts'
import { formatOfPath } from '../../src/export/formats/new-encoder.ts'
import type { EventStore } from '../../src/log/event-store.ts'

/** A folder for the time of a test. */
export const withFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bookreel-export-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** All of a store to one file. */
export const exportTo = async (
  store: EventStore,
  kind: string,
  name: string,
  changes: Partial<ExportRequest> = {},
): Promise<ExportSummary> =>
  await exportTable(store, {
    kind,
    format: formatOfPath(name) ?? 'parquet',
    target: { kind: formatOfPath(name) === undefined ? 'folder' : 'file', path: name },
    streams: await store.streams(),
    range: {},
    scales: { price: 8, size: 8, asFloats: false },
    onChange: false,
    levels: 3,
    layout: 'wide',
    overwrite: false,
    ...changes,
  })

/** A row by the names of its columns; times as microseconds, what is absent as null. */
export type ReadRow = Readonly<Record<string, unknown>>

/** Dates of the reader hold milliseconds: the microseconds are read as they stand. */
export const readParquet = async (name: string): Promise<readonly ReadRow[]> => {
  const bytes = await readFile(name)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const parsers = {
    timestampFromMilliseconds: (value: bigint) => value,
    timestampFromMicroseconds: (value: bigint) => value,
    timestampFromNanoseconds: (value: bigint) => value,
  }
  const options = { file, compressors, parsers, utf8: true } as unknown as Parameters<
    typeof parquetReadObjects
  >[0]
  return await parquetReadObjects(options)
}

export const readArrow = async (name: string): Promise<readonly ReadRow[]> => {
  const table = tableFromIPC(await readFile(name))
  const names = table.schema.fields.map(({ name }) => name)
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, table.getChild(name)?.get(row) as unknown])),
  )
}

export const readCsv = async (name: string): Promise<readonly ReadRow[]> => {
  const [head = '', ...lines] = (await readFile(name, 'utf8')).trimEnd().split('\n')
  const names = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((column, index) => [column, cells[index] ?? '']))
  })
}

export const readJsonLines = async (name: string): Promise<readonly ReadRow[]> =>
  (await readFile(name, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReadRow)
