/** Simulated venues and a recorder of them, as the rounds use both: what they are started with, and what is waited for. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { LinksOptions } from '../../simulator/faults/links.ts'
import { type Simulation, startSimulation, TEST_CREDENTIALS } from '../../simulator/simulate.ts'
import type { SimulatedRows } from '../../simulator/venues/simulated-venue.ts'
import { CommandProcess, type StreamLine } from '../support/recorder-process.ts'

export const PAIR = 'BTC-USD'
export const VENUES = ['coinbase', 'bitfinex'] as const
export type VenueName = (typeof VENUES)[number]
export const STREAMS = VENUES.map((venue) => `${venue}:${PAIR}` as const)

export interface VenuesWish {
  readonly seed: number
  readonly folder: string
  /** Events a second of each venue. */
  readonly rate: number
  readonly links?: LinksOptions
}

/** Files of a round. */
export const filesOf = (folder: string) => ({
  store: `file:${join(folder, 'store')}`,
  journal: join(folder, 'store', 'journal'),
  sent: join(folder, 'sent.jsonl'),
  faults: join(folder, 'faults.jsonl'),
})

export const startVenues = async ({ seed, folder, rate, links }: VenuesWish): Promise<Simulation> => {
  const { sent, faults } = filesOf(folder)
  return await startSimulation({
    ...{ seed, rate, venues: VENUES, pairs: [PAIR], orders: 300, control: true },
    links: { seed, logSent: sent, logFaults: faults, ...links },
  })
}

const endpointWords = ({ endpoints }: Simulation): readonly string[] =>
  Object.entries(endpoints).flatMap(([venue, { ws, rest }]) => [
    ...['--endpoint', `${venue}.ws=${ws}`],
    ...['--endpoint', `${venue}.rest=${rest}`],
  ])

export const CREDENTIALS = {
  COINBASE_API_KEY: TEST_CREDENTIALS.key,
  COINBASE_API_SECRET: TEST_CREDENTIALS.secret,
  COINBASE_API_PASSPHRASE: TEST_CREDENTIALS.passphrase,
} as const

const running = new Set<CommandProcess>()

/** What a stopped command must not leave behind. */
export const killRecorders = (): void => {
  for (const recorder of running) recorder.killGroup('SIGKILL')
}

export const startRecorder = (
  simulation: Simulation,
  folder: string,
  words: readonly string[] = [],
  {
    environment = {},
    uid,
  }: { readonly environment?: Readonly<Record<string, string>>; readonly uid?: number } = {},
): CommandProcess => {
  const recorder = new CommandProcess(
    ['record', PAIR, '--json', '--store', filesOf(folder).store, ...endpointWords(simulation), ...words],
    { ...CREDENTIALS, XDG_RUNTIME_DIR: folder, ...environment },
    uid,
  )
  running.add(recorder)
  void recorder.ended.then(() => running.delete(recorder))
  return recorder
}

/** Both streams deliver, with books that may be used and are proven. */
export const isSound = (status: readonly StreamLine[]): boolean =>
  status.length === STREAMS.length && status.every(({ valid, verified }) => valid && verified)

/** False: it did not come to be in time. */
export const hasBecome = async (condition: () => boolean, limit: number): Promise<boolean> => {
  const end = performance.now() + limit
  while (!condition()) {
    if (performance.now() > end) return false
    await sleep(20)
  }
  return true
}

const control = async (simulation: Simulation, method: string, path: string): Promise<unknown> => {
  const rest = simulation.endpoints['coinbase']?.rest ?? ''
  const response = await fetch(`${rest}/simulator/${path}`, { method })
  return await response.json()
}

/** The flow of all venues stands still, or goes on. */
export const pauseFlow = async (simulation: Simulation, isPaused: boolean): Promise<void> => {
  await control(simulation, 'POST', isPaused ? 'pause' : 'resume')
}

export const engineRows = async (simulation: Simulation, stream: string): Promise<SimulatedRows> =>
  (await control(simulation, 'GET', `book?stream=${stream}`)) as SimulatedRows

/** Waits until nothing but heartbeats comes any more. */
export const untilQuiet = async (status: () => readonly StreamLine[], heartbeats: number): Promise<void> => {
  const seqs = (): number => status().reduce((sum, { lastSeq }) => sum + lastSeq, 0)
  let before = seqs()
  for (let quiet = 0; quiet < 3;) {
    await sleep(1000)
    const now = seqs()
    quiet = now - before <= heartbeats ? quiet + 1 : 0
    before = now
  }
}

export const removeFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true })
}
