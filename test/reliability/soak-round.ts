/** The soak as one round: much for long while much goes wrong, in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { RoundFindings } from './round-results.ts'

export interface SoakWish {
  readonly seed: number
  readonly folder: string
  readonly minutes: number
  readonly tell: (text: string) => void
}

/** Frames a second of each venue while it is connected: 5,000 and more with the time in which it is not. */
const RATE = 8000

export const runSoakRound = async ({ seed, folder, minutes, tell }: SoakWish): Promise<RoundFindings> => {
  const result = join(folder, 'soak.json')
  const words = [
    '--minutes',
    String(minutes),
    '--seed',
    String(seed),
    '--rate',
    String(RATE),
    '--result',
    result,
  ]
  const script = join(import.meta.dirname, '../soak/run.js')
  const child = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    tell(text.trim())
  })
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', kill)
  const [code] = (await once(child, 'exit')) as [number | null]
  process.off('exit', kill)
  const findings = JSON.parse(readFileSync(result, 'utf8')) as RoundFindings
  return code === 0 || findings.failures.length > 0
    ? findings
    : { ...findings, failures: [`the soak ended with exit code ${String(code)}`] }
}
