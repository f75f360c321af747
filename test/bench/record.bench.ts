/** Recording over a loopback socket, beside a bare client of the same server. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { PRODUCT } from '../support/full-feed.ts'
import { ended, firstLine, MAIN, onLine, processorSeconds, start } from './processes.ts'
import { type Benchmark, median, perSecond, type Row } from './row.ts'

const FRAMES = 1_500_000
const ORDERS = 5000
const ROUNDS = 3
/** Interleaved with the bare reader; the ratio each may reach. */
const MODES = [
  { mode: 'full', limit: '2.5' },
  { mode: 'light', limit: '1.5' },
] as const
type Mode = (typeof MODES)[number]['mode']
const CREDENTIALS = {
  COINBASE_API_KEY: 'bench',
  COINBASE_API_SECRET: 'YmVuY2g=',
  COINBASE_API_PASSPHRASE: 'bench',
}

interface StatusLine {
  readonly streams: readonly { readonly entries: number }[]
}

const readBare = async (port: string): Promise<void> => {
  await ended(start('./bare-reader.js', [`ws://127.0.0.1:${port}`, String(FRAMES)]))
}

const recordAll = async (port: string, mode: Mode): Promise<void> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const endpoints = ['--endpoint', `coinbase.ws=ws://127.0.0.1:${port}`, '--endpoint', `coinbase.rest=http://127.0.0.1:${port}`] // prettier-ignore
  const store = ['--store', `file:${folder}/store`]
  const recorder = start(MAIN, ['record', PRODUCT, '--mode', mode, '--venue', 'coinbase', '--json', ...store, ...endpoints], CREDENTIALS) // prettier-ignore
  let isStopping = false
  onLine(recorder, (line) => {
    const { streams } = JSON.parse(line) as StatusLine
    // Once: a second signal would end it without sealing.
    if (isStopping || (streams[0]?.entries ?? 0) < FRAMES) return
    isStopping = true
    recorder.kill('SIGINT')
  })
  await ended(recorder)
  await rm(folder, { recursive: true })
}

const run = async (): Promise<readonly Row[]> => {
  const sender = start('./frame-sender.js', [String(FRAMES), String(ORDERS)])
  const port = await firstLine(sender)
  const bare: number[] = []
  const recorded: Record<Mode, { readonly seconds: number[]; readonly walls: number[] }> = {
    full: { seconds: [], walls: [] },
    light: { seconds: [], walls: [] },
  }
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await processorSeconds(async () => await readBare(port)))
    for (const { mode } of MODES) {
      const started = performance.now()
      recorded[mode].seconds.push(await processorSeconds(async () => await recordAll(port, mode)))
      recorded[mode].walls.push(performance.now() - started)
    }
  }
  sender.kill()
  const per = (seconds: readonly number[]): string => `${((median(seconds) / FRAMES) * 1e6).toFixed(2)} ms`
  const rowsOf = (mode: Mode, limit: string): readonly Row[] => {
    const { seconds, walls } = recorded[mode]
    const ratios = seconds.map((own, round) => own / (bare[round] ?? NaN))
    return [
      { name: `record --mode ${mode}`, value: per(seconds), note: 'the same, whole process tree: start, book, journal, seal, store' },
      { name: `ratio, ${mode}`, value: median(ratios).toFixed(2), note: `limit ${limit}; ${String(ROUNDS)} rounds, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}` },
      { name: `saturation, ${mode}`, value: perSecond(FRAMES, median(walls)), note: 'frames of one recording over its time, start and seal included: at least so many' },
      { name: `wall time, ${mode}`, value: `${(median(walls) / 1000).toFixed(1)} s`, note: 'of one recording, start and seal included' },
    ] // prettier-ignore
  }
  return [
    { name: 'frames', value: String(FRAMES), note: 'generated full feed, rendered beforehand, sent as fast as it is read' },
    { name: 'bare ws + JSON.parse', value: per(bare), note: 'processor time per 1,000 frames, whole process' },
    ...MODES.flatMap(({ mode, limit }) => rowsOf(mode, limit)),
  ] // prettier-ignore
}

export const recordBenchmark: Benchmark = {
  name: 'record',
  about:
    'Processor time of a whole recording against the least a client can do. A slowdown means fewer pairs per machine.',
  run,
}
