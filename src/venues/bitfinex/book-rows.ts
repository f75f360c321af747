/** What rows of a book channel have in common, by order (R0) or by level (P0 to P4). */
import type { BookChecksum } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { DecoderSink } from '../venue.ts'
import type { RowCells } from './exact-cell.ts'
import type { RowShape } from './frames.ts'

/** Why a row cannot become part of the book. */
export type RowFailure = 'malformed' | 'not-representable' | 'contradiction'

export interface BookRows {
  readonly kind: 'orders' | 'levels'
  readonly shape: RowShape
  /** Judges a row's values and makes room for them in the scales. A snapshot deletes nothing. */
  admit(row: RowCells, isSnapshot: boolean): RowFailure | undefined
  /** Gives an admitted row's meaning to the sink. */
  apply(row: RowCells, sink: DecoderSink): void
  readonly checksum: BookChecksum
  orderId(order: OrderHandle): string
  save(writer: StateWriter): void
  restore(reader: StateReader): void
}
