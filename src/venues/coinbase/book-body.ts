/** The body of a REST answer to a request for a whole book: scanned where it is written as usual, else parsed. */
import { decodeJson } from '../../log/payloads.ts'
import type { MarketSink } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { BookSide } from '../../market/side.ts'
import { scanBook } from './book-scan.ts'
import type { Failure } from './failure.ts'
import { BookBody } from './frames.ts'
import type { Scales } from './instruments.ts'
import type { OrderTable } from './order-table.ts'
import { type BookRows, readRows } from './rows.ts'

/** A book by orders, its rows not yet judged. */
export interface OrderBook {
  /** All but the rows. */
  readonly body: Pick<BookBody, 'sequence' | 'auction_mode' | 'time'>
  /** Both sides, scaled; nothing but `instrument` is told to the sink. */
  readonly readRows: (scales: Scales, sink: MarketSink) => BookRows | Failure
  /** The handle of the order of a row that was read; a new one when its id is not held yet. */
  readonly addOrder: (side: BookSide, row: number, ids: OrderTable) => OrderHandle
}

class ParsedBook implements OrderBook {
  readonly body: BookBody

  constructor(body: BookBody) {
    this.body = body
  }

  readRows(scales: Scales, sink: MarketSink): BookRows | Failure {
    return readRows(this.body.bids, this.body.asks, true, scales, sink)
  }

  addOrder(side: BookSide, row: number, ids: OrderTable): OrderHandle {
    const rows = (side === 'bid' ? this.body.bids : this.body.asks) as readonly (readonly string[])[]
    return ids.add(rows[row]?.[2] ?? '')
  }
}

/** Undefined when the bytes are no book by orders. */
export const parseBookBody = (bytes: Uint8Array): OrderBook | undefined => {
  const body = decodeJson(bytes)
  return BookBody.is(body) ? new ParsedBook(body) : undefined
}

/** As `parseBookBody`, in less time and memory where the body is written as usual. */
export const readBookBody = (bytes: Uint8Array): OrderBook | undefined =>
  scanBook(bytes) ?? parseBookBody(bytes)
