/** Options that several commands share, and how their texts are read. */
import type { Argv } from 'yargs'

import { parsePosition, type Position, type ReplayRange } from '../replay/position.ts'
import { usageProblem } from './problem.ts'

const USUAL_STORE = 'file:./bookreel-data'
const STORE_VARIABLE = 'BOOKREEL_STORE'
/** What is told of the default: an address may hold a password. */
export const DEFAULT_STORE_TEXT = `$${STORE_VARIABLE}, else ${USUAL_STORE}`

/** The store where none is named. An address in the environment keeps its password out of the process list. */
export const defaultStore = (): string => {
  const named = process.env[STORE_VARIABLE]
  return named === undefined || named === '' ? USUAL_STORE : named
}

/** `--store` and `--json`. */
export const withStore = <T>(command: Argv<T>): Argv<T & { store: string; json: boolean }> =>
  command
    .option('store', {
      type: 'string',
      default: defaultStore(),
      defaultDescription: DEFAULT_STORE_TEXT,
      requiresArg: true,
      describe: 'Where recordings are kept: file:DIR or mongodb://HOST/DATABASE',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print results as JSON, for machines' })

/** `--spool`, for what writes into a store that may be recorded into. */
export const withSpool = <T>(command: Argv<T>): Argv<T & { spool: string | undefined }> =>
  command.option('spool', {
    type: 'string',
    requiresArg: true,
    describe: 'The folder that record --spool names, if it does; of a store on a server only',
  })

/** `--from` and `--to`. */
export const withRange = <T>(
  command: Argv<T>,
): Argv<T & { from: string | undefined; to: string | undefined }> =>
  command
    .option('from', {
      type: 'string',
      requiresArg: true,
      describe: 'First instant (ISO-8601 or microseconds) or entry (seq:N), included',
    })
    .option('to', { type: 'string', requiresArg: true, describe: 'Last instant or entry, included' })

/** Reads an instant or entry given to an option; a Problem names the option. */
export const positionOf = (option: string, text: string): Position => {
  const position = parsePosition(text)
  if (position !== undefined) return position
  throw usageProblem(
    `--${option} "${text}" is no instant: give ISO-8601 (2026-01-31T12:00:00Z), integer microseconds, or seq:N.`,
  )
}

const isBehind = (from: Position, to: Position): boolean =>
  (from.kind === 'time' && to.kind === 'time' && from.time > to.time) ||
  (from.kind === 'seq' && to.kind === 'seq' && from.seq > to.seq)

/** Reads `--from` and `--to`; a Problem where one is no place, or the first is behind the last. */
export const rangeOf = (first: string | undefined, last: string | undefined): ReplayRange => {
  const from = first === undefined ? undefined : positionOf('from', first)
  const to = last === undefined ? undefined : positionOf('to', last)
  if (from !== undefined && to !== undefined && isBehind(from, to))
    throw usageProblem(`--from ${String(first)} is behind --to ${String(last)}: nothing lies between.`)
  return { from, to }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86400e6 }

/** Reads `250ms`, `10s`, `5m`, `2h`, `1d` to microseconds; a Problem names the option. */
export const durationOf = (option: string, text: string): number => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  const micros = Math.round(Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? NaN))
  if (Number.isSafeInteger(micros) && micros > 0) return micros
  throw usageProblem(
    `--${option} "${text}" is no duration: give a number with ms, s, m, h or d, such as 10s.`,
  )
}

const SIZES: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 }

/** Reads `500MB`, `20GB`, `1TB` to bytes; a Problem names the option. */
export const sizeOf = (option: string, text: string): number => {
  const match = /^(\d+(?:\.\d+)?)(MB|GB|TB)$/.exec(text)
  const bytes = Math.round(Number(match?.[1]) * (SIZES[match?.[2] ?? ''] ?? NaN))
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw usageProblem(`--${option} "${text}" is no size: give a number with MB, GB or TB, such as 20GB.`)
}

/** A whole number of at least one; a Problem names the option. yargs gives NaN for other texts. */
export const countOf = (option: string, value: number): number => {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw usageProblem(`--${option} must be a whole number of at least 1.`)
}

/** A TCP port, 0 for any free one; a Problem names the option. */
export const portOf = (option: string, text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return port
  throw usageProblem(`--${option} "${text}" is no port: give a whole number up to 65535, 0 for any free one.`)
}
