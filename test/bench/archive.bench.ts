/** From stored chunks to books, wall time, beside `JSON.parse` alone over the same raw frames. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { OpenThreads } from '../../src/app/replaying/open-threads.ts'
import { EntryCursor } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { play, type Played } from './archive-play.ts'
import { type ArchivedStream, makeArchive, openArchive, rawBatches } from './archive-store.ts'
import { type Benchmark, median, perSecond, type Row, timed } from './row.ts'
import { threadTime } from './thread-time.ts'
import { visitRows } from './visit-rows.ts'

/** BOOKREEL_BENCH_FRAMES: others than a million. */
const FRAMES = Number(process.env['BOOKREEL_BENCH_FRAMES'] ?? 1_000_000)
const ROUNDS = 5

const parseBatch = (records: Uint8Array): void => {
  const cursor = new EntryCursor(records)
  while (cursor.next()) if (cursor.kind === 'frame') JSON.parse(cursor.text())
}

/** Of parsing alone, milliseconds: reading the file does not count. */
const parseAll = (archived: ArchivedStream): Parsed => {
  let wall = 0
  let processor = 0
  for (const batch of rawBatches(archived)) {
    const before = threadTime()
    wall += timed(() => {
      parseBatch(batch)
    })
    processor += threadTime() - before
  }
  return { wall, processor }
}

interface Parsed {
  readonly wall: number
  readonly processor: number
}

const rowsOf = async (
  store: EventStore,
  threads: OpenThreads,
  archived: ArchivedStream,
): Promise<readonly Row[]> => {
  const { stream, frames, storedBytes, batches } = archived
  const parse: Parsed[] = []
  const ahead: Played[] = []
  const alone: Played[] = []
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    globalThis.gc?.()
    parse.push(parseAll(archived))
    globalThis.gc?.()
    ahead.push(await play(store, [archived], threads))
    globalThis.gc?.()
    alone.push(await play(store, [archived], undefined))
  }
  parse.shift()
  ahead.shift()
  alone.shift()
  const walls = parse.map(({ wall }) => wall)
  const processors = parse.map(({ processor }) => processor)
  const line = (name: string, times: readonly number[], note: string, rival = walls): Row => {
    const ratios = rival.map((time, round) => time / (times[round] ?? NaN))
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
    const share = `${median(ratios).toFixed(2)} × JSON.parse (${spread})`
    return { name, value: perSecond(frames, median(times)), note: `${share}; ${note}` }
  }
  const [last] = ahead
  const stored = `${(storedBytes / frames).toFixed(1)} bytes a frame in ${String(batches.length)} chunks`
  const digests = new Set([...ahead, ...alone].map((played) => played.digests.join()))
  return [
    { name: stream, value: String(frames), note: `generated frames, ${stored}` },
    line('JSON.parse alone', walls, 'text from bytes, then parsed'),
    line('archive to the book', ahead.map(timeOf), 'wall time, chunks opened on a thread; target 3'),
    line(
      'its main thread',
      ahead.map(({ applying }) => applying),
      'processor time: the wall time where both threads have a processor each',
      processors,
    ),
    line('on one thread', alone.map(timeOf), 'wall time, all of it on the main thread'),
    {
      name: 'book at the end',
      value: last?.areValid === true && digests.size === 1 ? 'valid, verified' : 'NOT AS IT SHOULD BE',
      note: `${String(last?.events ?? 0)} events; ${[...digests].join(' AND ').slice(0, 16)}…`,
    },
  ]
}

const timeOf = ({ milliseconds }: Played): number => milliseconds

/** Both at once against one after the other. */
const mergedRow = async (
  store: EventStore,
  threads: OpenThreads,
  streams: readonly ArchivedStream[],
): Promise<Row> => {
  const ratios: number[] = []
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    let sum = 0
    for (const archived of streams) sum += (await play(store, [archived], threads)).milliseconds
    const { milliseconds, entries } = await play(store, streams, threads)
    ratios.push(sum / milliseconds)
    rates.push(entries / milliseconds)
  }
  const note = `entries; ${median(ratios).toFixed(2)} of the speed of one after the other, target 0.80`
  return { name: 'both merged', value: perSecond(median(rates), 1), note }
}

const run = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bookreel-bench-'))
  const streams = await makeArchive(folder, FRAMES)
  const store = await openArchive(folder)
  const threads = new OpenThreads()
  const rows: Row[] = []
  for (const archived of streams) for (const row of await rowsOf(store, threads, archived)) rows.push(row)
  rows.push(await mergedRow(store, threads, streams))
  await threads.close()
  await store.close()
  for (const { stream } of streams) for (const row of await visitRows(folder, stream)) rows.push(row)
  rmSync(folder, { recursive: true })
  return rows
}

export const archiveBenchmark: Benchmark = {
  name: 'archive',
  about:
    'Stored chunks to the final book and its digest, wall time, beside JSON.parse of the same frames. Slower here is every replay slower.',
  run,
}
