/** A moment in which the venues say nothing new: the books recorded then are the engines'. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Simulation } from '../../simulator/simulate.ts'
import type { Standstill } from './kill-audit.ts'
import { engineRows, pauseFlow, STREAMS } from './recorded-venues.ts'

/** Milliseconds: half of it for what is on its way, half of it to be compared. */
const LENGTH = 1200

export const standStill = async (simulation: Simulation): Promise<Standstill> => {
  await pauseFlow(simulation, true)
  await sleep(LENGTH / 2)
  const from = Date.now() * 1000
  const books = simulation.books()
  const rows = await Promise.all(
    STREAMS.map(async (stream) => [stream as string, await engineRows(simulation, stream)] as const),
  )
  await sleep(LENGTH / 2)
  const to = Date.now() * 1000
  await pauseFlow(simulation, false)
  return { from, to, books, rows: new Map(rows) }
}
