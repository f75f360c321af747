/**
 * A fleet of simulated pairs recorded into one MongoDB server through the spool, and one recorder whose server is down for
 * the whole run beside the same with the server up. BOOKREEL_BENCH_PAIRS, BOOKREEL_BENCH_SECONDS and
 * BOOKREEL_BENCH_FRAMES make it smaller.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { isLeft } from 'fp-ts/lib/Either.js'

import { describeStoreError } from '../../src/log/event-store.ts'
import { type StreamInfo, streamInfo } from '../../src/replay/proof/stream-info.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { PRODUCT } from '../support/full-feed.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { ended, firstLine, MAIN, onLine, processorSeconds, residentBytes, start } from './processes.ts'
import { type Benchmark, median, type Row } from './row.ts'

const PAIRS = Number(process.env['BOOKREEL_BENCH_PAIRS'] ?? 40)
const SECONDS = Number(process.env['BOOKREEL_BENCH_SECONDS'] ?? 120)
/** Events a second of each market: about a busy pair's. */
const RATE = 20
const FRAMES = Number(process.env['BOOKREEL_BENCH_FRAMES'] ?? 400_000)
const ORDERS = 5000
const CREDENTIALS = { COINBASE_API_KEY: 'bench', COINBASE_API_SECRET: 'YmVuY2g=', COINBASE_API_PASSPHRASE: 'bench' } // prettier-ignore
const DAY = 86_400
const MOST_STARTING = 600_000

interface Endpoints {
  readonly ws: string
  readonly rest: string
}

interface StatusLine {
  readonly streams: readonly {
    readonly state: string
    readonly entries: number
    readonly spooledChunks: number
  }[]
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

const endpointWords = (venue: string, { ws, rest }: Endpoints): readonly string[] => [
  ...['--endpoint', `${venue}.ws=${ws}`],
  ...['--endpoint', `${venue}.rest=${rest}`],
]

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
  const cpu = await processorSeconds(async () => {
    const words = ['record', ...pairs, '--json', '--spool', path.join(folder, 'spool')]
    const venues = Object.entries(listening.venues).flatMap(([venue, places]) => endpointWords(venue, places))
    const recorder = start(MAIN, [...words, ...venues], { BOOKREEL_STORE: url })
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
    before = entries
    for (const end = performance.now() + SECONDS * 1000; performance.now() < end; await sleep(1000))
      peak = Math.max(peak, residentBytes(recorder.pid ?? 0))
    stopping = performance.now()
    recorder.kill('SIGINT')
    await ended(recorder)
    stopping = performance.now() - stopping
  })
  simulator.kill()
  await ended(simulator)
  await rm(folder, { recursive: true })
  const held = await stored(url)
  const rate = (entries - before) / SECONDS
  const perEntry = held.bytes / Math.max(1, held.entries)
  return [
    { name: 'streams', value: String(held.streams), note: `${String(PAIRS)} pairs on two venues, ${String(SECONDS)} s` },
    { name: 'start', value: `${(starting / 1000).toFixed(0)} s`, note: 'until every stream was connected' },
    { name: 'rate', value: `${rate.toFixed(0)}/s`, note: `${String(held.entries)} entries stored, ${String(entries)} recorded, ${String(held.gaps)} gaps` },
    { name: 'memory', value: megabytes(peak), note: `highest of all processes together, ${megabytes(peak / PAIRS)} a pair` },
    { name: 'processor', value: `${((cpu / (SECONDS + starting / 1000)) * 100).toFixed(0)} %`, note: 'of one core, recorder processes alone, their start included' },
    { name: 'chunks waiting', value: String(waiting), note: 'most that waited for one stream' },
    { name: 'stop', value: `${(stopping / 1000).toFixed(1)} s`, note: 'until everything was sealed and stored' },
    { name: 'stored', value: `${perEntry.toFixed(1)} B`, note: `an entry; ${megabytes((perEntry * rate * DAY) / PAIRS)} a day and pair at this rate` },
  ] // prettier-ignore
}

interface Outage {
  readonly cpu: number
  readonly wall: number
  /** Resident bytes when a quarter, and when all, had been recorded. */
  readonly memory: readonly [number, number]
}

const recordOnce = async (port: string, url: string): Promise<Outage> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const places = { ws: `ws://127.0.0.1:${port}`, rest: `http://127.0.0.1:${port}` }
  const memory: [number, number] = [0, 0]
  const started = performance.now()
  const cpu = await processorSeconds(async () => {
    const words = ['record', PRODUCT, '--venue', 'coinbase', '--json', '--spool', path.join(folder, 'spool')]
    const recorder = start(MAIN, [...words, ...endpointWords('coinbase', places)], { ...CREDENTIALS, BOOKREEL_STORE: url }) // prettier-ignore
    onLine(recorder, (line) => {
      const entries = (JSON.parse(line) as StatusLine).streams[0]?.entries ?? 0
      const resident = recorder.exitCode === null && memory[1] === 0 ? residentBytes(recorder.pid ?? 0) : 0
      if (entries > FRAMES / 4 && memory[0] === 0) memory[0] = resident
      if (entries < FRAMES || memory[1] !== 0) return
      memory[1] = resident
      recorder.kill('SIGINT')
    })
    await ended(recorder)
  })
  await rm(folder, { recursive: true })
  return { cpu, wall: (performance.now() - started) / 1000, memory }
}

const runOutage = async (server: MongoServer): Promise<readonly Row[]> => {
  const sender = start('./frame-sender.js', [String(FRAMES), String(ORDERS)])
  const port = await firstLine(sender)
  const up: Outage[] = []
  const down: Outage[] = []
  for (let round = 0; round < 3; round++) {
    up.push(await recordOnce(port, server.newUrl()))
    const away = server.newUrl('127.0.0.1:1')
    down.push(await recordOnce(port, `${away}${away.includes('?') ? '&' : '?'}serverSelectionTimeoutMS=300`))
  }
  sender.kill()
  const row = (name: string, runs: readonly Outage[]): Row => {
    const cpus = runs.map(({ cpu }) => cpu)
    const walls = runs.map(({ wall }) => wall.toFixed(1)).join(', ')
    const [quarter, all] = [0, 1].map((at) => megabytes(median(runs.map(({ memory }) => memory[at] ?? 0))))
    return {
      name,
      value: `${((median(cpus) / FRAMES) * 1e6).toFixed(1)} ms`,
      note: `processor time per 1,000 frames, ${Math.min(...cpus).toFixed(1)} to ${Math.max(...cpus).toFixed(1)} s a run; wall ${walls} s; memory after a quarter ${quarter ?? ''}, at the end ${all ?? ''}`,
    }
  }
  return [row('server up', up), row('server down', down)]
}

const run = async (): Promise<readonly Row[]> => {
  const source = await findMongo()
  if (source === undefined) return [{ name: 'server', value: 'none', note: 'and no Go to build one' }]
  const server = await source.start()
  try {
    const outage = await runOutage(server)
    return [{ name: 'server', value: source.name }, ...outage, ...(await runFleet(server))]
  } finally {
    await server.close()
  }
}

export const fleetBenchmark: Benchmark = {
  name: 'fleet',
  about:
    'Many pairs into one MongoDB server, and one recorder without its server. A slowdown means fewer streams for a machine.',
  run,
}
