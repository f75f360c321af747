/** Which table a kind is in a format: ours, or what another tool's format has in its place. */
import { ExportProblem } from '../export-problem.ts'
import type { Format } from '../formats/new-encoder.ts'
import { framesTable } from '../tables/frames-table.ts'
import type { EntryTable, Table } from '../tables/table.ts'
import { TABLES } from '../tables/tables.ts'
import { backtestEventsTable } from './backtest-events-table.ts'
import { backtestLevelsTable } from './backtest-levels-table.ts'
import { lobsterBooksTable, lobsterMessagesTable } from './lobster-tables.ts'
import { tardisBooksTable } from './tardis-books-table.ts'
import { tardisLevelsTable } from './tardis-levels-table.ts'
import { tardisTradesTable } from './tardis-trades-table.ts'

const TARDIS: ReadonlyMap<string, Table> = new Map([
  ['levels', tardisLevelsTable],
  ['trades', tardisTradesTable],
  ['books', tardisBooksTable],
])

const LOBSTER: ReadonlyMap<string, Table> = new Map([
  ['events', lobsterMessagesTable],
  ['books', lobsterBooksTable],
])

const FOREIGN: ReadonlyMap<Format, ReadonlyMap<string, Table>> = new Map([
  ['npz', new Map([['events', backtestEventsTable], ['levels', backtestLevelsTable]])],
  ['tardis', TARDIS],
  ['tardis.gz', TARDIS],
  ['lobster', LOBSTER],
  ['lobster.gz', LOBSTER],
]) // prettier-ignore

/** Whether a format has columns of its own. */
export const isForeign = (format: Format): boolean => FOREIGN.has(format)

/** Throws ExportProblem for a kind that is none, or that the format does not have. */
export const tableFor = (kind: string, format: Format): Table | EntryTable => {
  const own = kind === 'frames' ? framesTable : TABLES.get(kind)
  if (own === undefined) throw new ExportProblem(`There is no table "${kind}".`)
  const foreign = FOREIGN.get(format)
  if (foreign === undefined) return own
  const table = foreign.get(kind)
  if (table === undefined)
    throw new ExportProblem(
      `${format.replace('.gz', '')} has no place for ${kind}: it takes ${[...foreign.keys()].join(', ')}.`,
    )
  return table
}
