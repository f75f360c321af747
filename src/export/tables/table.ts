/** What a kind of export is made of: its columns, and a visitor of the replay that fills them in. */
import type { ReplayVisitor } from '../../replay/stream-state.ts'
import type { TableDefinition } from '../columns/definition.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'

export interface TableOptions {
  /** In the order of the request. */
  readonly streams: readonly string[]
  /** Microseconds; undefined: at every change. */
  readonly every?: number | undefined
  /** Levels of each side in a row of a book. */
  readonly levels: number
  /** Rows of books: one an instant, or one for each level. */
  readonly layout: 'wide' | 'long'
}

export interface Table {
  readonly define: (options: TableOptions) => TableDefinition
  /** Serves one replay; the rows may be those of several, one after the other. */
  readonly visitor: (rows: RowBuffer, options: TableOptions) => ReplayVisitor
  /** Rows tell of whole intervals: microseconds, where the table has some unless told otherwise. */
  readonly usualEvery?: number
}
