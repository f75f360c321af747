/**
 * How soon a book at a random instant is there, out of a long stream with a large book, and what that needs of memory; and what
 * a visit of the whole stream needs.
 */
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'

import { replayInParallel } from '../../src/app/replaying/replay-in-parallel.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import { CHUNK_LIMITS } from '../../src/recorder/feed/entry-log.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { openArchive } from './archive-store.ts'
import { FullFrames } from './full-frames.ts'
import { firstLine, start } from './processes.ts'
import { type Benchmark, median, perSecond, type Row } from './row.ts'
import type { Sought } from './seek-once.ts'
import { visitRows } from './visit-rows.ts'

/** BOOKREEL_BENCH_ENTRIES: others than these, which tell ten million events. */
const ENTRIES = Number(process.env['BOOKREEL_BENCH_ENTRIES'] ?? 13_000_000)
const ORDERS = 100_000
const SEEKS = 100
const ROUNDS = 3
const STREAM = 'coinbase:BTC-USD'

/** BOOKREEL_BENCH_STORE: a folder where the store is kept, and used again when it is there. */
const KEPT = process.env['BOOKREEL_BENCH_STORE']

/** Keyframes stand where the recorder would put them. */
const record = async (folder: string): Promise<void> => {
  const store = await openArchive(folder)
  const frames = new FullFrames(ORDERS)
  const begin = { chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(coinbaseVenue, { stream: STREAM, ...begin })
  let records = frames.opening()
  for (let entries = 0; entries < ENTRIES; entries += CHUNK_LIMITS.entries) {
    const { chunk, keyframes } = sealer.seal(records)
    const appended = await store.append(chunk)()
    if (isLeft(appended)) throw new Error(appended.left.kind)
    for (const keyframe of keyframes) await store.putKeyframe(keyframe)()
    records = frames.next(CHUNK_LIMITS.entries)
  }
  await store.close()
}

const measured = async (folder: string): Promise<readonly Row[]> => {
  const store = await openArchive(folder)
  const headers = await store.headers(STREAM)
  const keyframes = await store.keyframes(STREAM)
  const chunkBytes = headers.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  let keyframeBytes = 0
  for (const { seq } of keyframes) keyframeBytes += (await store.keyframe(STREAM, seq)).payload.length
  await store.close()
  const entries = headers.at(-1)?.lastSeq ?? 0
  const child = start('seek-once.js', [folder, STREAM, String(SEEKS)])
  const line = firstLine(child)
  await once(child, 'exit')
  const { sought, peak } = JSON.parse(await line) as { sought: readonly Sought[]; peak: number }
  const times = sought.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other)
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(3)} s`
  const tails = sought.map(({ tail }) => tail)
  const part = (pick: (one: Sought) => number): string => `${median(sought.map(pick)).toFixed(0)} ms`
  const applying = sought.map(({ milliseconds, reading, restoring }) => milliseconds - reading - restoring)
  const invalid = sought.filter(({ isValid }) => !isValid).length
  const span = `${String(headers.length)} chunks, ${String(keyframes.length)} keyframes`
  const orders = `a book of ${part(({ orders: count }) => count).replace(' ms', '')} orders${invalid > 0 ? `; ${String(invalid)} NOT VALID` : ''}`
  const rate = perSecond(
    tails.reduce((sum, tail) => sum + tail, 0),
    applying.reduce((sum, time) => sum + time, 0),
  )
  return [
    { name: 'stream', value: String(entries), note: `entries, ${span}; ${orders}` },
    {
      name: 'keyframes',
      value: `${((100 * keyframeBytes) / chunkBytes).toFixed(0)} %`,
      note: `of the bytes of the chunks, ${(chunkBytes / entries).toFixed(1)} an entry; ${(keyframeBytes / keyframes.length / 1e6).toFixed(1)} MB each`,
    },
    {
      name: 'seek, median',
      value: seconds(median(times)),
      note: `of ${String(SEEKS)} random instants; target 0.25 s`,
    },
    {
      name: 'seek, 99 of 100',
      value: seconds(times[Math.ceil(times.length * 0.99) - 1] ?? NaN),
      note: 'target 0.6 s',
    },
    {
      name: 'processor time, median',
      value: seconds(median(sought.map(({ processor }) => processor))),
      note: 'of all threads: what a seek would take with nobody else on the machine, if it used one core',
    },
    {
      name: 'keyframe read',
      value: part(({ reading }) => reading),
      note: 'found, fetched, checked, decompressed',
    },
    { name: 'keyframe restored', value: part(({ restoring }) => restoring), note: 'book and decoder' },
    {
      name: 'entries behind it',
      value: `${median(applying).toFixed(0)} ms`,
      note: `${String(median(tails))} entries, ${String(Math.max(...tails))} at most; ${rate}, opening chunks included`,
    },
    {
      name: 'resident memory',
      value: `${(Math.max(...sought.map(({ memory }) => memory)) / 1e6).toFixed(0)} MB`,
      note: `behind a seek, at most; target 400; ${(peak / 1e6).toFixed(0)} MB at any time with pages of the store's file`,
    },
  ]
}

/** What `replay --workers` gains on the whole stream: threads of the same kind, one or two of them, their start included. */
const workersRow = async (folder: string): Promise<Row> => {
  const ratios: number[] = []
  const rates: number[] = []
  const outcomes = new Set<string>()
  const replayed = async (workers: number): Promise<number> => {
    const started = performance.now()
    const summary = await replayInParallel({ url: `file:${folder}`, streams: [STREAM], workers })
    const milliseconds = performance.now() - started
    rates.push(summary.entries / milliseconds)
    outcomes.add(JSON.stringify(summary))
    return milliseconds
  }
  for (let round = 0; round < ROUNDS; round++) ratios.push((await replayed(1)) / (await replayed(2)))
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  const outcome = outcomes.size === 1 ? 'the same result' : 'ANOTHER RESULT'
  return {
    name: 'two workers',
    value: `${median(ratios).toFixed(2)} ×`,
    note: `the speed of one (${spread}) over the whole stream, ${perSecond(median(rates), 1)}; ${outcome}`,
  }
}

const run = async (): Promise<readonly Row[]> => {
  const folder = KEPT ?? mkdtempSync(path.join(os.tmpdir(), 'bookreel-bench-'))
  try {
    if (!existsSync(path.join(folder, 'store.mdb'))) await record(folder)
    return [...(await measured(folder)), ...(await visitRows(folder, STREAM)), await workersRow(folder)]
  } finally {
    if (KEPT === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

export const seekBenchmark: Benchmark = {
  name: 'seek',
  about:
    'A book of 100,000 orders at random instants of a stream of more than ten million entries. Slower here is every question about the past slower.',
  run,
}
