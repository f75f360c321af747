/** What rows of a book channel have in common, by order (R0) or by level (P0 to P4). */
import type * as t from 'io-ts'

import type { BookChecksum } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { DecoderSink } from '../venue.ts'
import type { BookRow } from './frames.ts'

/** Why a row cannot become part of the book. */
export type RowFailure = 'malformed' | 'not-representable' | 'contradiction'

export interface BookRows {
  readonly kind: 'orders' | 'levels'
  readonly row: t.Type<BookRow, BookRow, unknown>
  readonly rowList: t.Type<readonly BookRow[], readonly BookRow[], unknown>
  /** Judges a row's values and makes room for them in the scales. A snapshot deletes nothing. */
  admit(row: BookRow, isSnapshot: boolean): RowFailure | undefined
  /** Gives an admitted row's meaning to the sink. */
  apply(row: BookRow, sink: DecoderSink): void
  readonly checksum: BookChecksum
  orderId(order: OrderHandle): string
  save(writer: StateWriter): void
  restore(reader: StateReader): void
}
