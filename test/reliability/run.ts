/**
 * Proves what a recorder promises, round after round, for so long: `npm run reliability -- --minutes N`, with `--only
 * kill|fault|hostile|soak` for one part and `--row mixed` for the rows whose name begins so. Every finished round is a line in .reliability/, so that it may be ended at any
 * moment and goes on the next time; docs/reliability.md is written anew from all of them. Ends with 1 when a promise was broken.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { killRecorders, removeFolder } from './recorded-venues.ts'
import { writeTable } from './results-table.ts'
import { appendResult, type Part, PARTS, readResults, type RoundResult } from './round-results.ts'
import { nextRounds, type PlannedRound, type Row, rowsOf, soakMinutes } from './rounds.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const RESULTS = join(ROOT, '.reliability', 'rounds.jsonl')
const PAGE = join(ROOT, 'docs', 'reliability.md')
// Processes are started from this build.
process.env['BOOKREEL_DIST'] ??= resolve(import.meta.dirname, '../..')

const MACHINE = `${String(cpus().length)} × ${cpus()[0]?.model.trim() ?? 'processor'}, ${process.platform}, Node ${process.versions.node}`

/** What `git` says of this folder; nothing where there is none. */
const gitText = (...words: readonly string[]): string =>
  spawnSync('git', words, { cwd: ROOT, encoding: 'utf8' }).stdout?.trim() ?? ''

/** Read once, at the start: the build is of then. */
const readVersion = (): string => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly version: string
  }
  const commit = gitText('rev-parse', '--short=7', 'HEAD')
  if (commit === '') return version
  const isChanged = gitText('status', '--porcelain', '--', 'src', 'simulator', 'test', 'package.json') !== ''
  return `${version} at ${commit}${isChanged ? ', changed' : ''}`
}

const VERSION = readVersion()

interface Wish {
  readonly minutes: number
  readonly parts: readonly Part[]
  readonly rows: readonly Row[]
  /** Of the first round of a row. */
  readonly seed: number
}

const readWish = (): Wish => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      only: { type: 'string', multiple: true },
      row: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
  const only = values.only ?? PARTS
  const asked = PARTS.filter((part) => only.includes(part))
  if (!(minutes >= 0) || !Number.isSafeInteger(seed) || asked.length !== new Set(only).size)
    throw new Error(
      `Give --minutes N, --only ${PARTS.join('|')} for some of the parts, --seed N for other seeds.`,
    )
  const rows = rowsOf(asked, values.row)
  if (rows.length === 0) throw new Error(`No row begins with ${values.row ?? ''}.`)
  const parts = asked.filter((part) => rows.some((row) => row.part === part))
  return { minutes, parts, rows, seed }
}

const print = (text: string): void => {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
}

const { minutes, parts, rows, seed: firstSeed } = readWish()
const folders = new Set<string>()

/** A round that throws has failed; the folder of one that failed stays. */
const runRound = async ({ row, seed }: PlannedRound): Promise<RoundResult> => {
  const name = `${row.name}, seed ${String(seed)}`
  const folder = mkdtempSync(join(tmpdir(), 'bookreel-reliability-'))
  folders.add(folder)
  const start = performance.now()
  const tell = (text: string): void => {
    print(`${name}: ${text}`)
  }
  const { figures, failures } = await row
    .run({ seed, folder, tell, minutes: soakMinutes(minutes, parts) })
    .catch((error: unknown) => ({
      figures: {},
      failures: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }))
  const seconds = Math.round((performance.now() - start) / 1000)
  print(`${name}: ${failures.length === 0 ? 'all kept' : `FAILED, see ${folder}`}, ${String(seconds)} s`)
  for (const failure of failures) print(`  ${failure}`)
  if (failures.length === 0) removeFolder(folder)
  folders.delete(folder)
  const { part, name: rowName } = row
  const date = new Date().toISOString()
  return { part, row: rowName, seed, date, machine: MACHINE, version: VERSION, seconds, figures, failures }
}

const finish = (): void => {
  writeTable(PAGE, readResults(RESULTS))
}

const stopAtOnce = (): void => {
  print('Stopped; the rounds at work are not counted.')
  killRecorders()
  for (const folder of folders) removeFolder(folder)
  finish()
  process.exit(130)
}

process.on('SIGINT', stopAtOnce)
process.on('SIGTERM', stopAtOnce)

const end = performance.now() + minutes * 60_000
let hasFailed = false
let hasSoaked = false
while (performance.now() < end) {
  const open = rows.filter(({ part }) => part !== 'soak' || !hasSoaked)
  const rounds = nextRounds(readResults(RESULTS), open, firstSeed)
  hasSoaked ||= rounds.some(({ row }) => row.part === 'soak')
  if (rounds.length === 0) break
  for (const result of await Promise.all(rounds.map(runRound))) {
    appendResult(RESULTS, result)
    hasFailed ||= result.failures.length > 0
  }
}
finish()
process.exitCode = hasFailed ? 1 : 0
