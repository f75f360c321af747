/** The options of `bookreel export`, and what they come to. */
import type { Argv } from 'yargs'

import type { ExportRequest, ExportTarget } from '../app/export/export-request.ts'
import { checkRequest } from '../app/export/export-tables.ts'
import { type Condition, parseWhere } from '../export/columns/where.ts'
import { ExportProblem } from '../export/export-problem.ts'
import { type Format, formatOfPath, FORMATS } from '../export/formats/new-encoder.ts'
import type { CountRule } from '../export/tables/table.ts'
import { TABLES } from '../export/tables/tables.ts'
import { scaleDecimal } from '../market/decimal.ts'
import { countOf, durationOf, rangeOf } from './options.ts'
import { usageProblem } from './problem.ts'

export interface ExportArguments {
  store: string
  json: boolean
  kind: string | undefined
  streams: string[] | undefined
  out: string | undefined
  format: string | undefined
  from: string | undefined
  to: string | undefined
  columns: string | undefined
  where: string | undefined
  every: string | undefined
  levels: number
  layout: string
  floats: boolean
  'price-scale': number | undefined
  'size-scale': number | undefined
  overwrite: boolean
}

/** All kinds, `frames` first. */
export const EXPORT_KINDS: readonly string[] = ['frames', ...TABLES.keys()]

const GENERAL = ['csv', 'jsonl', 'parquet', 'arrow', 'arrow-stream', 'csv.gz', 'jsonl.gz', 'npz', 'tardis', 'lobster'] as const // prettier-ignore

export const withExportOptions = <T>(command: Argv<T>) =>
  command
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe: 'A file (.parquet .arrow .arrows .csv .csv.gz .jsonl .jsonl.gz .npz), or a folder for a file each stream and day; stdout if left out or -',
    })
    .option('format', {
      type: 'string',
      requiresArg: true,
      describe: `${GENERAL.join(', ')}; left out: by the name of the file, parquet for a folder, csv on stdout`,
    })
    .option('columns', { type: 'string', requiresArg: true, describe: 'Only these columns, as in seq,price,size' })
    .option('where', { type: 'string', requiresArg: true, describe: 'Only rows such as "price > 100 and side = bid"' })
    .option('every', { type: 'string', requiresArg: true, describe: 'Interval of books (1s), bars and flow (1m); books take change too, bars "100 trades" and "2.5 volume"' })
    .option('levels', { type: 'number', default: 10, requiresArg: true, describe: 'Levels a side in books' })
    .option('layout', { type: 'string', default: 'wide', requiresArg: true, describe: 'Books: wide (a row a book) or long (a row a level)' })
    .option('floats', { type: 'boolean', default: false, describe: 'Prices and sizes as doubles, not as exact decimals' })
    .option('price-scale', { type: 'number', requiresArg: true, describe: 'Digits behind the point of prices; 8 if left out, 4 in lobster' })
    .option('size-scale', { type: 'number', requiresArg: true, describe: 'Digits behind the point of sizes; 8 if left out' })
    .option('overwrite', { type: 'boolean', default: false, describe: 'Replace files that exist' }) // prettier-ignore

/** Wrong usage as the command line tells it. */
const usage = <Result>(read: () => Result): Result => {
  try {
    return read()
  } catch (error) {
    throw error instanceof ExportProblem ? usageProblem(error.message) : error
  }
}

const targetOf = (out: string | undefined): ExportTarget => {
  if (out === undefined || out === '-') return { kind: 'stdout' }
  return formatOfPath(out) === undefined && !out.startsWith('/dev/')
    ? { kind: 'folder', path: out }
    : { kind: 'file', path: out }
}

const isFormat = (text: string): text is Format => (FORMATS as readonly string[]).includes(text)

const formatOf = (text: string | undefined, target: ExportTarget): Format => {
  const byName = target.kind === 'file' ? formatOfPath(target.path) : undefined
  if (text === undefined) return byName ?? (target.kind === 'stdout' ? 'csv' : 'parquet')
  if (!isFormat(text))
    throw usageProblem(`Unknown format "${text}": this version writes ${GENERAL.join(', ')}.`)
  // CSV of other tools has the names of CSV.
  if (text === 'tardis' || text === 'lobster') {
    if (byName === undefined) return text
    if (byName === 'csv') return text
    if (byName === 'csv.gz') return `${text}.gz`
  }
  if (byName !== undefined && byName !== text)
    throw usageProblem(`--format ${text} does not go with a file of that name: "${target.kind === 'file' ? target.path : ''}" is ${byName}.`) // prettier-ignore
  // What can be read again from its end is no stream.
  return text === 'arrow' && target.kind === 'stdout' ? 'arrow-stream' : text
}

const scaleOf = (option: string, value: number): number => {
  if (Number.isSafeInteger(value) && value >= 0 && value <= 15) return value
  throw usageProblem(`--${option} must be a whole number from 0 to 15.`)
}

const conditionsOf = (text: string | undefined): readonly Condition[] | undefined =>
  text === undefined ? undefined : usage(() => parseWhere(text))

const columnsOf = (text: string | undefined): readonly string[] | undefined => {
  if (text === undefined) return undefined
  const names = text.split(',').map((name) => name.trim())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw usageProblem(`--columns names "${twice}" twice.`)
  return names
}

const AMOUNT = /^(\d+(?:\.\d+)?) ?(trades|volume)$/
const VOLUME_SCALE = 8

/** Bars by an amount, as in `100 trades`; undefined: by time. */
const barRuleOf = (every: string | undefined, kind: string): CountRule | undefined => {
  const [, amount, by] = AMOUNT.exec(every ?? '') ?? []
  if (amount === undefined) return undefined
  if (kind !== 'bars') throw usageProblem(`--every "${every ?? ''}" is for bars: give a duration, such as 1m.`)
  const value = scaleDecimal(amount, by === 'trades' ? 0 : VOLUME_SCALE)
  if (value === undefined || value === 0)
    throw usageProblem(`--every "${every ?? ''}": give a whole number of trades or a volume above 0, with at most ${String(VOLUME_SCALE)} digits behind the point.`)
  return by === 'trades' ? { by, trades: value } : { by: 'volume', volume: value, sizeScale: VOLUME_SCALE }
} // prettier-ignore

/** What the words come to; streams are yet to be found. */
export const exportRequestOf = (
  args: ExportArguments,
  kind: string,
): Omit<ExportRequest, 'streams' | 'onEntries'> => {
  const { layout } = args
  if (layout !== 'wide' && layout !== 'long')
    throw usageProblem(`--layout "${layout}" is none: give wide or long.`)
  const onChange = args.every === 'change'
  if (onChange && kind !== 'books')
    throw usageProblem('--every change is for books: give a duration, such as 1m.')
  const barRule = barRuleOf(args.every, kind)
  const target = targetOf(args.out)
  const format = formatOf(args.format, target)
  return {
    kind,
    format,
    target,
    range: rangeOf(args.from, args.to),
    scales: {
      price: scaleOf('price-scale', args['price-scale'] ?? (format.startsWith('lobster') ? 4 : 8)),
      size: scaleOf('size-scale', args['size-scale'] ?? 8),
      asFloats: args.floats,
    },
    every: args.every === undefined || onChange || barRule ? undefined : durationOf('every', args.every),
    onChange,
    barRule,
    levels: countOf('levels', args.levels),
    layout,
    columns: columnsOf(args.columns),
    where: conditionsOf(args.where),
    overwrite: args.overwrite,
  }
}

/** Tells what is wrong in the request as a wrong usage. */
export const checkExport = (request: ExportRequest): void => {
  usage(() => {
    checkRequest(request)
  })
}
