/** Recording over a loopback socket, beside a bare client of the same server. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { PRODUCT } from '../support/full-feed.ts'
import { ended, firstLine, MAIN, onLine, processorSeconds, start } from './processes.ts'
import { type Benchmark, median, perSecond, type Row } from './row.ts'

/** Frames of the whole recording, and of a short one beside it: what lies between is what a frame costs once it runs. */
const FRAMES = 1_500_000
const FEWER = 300_000
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

/** A sender of so many frames. */
interface Source {
  readonly port: string
  readonly frames: number
}

/** Processor seconds, and wall milliseconds, of one run. */
interface Cost {
  readonly seconds: number
  readonly wall: number
}

const readBare = async ({ port, frames }: Source): Promise<void> => {
  await ended(start('./bare-reader.js', [`ws://127.0.0.1:${port}`, String(frames)]))
}

const recordAll = async ({ port, frames }: Source, mode: Mode): Promise<void> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bookreel-bench-'))
  const endpoints = ['--endpoint', `coinbase.ws=ws://127.0.0.1:${port}`, '--endpoint', `coinbase.rest=http://127.0.0.1:${port}`] // prettier-ignore
  const store = ['--store', `file:${folder}/store`]
  const recorder = start(MAIN, ['record', PRODUCT, '--mode', mode, '--venue', 'coinbase', '--json', ...store, ...endpoints], CREDENTIALS) // prettier-ignore
  let isStopping = false
  onLine(recorder, (line) => {
    const { streams } = JSON.parse(line) as StatusLine
    // Once: a second signal would end it without sealing.
    if (isStopping || (streams[0]?.entries ?? 0) < frames) return
    isStopping = true
    recorder.kill('SIGINT')
  })
  await ended(recorder)
  await rm(folder, { recursive: true })
}

const costOf = async (action: () => Promise<void>): Promise<Cost> => {
  const started = performance.now()
  const seconds = await processorSeconds(action)
  return { seconds, wall: performance.now() - started }
}

/** What was measured of one reader: whole runs and short ones, round by round. */
class Costs {
  readonly whole: Cost[] = []
  readonly short: Cost[] = []

  async measure(whole: Source, short: Source, action: (source: Source) => Promise<void>): Promise<void> {
    this.short.push(await costOf(async () => await action(short)))
    this.whole.push(await costOf(async () => await action(whole)))
  }

  /** Seconds of the frames that the whole run has more, each round. */
  get running(): readonly number[] {
    return this.whole.map(({ seconds }, round) => seconds - (this.short[round]?.seconds ?? NaN))
  }

  get seconds(): readonly number[] {
    return this.whole.map(({ seconds }) => seconds)
  }

  get wall(): number {
    return median(this.whole.map(({ wall }) => wall))
  }
}

const per = (seconds: readonly number[], frames: number): string =>
  `${((median(seconds) / frames) * 1e6).toFixed(2)} ms`

const ratioRow = (name: string, own: readonly number[], bare: readonly number[], limit: string): Row => {
  const ratios = own.map((seconds, round) => seconds / (bare[round] ?? NaN))
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  return {
    name,
    value: median(ratios).toFixed(2),
    note: `limit ${limit}; ${String(ratios.length)} rounds, ${range}`,
  }
}

const rowsOf = (mode: Mode, limit: string, costs: Costs, bare: Costs): readonly Row[] => [
  { name: `record --mode ${mode}`, value: per(costs.seconds, FRAMES), note: 'the same, whole process tree: start, book, journal, seal, store' },
  ratioRow(`ratio, ${mode}`, costs.seconds, bare.seconds, limit),
  { name: `running, ${mode}`, value: per(costs.running, FRAMES - FEWER), note: 'the same, of the frames that the whole run has more than the short one' },
  ratioRow(`ratio, ${mode} running`, costs.running, bare.running, limit),
  { name: `saturation, ${mode}`, value: perSecond(FRAMES, costs.wall), note: 'frames of one recording over its time, start and seal included: at least so many' },
  { name: `wall time, ${mode}`, value: `${(costs.wall / 1000).toFixed(1)} s`, note: 'of one recording, start and seal included' },
] // prettier-ignore

const startSource = async (frames: number): Promise<Source & { readonly end: () => void }> => {
  const sender = start('./frame-sender.js', [String(frames), String(ORDERS)])
  const end = (): void => {
    sender.kill()
  }
  return { port: await firstLine(sender), frames, end }
}

const run = async (): Promise<readonly Row[]> => {
  const whole = await startSource(FRAMES)
  const short = await startSource(FEWER)
  const bare = new Costs()
  const recorded: Record<Mode, Costs> = { full: new Costs(), light: new Costs() }
  for (let round = 0; round < ROUNDS; round++) {
    await bare.measure(whole, short, readBare)
    for (const { mode } of MODES)
      await recorded[mode].measure(whole, short, async (source) => await recordAll(source, mode))
  }
  whole.end()
  short.end()
  return [
    { name: 'frames', value: String(FRAMES), note: `generated full feed, rendered beforehand, sent as fast as it is read; the short run: ${String(FEWER)}` },
    { name: 'bare ws + JSON.parse', value: per(bare.seconds, FRAMES), note: 'processor time per 1,000 frames, whole process' },
    { name: 'running, bare', value: per(bare.running, FRAMES - FEWER), note: 'of the frames that the whole run has more than the short one' },
    ...MODES.flatMap(({ mode, limit }) => rowsOf(mode, limit, recorded[mode], bare)),
  ] // prettier-ignore
}

export const recordBenchmark: Benchmark = {
  name: 'record',
  about:
    'Processor time of a whole recording against the least a client can do. A slowdown means fewer pairs per machine.',
  run,
}
