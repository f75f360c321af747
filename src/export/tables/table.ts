/** What a kind of export is made of: its columns, and a visitor of the replay that fills them in. */
import type { EventStore } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { BarRule } from '../../replay/derived/bars.ts'
import type { ReplayRange } from '../../replay/position.ts'
import type { ReplayVisitor } from '../../replay/stream-state.ts'
import type { TableDefinition } from '../columns/definition.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'

/** Bars by volume or by number of trades. */
export type CountRule = Exclude<BarRule, { readonly by: 'time' }>

export interface TableOptions {
  /** In the order of the request. */
  readonly streams: readonly string[]
  /** Microseconds; undefined: at every change. */
  readonly every?: number | undefined
  /** Of bars that do not end by time. */
  readonly barRule?: CountRule | undefined
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

/** A table of the entries themselves, for which nothing is replayed. */
export interface EntryTable {
  readonly define: Table['define']
  /** Streams one after the other; `onEntries` is told now and then how many further entries were passed, and waited for. */
  readonly fill: (
    store: EventStore,
    part: { readonly streams: readonly StreamId[]; readonly range: ReplayRange },
    rows: RowBuffer,
    onEntries: (entries: number) => Promise<void>,
  ) => Promise<void>
}
