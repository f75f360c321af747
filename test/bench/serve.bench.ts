/** Serving a stored stream at full speed, beside a bare server that sends one constant frame of the same size. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { generateFullFeed, PRODUCT } from '../support/full-feed.ts'
import { ended, firstLine, MAIN, start } from './processes.ts'
import { type Benchmark, median, type Row } from './row.ts'

const FRAMES = 300_000
const ORDERS = 5000
const ROUNDS = 5
const START = 1_700_000_000_000_000

/** A store that holds the feed as a stream. Gives the mean size of a frame. */
const fillStore = async (folder: string): Promise<number> => {
  const { frames } = generateFullFeed(FRAMES, ORDERS)
  const lines = frames.map((text, index) =>
    JSON.stringify({ t: START + index * 100, conn: 1, dir: 'in', text }),
  )
  const capture = path.join(folder, 'feed.jsonl')
  await writeFile(capture, `${lines.join('\n')}\n`)
  const words = ['import', capture, '--stream', `coinbase:${PRODUCT}`, '--store', `file:${folder}/store`]
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...words, '--assume-empty-book'])
  if (status !== 0) throw new Error(String(stderr))
  return Math.round(frames.reduce((sum, text) => sum + text.length, 0) / frames.length)
}

/** Frames a second that a client of its own process counts, from its first to its last. */
const readFrom = async (url: string): Promise<number> => {
  const reader = start('./frame-counter.js', [url, String(FRAMES), PRODUCT])
  const line = await firstLine(reader)
  await ended(reader)
  return Number(line)
}

const run = async (): Promise<readonly Row[]> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const size = await fillStore(folder)
  const words = [
    'serve',
    `coinbase:${PRODUCT}`,
    '--store',
    `file:${folder}/store`,
    '--speed',
    'max',
    '--json',
  ]
  const server = start(MAIN, words)
  const { venues } = JSON.parse(await firstLine(server)) as { venues: { coinbase: { ws: string } } }
  const sender = start('./constant-sender.js', [String(FRAMES), String(size)])
  const bareUrl = `ws://127.0.0.1:${await firstLine(sender)}`
  const bare: number[] = []
  const served: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await readFrom(bareUrl))
    served.push(await readFrom(venues.coinbase.ws))
  }
  server.kill('SIGINT')
  sender.kill()
  await ended(server)
  await rm(folder, { recursive: true })
  const ratios = served.map((rate, round) => rate / (bare[round] ?? NaN))
  const text = (rates: readonly number[]): string => `${Math.round(median(rates)).toLocaleString('en-US')}/s`
  return [
    { name: 'frames', value: String(FRAMES), note: `generated full feed, ${String(size)} bytes a frame` },
    { name: 'bare ws server', value: text(bare), note: 'one constant frame of that size, one client' },
    { name: 'bookreel serve', value: text(served), note: '--speed max, full channel, one client' },
    { name: 'ratio', value: median(ratios).toFixed(2), note: `at least 0.5; ${String(ROUNDS)} rounds, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}` },
  ] // prettier-ignore
}

export const serveBenchmark: Benchmark = {
  name: 'serve',
  about:
    'Frames a second out of a store to one client. A slowdown makes every test against a recording longer.',
  run,
}
