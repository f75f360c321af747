/**
 * How far receive times are from the sender's writes, with a snapshot of 110,000 orders loading in between, and how large
 * the recorder's processes get with that book. BOOKREEL_BENCH_RATE: frames a second.
 */
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

import { PRODUCT } from '../support/full-feed.ts'
import { ended, firstLine, MAIN, onLine, residentBytes, residentOf, start } from './processes.ts'
import { endpointWords, megabytes, type StatusLine } from './recorder-words.ts'
import type { Benchmark, Row } from './row.ts'

const RATE = Number(process.env['BOOKREEL_BENCH_RATE'] ?? 10_000)
const SECONDS = 12
const ORDERS = 110_000
/** Milliseconds. */
const LOOK = 200
/** So many microseconds behind the answer its book is being loaded. */
const LOADING = 1_000_000
const CREDENTIALS = {
  COINBASE_API_KEY: 'bench',
  COINBASE_API_SECRET: 'YmVuY2g=',
  COINBASE_API_PASSPHRASE: 'bench',
}

interface Line {
  readonly kind: string
  readonly receiveTime: number
  readonly text?: string
  readonly url?: string
}

/** Records everything that the sender has; the most that all processes but the supervisor held at once. */
const record = async (port: string, store: string): Promise<number> => {
  const endpoints = endpointWords('coinbase', {
    ws: `ws://127.0.0.1:${port}`,
    rest: `http://127.0.0.1:${port}`,
  })
  const words = ['record', PRODUCT, '--venue', 'coinbase', '--json', '--store', store, ...endpoints]
  const recorder = start(MAIN, words, CREDENTIALS)
  const { pid = 0 } = recorder
  let most = 0
  const looks = setInterval(() => {
    most = Math.max(most, residentBytes(pid) - residentOf(pid))
  }, LOOK)
  let isStopping = false
  onLine(recorder, (line) => {
    const { streams } = JSON.parse(line) as StatusLine
    if (isStopping || (streams[0]?.entries ?? 0) < RATE * SECONDS) return
    isStopping = true
    recorder.kill('SIGINT')
  })
  await ended(recorder)
  clearInterval(looks)
  return most
}

/** Microseconds of each frame, and whether the book was loading then. */
const errorsOf = async (
  file: string,
): Promise<{ readonly loading: readonly number[]; readonly other: readonly number[] }> => {
  const loading: number[] = []
  const other: number[] = []
  let answered = -Infinity
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const line = JSON.parse(text) as Line
    if (line.kind === 'response' && line.url?.includes('/book') === true) answered = line.receiveTime
    const sent = line.kind === 'frame' ? /^\{"sent":(\d+)/.exec(line.text ?? '')?.[1] : undefined
    if (sent === undefined) continue
    const isLoading = line.receiveTime - answered <= LOADING
    ;(isLoading ? loading : other).push(line.receiveTime - Number(sent))
  }
  return { loading, other }
}

const quantile = (values: readonly number[], share: number): string => {
  const sorted = [...values].sort((one, next) => one - next)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return `${(value / 1000).toFixed(2)} ms`
}

const run = async (): Promise<readonly Row[]> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const store = `file:${folder}/store`
  const sender = start('./stamped-sender.js', [String(RATE * SECONDS), String(ORDERS), String(RATE)])
  const most = await record(await firstLine(sender), store)
  sender.kill()
  const file = `${folder}/frames.jsonl`
  await ended(start(MAIN, ['export', 'frames', '--store', store, '--out', file]))
  const { loading, other } = await errorsOf(file)
  await rm(folder, { recursive: true })
  const busy = `load ${(os.loadavg()[0] ?? NaN).toFixed(0)} on ${String(os.cpus().length)} cores`
  return [
    { name: 'frames a second', value: String(RATE), note: `for ${String(SECONDS)} s, mode full; ${busy}` },
    { name: 'stamp minus write, p50', value: quantile(other, 0.5), note: `${String(other.length)} frames` },
    { name: 'stamp minus write, p99', value: quantile(other, 0.99), note: 'limit 2 ms on an idle machine' },
    { name: 'p99 while loading', value: quantile(loading, 0.99), note: `${String(loading.length)} frames in the second behind the snapshot` },
    { name: 'child, most resident', value: megabytes(most), note: `with a book of ${String(ORDERS)} orders from its snapshot on; limit 250 MB` },
  ] // prettier-ignore
}

export const stampBenchmark: Benchmark = {
  name: 'stamp',
  about:
    'Receive times against the times of writing, and the memory of one recorded pair. A slowdown means wrong latencies.',
  run,
}
