/**
 * How far receive times are from the sender's writes, with a snapshot of 110,000 orders loading in between, beside a client
 * that only stamps; and how large the recorder's processes get with that book. BOOKREEL_BENCH_SECONDS: of each play.
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
import { type StampErrors, stampErrors } from './stamp-errors.ts'

const SECONDS = Number(process.env['BOOKREEL_BENCH_SECONDS'] ?? 10)
const FRAMES = 500_000
const MODERATE_RATE = 10_000
const ORDERS = 110_000
/** Milliseconds. */
const LOOK = 100
/** So many microseconds behind the answer its book is being loaded. */
const LOADING = 1_000_000
const CREDENTIALS = {
  COINBASE_API_KEY: 'bench',
  COINBASE_API_SECRET: 'YmVuY2g=',
  COINBASE_API_PASSPHRASE: 'bench',
}

interface Sender {
  readonly port: number
  readonly bookPort: number
  readonly frames: number
}

interface Line {
  readonly kind: string
  readonly receiveTime: number
  readonly text?: string
  readonly url?: string
}

/**
 * Records so many frames of the sender's; the most bytes that all processes but the supervisor held at once. `rate` 0: as
 * fast as they are read.
 */
const record = async (sender: Sender, rate: number, frames: number, store: string): Promise<number> => {
  const endpoints = endpointWords('coinbase', {
    ws: `ws://127.0.0.1:${String(sender.port)}/?rate=${String(rate)}`,
    rest: `http://127.0.0.1:${String(sender.bookPort)}`,
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
    if (isStopping || (streams[0]?.entries ?? 0) < frames) return
    isStopping = true
    recorder.kill('SIGINT')
  })
  await ended(recorder)
  clearInterval(looks)
  return most
}

/** What the recorded frames say of their stamps. */
interface Stamps {
  readonly loading: StampErrors
  readonly other: StampErrors
  /** Frames received a second, in their second half: what waits is bounded, and there it has reached its bound. */
  readonly rate: number
  /** When the first of them came, microseconds. */
  readonly first: number
}

/** Of a store's one stream. */
const stampsOf = async (store: string): Promise<Stamps> => {
  const file = `${store.slice(store.indexOf(':') + 1)}.jsonl`
  await ended(start(MAIN, ['export', 'frames', '--store', store, '--out', file]))
  const loading: number[] = []
  const other: number[] = []
  const times: number[] = []
  let answered = -Infinity
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const line = JSON.parse(text) as Line
    if (line.kind === 'response' && line.url?.includes('/book') === true) answered = line.receiveTime
    const sent = line.kind === 'frame' ? /^\{"sent":(\d+)/.exec(line.text ?? '')?.[1] : undefined
    if (sent === undefined) continue
    times.push(line.receiveTime)
    const isLoading = line.receiveTime - answered <= LOADING
    ;(isLoading ? loading : other).push(line.receiveTime - Number(sent))
  }
  await rm(file)
  const middle = Math.floor(times.length / 2)
  const span = (times.at(-1) ?? NaN) - (times[middle] ?? NaN)
  return {
    loading: stampErrors(Float64Array.from(loading)),
    other: stampErrors(Float64Array.from(other)),
    rate: ((times.length - middle) / span) * 1e6,
    first: times[0] ?? NaN,
  }
}

const milliseconds = (micros: number): string => `${(micros / 1000).toFixed(2)} ms`

const show = ({ median, p99, p999 }: StampErrors): string => [median, p99, p999].map(milliseconds).join('  ')

/** One play to a client that only stamps, and one to the recorder. */
const compare = async (
  sender: Sender,
  rate: number,
  name: string,
  store: string,
): Promise<readonly Row[]> => {
  const frames = Math.min(sender.frames, rate * SECONDS)
  const url = `ws://127.0.0.1:${String(sender.port)}/?rate=${String(rate)}`
  const bare = JSON.parse(await firstLine(start('./stamp-reader.js', [url, String(frames)]))) as StampErrors
  const most = await record(sender, rate, frames, store)
  const { loading, other, rate: reached } = await stampsOf(store)
  const busy = `load ${(os.loadavg()[0] ?? NaN).toFixed(0)} on ${String(os.cpus().length)} cores`
  return [
    { name, value: `${String(rate)}/s`, note: `received ${reached.toFixed(0)}/s in mode full; ${busy}` },
    { name: '  stamp minus write, bare', value: show(bare), note: `p50, p99, p99.9 of ${String(bare.frames)} frames to a client that only stamps` },
    { name: '  recorder', value: show(other), note: `${String(other.frames)} frames; limit of p99 2 ms on an idle machine` },
    { name: '  recorder, book loading', value: show(loading), note: `${String(loading.frames)} frames in the second behind the snapshot; the same limit` },
    { name: '  child, most resident', value: megabytes(most), note: `with a book of ${String(ORDERS)} orders from its snapshot on; limit 250 MB` },
  ] // prettier-ignore
}

const run = async (): Promise<readonly Row[]> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const process = start('./stamped-sender.js', [String(FRAMES), String(ORDERS)])
  const sender = JSON.parse(await firstLine(process)) as Sender
  try {
    const moderate = await compare(sender, MODERATE_RATE, 'moderate rate', `file:${folder}/moderate`)
    // What a socket takes in a few seconds while chunks wait for their seal is no rate that can go on.
    await record(sender, 0, sender.frames, `file:${folder}/saturated`)
    const ended = Date.now() * 1000
    const { rate: received, first } = await stampsOf(`file:${folder}/saturated`)
    const rate = (sender.frames / (ended - first)) * 1e6
    const half = Math.round(rate / 2000) * 1000
    return [
      ...moderate,
      { name: 'saturation', value: `${rate.toFixed(0)}/s`, note: `frames of one recording over the time from the first to the end, seal included; received ${received.toFixed(0)}/s meanwhile` },
      ...(await compare(sender, half, 'half of saturation', `file:${folder}/half`)),
    ] // prettier-ignore
  } finally {
    process.kill()
    await rm(folder, { recursive: true })
  }
}

export const stampBenchmark: Benchmark = {
  name: 'stamp',
  about:
    'Receive times against the times of writing, and the memory of one recorded pair. A slowdown means wrong latencies.',
  run,
}
