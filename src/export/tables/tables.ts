/** The kinds of tables that can be exported. */
import { barsTable } from './bars-table.ts'
import { booksTable } from './books-table.ts'
import { eventsTable } from './events-table.ts'
import { flowTable } from './flow-table.ts'
import { levelsTable } from './levels-table.ts'
import { qualityTable } from './quality-table.ts'
import type { Table } from './table.ts'
import { tradesTable } from './trades-table.ts'

export const TABLES: ReadonlyMap<string, Table> = new Map([
  ['events', eventsTable],
  ['levels', levelsTable],
  ['trades', tradesTable],
  ['books', booksTable],
  ['bars', barsTable],
  ['flow', flowTable],
  ['quality', qualityTable],
])
