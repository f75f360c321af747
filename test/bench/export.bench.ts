/** From stored chunks to files of a table, beside other writers of Parquet on the same rows. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { venueById } from '../../src/app/production.ts'
import type { Batch } from '../../src/export/columns/column-data.ts'
import { RowBuffer } from '../../src/export/columns/row-buffer.ts'
import type { FilePlan } from '../../src/export/formats/format.ts'
import { eventsTable } from '../../src/export/tables/events-table.ts'
import { splitStreamId, type StreamId } from '../../src/market/instrument.ts'
import { visit } from '../../src/replay/visit.ts'
import { makeArchive, openArchive } from './archive-store.ts'
import { byHyparquet, byParquetWasm, byUs, type Rival } from './export-rivals.ts'
import { firstLine, start } from './processes.ts'
import { type Benchmark, median, perSecond, type Row } from './row.ts'

/** BOOKREEL_BENCH_FRAMES: others than a million. */
const FRAMES = Number(process.env['BOOKREEL_BENCH_FRAMES'] ?? 1_000_000)
const STREAM: StreamId = 'coinbase:BTC-USD'
const ROUNDS = 5

interface Once {
  readonly rows: number
  readonly seconds: readonly number[]
  readonly processor: readonly number[]
  readonly peak: number
  readonly bytes: number
}

const exported = async (folder: string, kind: string, name: string): Promise<Row> => {
  const child = start('export-once.js', [folder, STREAM, kind, name, String(ROUNDS)])
  const line = firstLine(child)
  await once(child, 'exit')
  const { rows, seconds, processor, peak, bytes } = JSON.parse(await line) as Once
  const warm = processor.slice(1)
  const note = [
    `${String(rows)} rows`,
    `${perSecond(2 * rows, 1000 * median(warm))} of two processors used wholly`,
    `${(bytes / rows).toFixed(1)} bytes a row`,
    `${(peak / 1e6).toFixed(0)} MB resident`,
  ]
  return {
    name: `${kind} to ${name.slice(name.indexOf('.') + 1)}`,
    value: perSecond(rows, 1000 * median(seconds.slice(1))),
    note: note.join('; '),
  }
}

interface Sample {
  readonly plan: FilePlan
  readonly batch: Batch
}

/** One full batch of events. */
const sample = async (folder: string): Promise<Sample> => {
  const store = await openArchive(folder)
  const options = { streams: [STREAM], levels: 10, layout: 'wide' as const }
  const batches: Batch[] = []
  const scales = { price: 8, size: 8, asFloats: false }
  const rows = new RowBuffer(eventsTable.define(options), {
    scales,
    onBatch: (batch) => {
      batches.push(batch)
    },
  })
  const venueOf = (stream: StreamId) => venueById(splitStreamId(stream)?.venue ?? '')
  await visit(store, { venueOf, streams: [STREAM] }, eventsTable.visitor(rows, options))
  rows.flush()
  await store.close()
  const batch = batches[1] ?? batches[0]
  if (batch === undefined) throw new Error('the stream has events')
  return { plan: { shapes: rows.shapes(), notes: new Map(), sortedBy: 'seq' }, batch }
}

const rivalRows = async ({ plan, batch }: Sample): Promise<readonly Row[]> => {
  const contenders: readonly (readonly [string, Rival])[] = [
    ['Parquet by us', byUs('parquet', plan, batch)],
    ['parquet-wasm', byParquetWasm(plan, batch)],
    ['hyparquet-writer', byHyparquet(plan, batch)],
    ['Arrow by us', byUs('arrow-stream', plan, batch)],
  ]
  const times = contenders.map((): number[] => [])
  const sizes = contenders.map(() => 0)
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++)
    for (const [index, [, run]] of contenders.entries()) {
      globalThis.gc?.()
      const before = process.cpuUsage()
      sizes[index] = await run()
      const { user, system } = process.cpuUsage(before)
      if (round > 0) times[index]?.push((user + system) / 1000)
    }
  return contenders.map(([name], index) => ({
    name,
    value: perSecond(batch.rows, median(times[index] ?? [])),
    note: `encoding alone, a batch of ${String(batch.rows)} events, processor time; ${((sizes[index] ?? 0) / batch.rows).toFixed(1)} bytes a row`,
  }))
}

const run = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bookreel-bench-'))
  await makeArchive(folder, FRAMES)
  const rows: Row[] = []
  for (const name of ['out.parquet', 'out.arrow', 'out.csv'])
    rows.push(await exported(folder, 'events', name))
  rows.push(await exported(folder, 'books', 'out.parquet'))
  for (const row of await rivalRows(await sample(folder))) rows.push(row)
  rmSync(folder, { recursive: true })
  return rows
}

export const exportBenchmark: Benchmark = {
  name: 'export',
  about:
    'Stored chunks to files of a table, and encoding alone beside other writers. Slower here is every export slower.',
  run,
}
