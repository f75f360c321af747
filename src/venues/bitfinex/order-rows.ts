/**
 * Rows of a raw book: `[ID, PRICE, AMOUNT]`, absolute; price 0 deletes. Owns the order ids. Bitfinex tells no queue:
 * orders of one price stand by id, which is also the checksum's order.
 */
import type { BookView, OrderView } from '../../market/book-view.ts'
import { type OrderHandle, OrderIds } from '../../market/order-ids.ts'
import type { BookSide } from '../../market/side.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { DecoderSink } from '../venue.ts'
import type { BookRows, RowFailure } from './book-rows.ts'
import { CHECKSUM_DEPTH, checksumOf } from './checksum.ts'
import { type BookRow, OrderRowCodec, OrderRowsCodec } from './frames.ts'
import { approximately, isZero } from './literals.ts'
import { RowLiterals } from './row-literals.ts'
import { numberText, type Scales } from './scales.ts'

// The venue keeps at most 250 orders a side and deletes what falls out. Far more of them means that deletes are missing.
const MAX_ORDERS = 10_000

export class OrderRows implements BookRows {
  readonly kind = 'orders'
  readonly row = OrderRowCodec
  readonly rowList = OrderRowsCodec
  private readonly ids = new OrderIds()
  /** By handle; undefined: no order rests under it. */
  private sides: (BookSide | undefined)[] = []
  private readonly literals = new RowLiterals()
  private readonly scales: Scales

  constructor(scales: Scales) {
    this.scales = scales
  }

  admit(row: BookRow, isSnapshot: boolean): RowFailure | undefined {
    const id = approximately(row[0])
    if (!(id >= 0) || !(approximately(row[1]) >= 0)) return 'malformed'
    if (!Number.isSafeInteger(id)) return Number.isInteger(id) ? 'not-representable' : 'malformed'
    if (isZero(row[1])) return isSnapshot ? 'malformed' : undefined
    if (isZero(row[2])) return 'malformed'
    if (this.ids.size >= MAX_ORDERS) return 'contradiction'
    return this.scales.admit(row[1], row[2]) ? undefined : 'not-representable'
  }

  apply(row: BookRow, sink: DecoderSink): void {
    const rank = approximately(row[0])
    const id = String(rank)
    const found = this.ids.find(id)
    const resting = found < 0 ? undefined : this.sides[found]
    const side = approximately(row[2]) > 0 ? 'bid' : 'ask'
    if (isZero(row[1])) {
      // A delete of an unknown order changes nothing.
      if (resting !== undefined) this.remove(found, id, sink)
      return
    }
    const price = this.scales.price(row[1])
    const size = this.scales.size(row[2])
    if (resting === side) {
      sink.orderChanged(found, price, size, undefined, undefined)
    } else {
      if (resting !== undefined) this.remove(found, id, sink)
      sink.orderOpened(this.open(id, side), side, price, size, rank)
    }
    this.literals.note(id, row[0], row[2])
  }

  private open(id: string, side: BookSide): OrderHandle {
    const order = this.ids.add(id)
    this.sides[order] = side
    return order
  }

  private remove(order: OrderHandle, id: string, sink: DecoderSink): void {
    // A delete is no proof of a cancel: the order may only have left the window.
    sink.orderRemoved(order, 'unknown')
    this.sides[order] = undefined
    this.literals.forget(id)
    // A book that refused what came before still holds the order.
    if (!sink.hasRefused) this.ids.release(order)
  }

  readonly checksum = (book: BookView): number =>
    checksumOf(
      book.orders('bid', CHECKSUM_DEPTH).map((order) => this.entryOf(order, book.sizeScale)),
      book.orders('ask', CHECKSUM_DEPTH).map((order) => this.entryOf(order, book.sizeScale)),
    )

  private entryOf(order: OrderView, sizeScale: number): string {
    const id = this.ids.text(order.order)
    const sign = order.side === 'ask' ? '-' : ''
    return this.literals.find(id) ?? `${id}:${sign}${numberText(order.size, sizeScale)}`
  }

  orderId(order: OrderHandle): string {
    return this.ids.text(order)
  }

  save(writer: StateWriter): void {
    this.ids.save(writer)
    writer.uint(this.sides.length)
    for (const side of this.sides) writer.uint(side === undefined ? 0 : side === 'bid' ? 1 : 2)
    this.literals.save(writer)
  }

  restore(reader: StateReader): void {
    this.ids.restore(reader)
    this.sides = Array.from({ length: reader.uint() }, () => SIDES[reader.uint()])
    this.literals.restore(reader)
  }
}

const SIDES = [undefined, 'bid', 'ask'] as const
