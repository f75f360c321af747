/**
 * A fleet of simulated pairs recorded into one MongoDB server through the spool. BOOKREEL_BENCH_PAIRS and
 * BOOKREEL_BENCH_SECONDS make it smaller.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { isLeft } from 'fp-ts/lib/Either.js'

import { describeStoreError } from '../../src/log/event-store.ts'
import { type StreamInfo, streamInfo } from '../../src/replay/proof/stream-info.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { ended, familySeconds, firstLine, MAIN, onLine, residentBytes, start } from './processes.ts'
import { type Endpoints, endpointWords, megabytes, type StatusLine } from './recorder-words.ts'
import type { Benchmark, Row } from './row.ts'

const PAIRS = Number(process.env['BOOKREEL_BENCH_PAIRS'] ?? 40)
const SECONDS = Number(process.env['BOOKREEL_BENCH_SECONDS'] ?? 60)
/** Events a second of each market: about a busy pair's. */
const RATE = 20
const DAY = 86_400
const MOST_STARTING = 480_000

/** What the store holds of the pairs: entries and bytes, payloads and headers as sealed. */
const stored = async (
  url: string,
): Promise<{ entries: number; bytes: number; streams: number; gaps: number }> => {
  const opened = await openMongoStore(url, 'read')()
  if (isLeft(opened)) throw new Error(describeStoreError(opened.left))
  const store = opened.right
  const infos: StreamInfo[] = []
  for (const stream of await store.streams()) infos.push(await streamInfo(store, stream))
  await store.close()
  const sum = (value: (info: StreamInfo) => number): number =>
    infos.reduce((total, info) => total + value(info), 0)
  return {
    entries: sum(({ entries }) => entries),
    bytes: sum(({ storedBytes }) => storedBytes),
    streams: infos.length,
    gaps: sum(({ gaps }) => gaps.length),
  }
}

/** How busy the machine was, with this and with other work. */
const loads = (): string => {
  const [minute = 0] = os.loadavg()
  return `${minute.toFixed(0)} on ${String(os.cpus().length)} cores`
}

const runFleet = async (server: MongoServer): Promise<readonly Row[]> => {
  const letter = (index: number): string => String.fromCharCode(65 + (index % 26))
  const pairs = Array.from({ length: PAIRS }, (_none, index) => `P${letter(index / 26)}${letter(index)}-USD`)
  const simulator = start(MAIN, [
    'simulate',
    ...pairs.flatMap((pair) => ['--pair', pair]),
    ...['--rate', String(RATE), '--json'],
  ])
  const listening = JSON.parse(await firstLine(simulator)) as {
    venues: Record<'coinbase' | 'bitfinex', Endpoints>
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const url = server.newUrl()
  let peak = 0
  let waiting = 0
  let entries = 0
  let live = 0
  let stopping = 0
  let starting = performance.now()
  let before = 0
  const words = ['record', ...pairs, '--json', '--spool', path.join(folder, 'spool')]
  const venues = Object.entries(listening.venues).flatMap(([venue, places]) => endpointWords(venue, places))
  const recorder = start(MAIN, [...words, ...venues], { BOOKREEL_STORE: url })
  const family = recorder.pid ?? 0
  onLine(recorder, (line) => {
    const { streams } = JSON.parse(line) as StatusLine
    entries = streams.reduce((sum, stream) => sum + stream.entries, 0)
    live = streams.filter(({ state }) => state === 'live').length
    waiting = Math.max(waiting, ...streams.map(({ spooledChunks }) => spooledChunks))
  })
  // On few cores the processes and their threads take their time to be there.
  for (const limit = starting + MOST_STARTING; live < PAIRS * 2 && performance.now() < limit;)
    await sleep(500)
  starting = performance.now() - starting
  const liveAtStart = live
  before = entries
  const cpuBefore = familySeconds(family)
  const began = performance.now()
  for (const end = began + SECONDS * 1000; performance.now() < end; await sleep(1000))
    peak = Math.max(peak, residentBytes(family))
  const seconds = (performance.now() - began) / 1000
  const cpu = familySeconds(family) - cpuBefore
  const rate = (entries - before) / seconds
  const liveAtEnd = live
  stopping = performance.now()
  recorder.kill('SIGINT')
  await ended(recorder)
  stopping = performance.now() - stopping
  simulator.kill()
  await ended(simulator)
  await rm(folder, { recursive: true })
  const held = await stored(url)
  const perEntry = held.bytes / Math.max(1, held.entries)
  return [
    { name: 'streams', value: String(held.streams), note: `${String(PAIRS)} pairs on two venues, ${String(SECONDS)} s` },
    { name: 'start', value: `${(starting / 1000).toFixed(0)} s`, note: `until streams were connected: ${String(liveAtStart)}; at the end ${String(liveAtEnd)}, exit code ${String(recorder.exitCode)}` },
    { name: 'rate', value: `${rate.toFixed(0)}/s`, note: `${String(held.entries)} entries stored, ${String(entries)} recorded, ${String(held.gaps)} gaps` },
    { name: 'memory', value: megabytes(peak), note: `highest of all processes together, ${megabytes(peak / PAIRS)} a pair` },
    { name: 'processor', value: `${((cpu / seconds) * 100).toFixed(0)} %`, note: `of one core, recorder processes alone, start and end left out; load ${loads()}` },
    { name: 'chunks waiting', value: String(waiting), note: 'most that waited for one stream' },
    { name: 'stop', value: `${(stopping / 1000).toFixed(1)} s`, note: 'until everything was sealed and stored' },
    { name: 'stored', value: `${perEntry.toFixed(1)} B`, note: `an entry; ${megabytes((perEntry * rate * DAY) / PAIRS)} a day and pair at this rate` },
  ] // prettier-ignore
}

const run = async (): Promise<readonly Row[]> => {
  const source = await findMongo()
  if (source === undefined) return [{ name: 'server', value: 'none', note: 'and no Go to build one' }]
  const server = await source.start()
  try {
    return [{ name: 'server', value: source.name }, ...(await runFleet(server))]
  } finally {
    await server.close()
  }
}

export const fleetBenchmark: Benchmark = {
  name: 'fleet',
  about: 'Many pairs into one MongoDB server. A slowdown means fewer streams for a machine.',
  run,
}
