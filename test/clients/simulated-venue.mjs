/** One venue of `bookreel simulate` in a process of its own, with its control addresses. Runs the built command line. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

const DIST = process.env.BOOKREEL_DIST ?? resolve(import.meta.dirname, '../../dist')

/** The first line of its output, an object. Rejects when it ends without one. */
const firstLine = (child) =>
  new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`bookreel simulate ended with code ${code}`)))
  })

/**
 * Starts a venue with generated flow, without end, until `stopFlow`. `more`: further arguments. `rows()` are those of the
 * engine's own book of BTC-USD: by order, or by price where the last subscription asked for that.
 */
export const startVenue = async (venue, more = []) => {
  const main = resolve(DIST, 'src/cli/main.js')
  if (!existsSync(main)) throw new Error(`${main} is missing: run "npm run build" first`)
  const flow = ['--seed', '7', '--rate', '2000', '--venue', venue, '--pair', 'BTC-USD']
  const child = spawn(process.execPath, [main, 'simulate', ...flow, '--control', '--json', ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  process.once('exit', () => child.kill('SIGKILL'))
  const { venues, credentials } = await firstLine(child)
  const { ws, rest } = venues[venue]
  return {
    ...{ ws, rest, credentials },
    /** Resolves when its process is gone. */
    ended,
    stopFlow: async () => void (await fetch(`${rest}/simulator/stop-flow`, { method: 'POST' })),
    rows: async () => {
      const answer = await fetch(`${rest}/simulator/book?stream=${venue}:BTC-USD`)
      if (!answer.ok) throw new Error(`The simulator answered ${answer.status} for its book`)
      return await answer.json()
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
