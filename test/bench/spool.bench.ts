/**
 * One recorder whose MongoDB server is down for the whole run beside the same with the server up, and its memory while the
 * spool grows. BOOKREEL_BENCH_FRAMES, BOOKREEL_BENCH_ROUNDS and BOOKREEL_BENCH_SPOOL_FRAMES make it smaller.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { PRODUCT } from '../support/full-feed.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { ended, firstLine, MAIN, onLine, processorSeconds, residentBytes, start } from './processes.ts'
import { endpointWords, megabytes, type StatusLine } from './recorder-words.ts'
import { type Benchmark, median, type Row } from './row.ts'

const FRAMES = Number(process.env['BOOKREEL_BENCH_FRAMES'] ?? 1_000_000)
const ROUNDS = Number(process.env['BOOKREEL_BENCH_ROUNDS'] ?? 5)
const SPOOL_FRAMES = Number(process.env['BOOKREEL_BENCH_SPOOL_FRAMES'] ?? 2_000_000)
const ORDERS = 5000
const SAMPLES = 10
const CREDENTIALS = { COINBASE_API_KEY: 'bench', COINBASE_API_SECRET: 'YmVuY2g=', COINBASE_API_PASSPHRASE: 'bench' } // prettier-ignore

interface Recorded {
  /** Processor seconds of the whole process tree, start and end included. */
  readonly cpu: number
  /** Entries a second, start and end left out. */
  readonly speed: number
  /** Resident bytes of the process tree each time another share of the entries was recorded. */
  readonly memory: readonly number[]
  readonly spooledBytes: number
}

const recordOnce = async (port: string, url: string, frames: number): Promise<Recorded> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const places = { ws: `ws://127.0.0.1:${port}`, rest: `http://127.0.0.1:${port}` }
  const memory: number[] = []
  let spooledBytes = 0
  let first: readonly [number, number] | undefined
  let last: readonly [number, number] = [0, 0]
  let isStopping = false
  const cpu = await processorSeconds(async () => {
    const words = ['record', PRODUCT, '--venue', 'coinbase', '--json', '--spool', path.join(folder, 'spool')]
    const recorder = start(MAIN, [...words, ...endpointWords('coinbase', places)], { ...CREDENTIALS, BOOKREEL_STORE: url }) // prettier-ignore
    onLine(recorder, (line) => {
      const stream = (JSON.parse(line) as StatusLine).streams[0]
      if (stream === undefined || isStopping) return
      const { entries } = stream
      spooledBytes = stream.spooledBytes
      while (memory.length < SAMPLES && entries >= ((memory.length + 1) / SAMPLES) * frames)
        memory.push(residentBytes(recorder.pid ?? 0))
      // The last line counts when it came while frames still did.
      if (entries > frames / SAMPLES && entries < frames) {
        last = [performance.now(), entries]
        first ??= last
      }
      if (entries < frames) return
      isStopping = true
      recorder.kill('SIGINT')
    })
    await ended(recorder)
  })
  await rm(folder, { recursive: true })
  const [from, before] = first ?? [0, 0]
  return { cpu, speed: ((last[1] - before) / (last[0] - from)) * 1000, memory, spooledBytes }
}

const downUrl = (server: MongoServer): string => {
  const away = server.newUrl('127.0.0.1:1')
  return `${away}${away.includes('?') ? '&' : '?'}serverSelectionTimeoutMS=300`
}

const spread = (values: readonly number[], digits = 0): string =>
  `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`

/** Of the runs that were long enough to tell. */
const speedsOf = (runs: readonly Recorded[]): readonly number[] =>
  runs.map(({ speed }) => speed).filter((speed) => Number.isFinite(speed))

const compareSpeed = async (server: MongoServer): Promise<readonly Row[]> => {
  const sender = start('./frame-sender.js', [String(FRAMES), String(ORDERS)])
  const port = await firstLine(sender)
  const up: Recorded[] = []
  const down: Recorded[] = []
  for (let round = 0; round < ROUNDS; round++) {
    up.push(await recordOnce(port, server.newUrl(), FRAMES))
    down.push(await recordOnce(port, downUrl(server), FRAMES))
  }
  sender.kill()
  const row = (name: string, runs: readonly Recorded[]): Row => {
    const speeds = speedsOf(runs)
    const costs = runs.map(({ cpu }) => (cpu / FRAMES) * 1e6)
    return {
      name,
      value: `${median(speeds).toFixed(0)}/s`,
      note: `${String(speeds.length)} runs, ${spread(speeds)}; processor time per 1,000 frames ${median(costs).toFixed(1)} ms, ${spread(costs, 1)}`,
    }
  }
  const speedsUp = speedsOf(up)
  const share = median(speedsOf(down)) / median(speedsUp)
  const least = Math.min(...speedsUp) / Math.max(...speedsUp)
  return [
    row('server up', up),
    row('server down', down),
    { name: 'down / up', value: share.toFixed(2), note: `two runs with it up: ${least.toFixed(2)}` },
  ]
}

const watchMemory = async (server: MongoServer): Promise<Row> => {
  const sender = start('./frame-sender.js', [String(SPOOL_FRAMES), String(ORDERS)])
  const port = await firstLine(sender)
  const { memory, spooledBytes } = await recordOnce(port, downUrl(server), SPOOL_FRAMES)
  sender.kill()
  const samples = memory.map((bytes) => (bytes / 1e6).toFixed(0)).join(', ')
  return {
    name: 'memory, server down',
    value: megabytes(memory.at(-1) ?? NaN),
    note: `all processes, MB after each tenth of ${String(SPOOL_FRAMES)} frames: ${samples}; spool then ${megabytes(spooledBytes)}`,
  }
}

const run = async (): Promise<readonly Row[]> => {
  const source = await findMongo()
  if (source === undefined) return [{ name: 'server', value: 'none', note: 'and no Go to build one' }]
  const server = await source.start()
  try {
    const speed = await compareSpeed(server)
    return [{ name: 'server', value: source.name }, ...speed, await watchMemory(server)]
  } finally {
    await server.close()
  }
}

export const spoolBenchmark: Benchmark = {
  name: 'spool',
  about:
    'One recorder without its server beside the same with it. A difference means that what the server does reaches the recording.',
  run,
}
