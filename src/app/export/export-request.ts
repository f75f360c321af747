/** What an export is asked for, and what it comes to. */
import type { ColumnScales } from '../../export/columns/definition.ts'
import type { Condition } from '../../export/columns/where.ts'
import type { Format } from '../../export/formats/new-encoder.ts'
import type { CountRule } from '../../export/tables/table.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { ReplayRange } from '../../replay/position.ts'

/** Where it goes: one file, a folder of a file for each stream and day (UTC), or stdout. */
export type ExportTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'stdout' }

export interface ExportRequest {
  /** `events`, `levels`, `trades`, `books`, `bars`, `flow` or `quality`. */
  readonly kind: string
  readonly format: Format
  readonly target: ExportTarget
  /** Entries of one instant come in this order. */
  readonly streams: readonly StreamId[]
  readonly range: ReplayRange
  readonly scales: ColumnScales
  /** Microseconds; left out: as is usual for the kind, or at every change where `onChange`. */
  readonly every?: number | undefined
  readonly onChange: boolean
  /** Bars that end by volume or by number of trades; left out: by time. They begin anew with each file. */
  readonly barRule?: CountRule | undefined
  readonly levels: number
  readonly layout: 'wide' | 'long'
  /** Names of columns; left out: all. */
  readonly columns?: readonly string[] | undefined
  readonly where?: readonly Condition[] | undefined
  /** Files that are there already are replaced. */
  readonly overwrite: boolean
  /** Told now and then how many further entries were passed. */
  readonly onEntries?: ((entries: number) => void) | undefined
}

export interface ExportSummary {
  readonly files: number
  /** Of those, how many an earlier run had finished. */
  readonly skipped: number
  readonly rows: number
  readonly bytes: number
}
