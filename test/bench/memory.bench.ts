/** Memory of a recorder over millions of frames: it must not grow with the length of a recording. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { PRODUCT } from '../support/full-feed.ts'
import { ended, firstLine, MAIN, onLine, residentBytes, start } from './processes.ts'
import type { Benchmark, Row } from './row.ts'

const FRAMES = 5_000_000
const STEP = 1_000_000

interface Listening {
  readonly venues: { readonly coinbase: { readonly ws: string; readonly rest: string } }
  readonly credentials: { readonly key: string; readonly secret: string; readonly passphrase: string }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

const run = async (): Promise<readonly Row[]> => {
  const simulator = start(MAIN, [
    'simulate',
    '--venue',
    'coinbase',
    '--pair',
    PRODUCT,
    '--rate',
    'max',
    '--json',
  ])
  const { venues, credentials } = JSON.parse(await firstLine(simulator)) as Listening
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const endpoints = ['--endpoint', `coinbase.ws=${venues.coinbase.ws}`, '--endpoint', `coinbase.rest=${venues.coinbase.rest}`] // prettier-ignore
  const words = [
    'record',
    PRODUCT,
    '--venue',
    'coinbase',
    '--json',
    '--store',
    `file:${folder}/store`,
    ...endpoints,
  ]
  const recorder = start(MAIN, words, {
    COINBASE_API_KEY: credentials.key,
    COINBASE_API_SECRET: credentials.secret,
    COINBASE_API_PASSPHRASE: credentials.passphrase,
  })
  let entries = 0
  onLine(recorder, (line) => {
    const { streams } = JSON.parse(line) as { streams: readonly { entries: number }[] }
    entries = streams[0]?.entries ?? entries
  })
  const started = performance.now()
  const rows: Row[] = []
  let peak = 0
  for (let next = STEP; next <= FRAMES && recorder.exitCode === null; await sleep(250)) {
    const bytes = residentBytes(recorder.pid ?? 0)
    peak = Math.max(peak, bytes)
    if (entries < next) continue
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    rows.push({
      name: `${String(next / 1e6)} million entries`,
      value: megabytes(bytes),
      note: `highest since the last line ${megabytes(peak)}, after ${seconds} s`,
    })
    peak = 0
    next += STEP
  }
  recorder.kill('SIGINT')
  await ended(recorder)
  simulator.kill()
  await ended(simulator)
  await rm(folder, { recursive: true })
  return rows
}

export const memoryBenchmark: Benchmark = {
  name: 'memory',
  about:
    'Resident memory of the recording process tree (supervisor and child) while millions of frames pass.',
  run,
}
