/** A moment in which the venues say nothing new: the books recorded then are the engines'. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Simulation } from '../../simulator/simulate.ts'
import type { StreamLine } from '../support/recorder-process.ts'
import { journaledTimes } from './journal-witness.ts'
import type { Standstill } from './kill-audit.ts'
import { engineRows, filesOf, hasBecome, pauseFlow, STREAMS } from './recorded-venues.ts'

/** Milliseconds for what is on its way. */
const ARRIVAL = 1000
/** Milliseconds in which books are compared. */
const LENGTH = 600
/** Milliseconds that the recorder's clock may be behind ours: it is read once, by a process that may have to wait. */
const CLOCK_ERROR = 200
/** Milliseconds for the recorder to go on, on a machine that has no time. */
const LIMIT = 120_000

export interface StandstillWish {
  readonly simulation: Simulation
  readonly folder: string
  readonly status: () => readonly StreamLine[]
}

/**
 * Ends when the journals hold entries that came after it: a recorder that dies then was there all the time. Throws when
 * they hold none in time.
 */
export const standStill = async ({ simulation, folder, status }: StandstillWish): Promise<Standstill> => {
  await pauseFlow(simulation, true)
  await sleep(ARRIVAL)
  const from = Date.now() * 1000
  const books = simulation.books()
  const rows = await Promise.all(
    STREAMS.map(async (stream) => [stream as string, await engineRows(simulation, stream)] as const),
  )
  await sleep(LENGTH)
  const to = Date.now() * 1000
  await sleep(CLOCK_ERROR)
  await pauseFlow(simulation, false)
  const isPast = (): boolean => status().every(({ lastReceiveTime }) => (lastReceiveTime ?? 0) > to)
  const { journal } = filesOf(folder)
  const end = Date.now() + LIMIT
  while ((await journaledTimes(journal, STREAMS)).some((time) => time <= to))
    if (!(await hasBecome(isPast, LIMIT)) || Date.now() > end)
      throw new Error(`nothing was journaled after a standstill: ${JSON.stringify(status())}`)
  return { from, to, books, rows: new Map(rows) }
}
