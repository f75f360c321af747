/**
 * Rows of a raw book: `[ID, PRICE, AMOUNT]`, absolute; price 0 deletes. Owns the order ids. Bitfinex tells no queue:
 * orders of one price stand by id, which is also the checksum's order.
 */
import type { BookView } from '../../market/book-view.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { BookSide } from '../../market/side.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { DecoderSink } from '../venue.ts'
import type { BookRows, RowFailure } from './book-rows.ts'
import { CHECKSUM_DEPTH, type ChecksumEntry, checksumOf } from './checksum.ts'
import type { RowCells } from './exact-cell.ts'
import { ORDER_ROWS } from './frames.ts'
import { OrderNumbers } from './order-numbers.ts'
import { RowLiterals } from './row-literals.ts'
import { numberText, type Scales } from './scales.ts'

// The venue keeps at most 250 orders a side and deletes what falls out. Far more of them means that deletes are missing.
const MAX_ORDERS = 10_000

export class OrderRows implements BookRows {
  readonly kind = 'orders'
  readonly shape = ORDER_ROWS
  private readonly ids = new OrderNumbers()
  /** By handle; undefined: no order rests under it. */
  private sides: (BookSide | undefined)[] = []
  private readonly literals = new RowLiterals()
  /** By handle: what the checksum says of the order, since it was asked for last; undefined: not made yet. */
  private entries: (ChecksumEntry | undefined)[] = []
  private readonly scales: Scales

  constructor(scales: Scales) {
    this.scales = scales
  }

  admit({ first, second: price, third: amount }: RowCells, isSnapshot: boolean): RowFailure | undefined {
    const id = first.number
    if (id < 0 || price.isNegative) return 'malformed'
    if (!Number.isSafeInteger(id)) return Number.isInteger(id) ? 'not-representable' : 'malformed'
    if (price.isZero) return isSnapshot ? 'malformed' : undefined
    if (amount.isZero) return 'malformed'
    if (this.ids.size >= MAX_ORDERS) return 'contradiction'
    return this.scales.admit(price, amount) ? undefined : 'not-representable'
  }

  apply({ first, second: price, third: amount }: RowCells, sink: DecoderSink): void {
    const id = first.number
    const found = this.ids.find(id)
    const resting = found < 0 ? undefined : this.sides[found]
    const side = amount.isPositive ? 'bid' : 'ask'
    if (price.isZero) {
      // A delete of an unknown order changes nothing.
      if (resting !== undefined) this.remove(found, id, sink)
      return
    }
    const unitPrice = this.scales.price(price)
    const size = this.scales.size(amount)
    if (resting === side) {
      this.entries[found] = undefined
      sink.orderChanged(found, unitPrice, size, undefined, undefined)
    } else {
      if (resting !== undefined) this.remove(found, id, sink)
      sink.orderOpened(this.open(id, side), side, unitPrice, size, id)
    }
    if (!this.literals.passes(first, amount)) this.literals.note(String(id), first, amount)
  }

  private open(id: number, side: BookSide): OrderHandle {
    const order = this.ids.add(id)
    this.sides[order] = side
    this.entries[order] = undefined
    return order
  }

  private remove(order: OrderHandle, id: number, sink: DecoderSink): void {
    // A delete is no proof of a cancel: the order may only have left the window.
    sink.orderRemoved(order, 'unknown')
    this.sides[order] = undefined
    if (!this.literals.isEmpty) this.literals.forget(String(id))
    // A book that refused what came before still holds the order.
    if (!sink.hasRefused) this.ids.release(order)
  }

  readonly checksum = (book: BookView): number =>
    checksumOf(this.entriesOf(book, 'bid'), this.entriesOf(book, 'ask'))

  private entriesOf(book: BookView, side: BookSide): readonly ChecksumEntry[] {
    const { sizeScale } = book
    const entries: ChecksumEntry[] = []
    book.forEachOrder(side, (order, _, size) => {
      entries.push(this.entryOf(order, side, size, sizeScale))
      return entries.length < CHECKSUM_DEPTH
    })
    return entries
  }

  private entryOf(order: OrderHandle, side: BookSide, size: number, sizeScale: number): ChecksumEntry {
    const known = this.entries[order]
    if (known !== undefined && this.literals.isEmpty) return known
    const id = this.orderId(order)
    const entry = `${id}:${side === 'ask' ? '-' : ''}${numberText(size, sizeScale)}`
    this.entries[order] = entry
    return this.literals.find(id) ?? entry
  }

  orderId(order: OrderHandle): string {
    return String(this.ids.id(order))
  }

  save(writer: StateWriter): void {
    this.ids.save(writer)
    writer.uint(this.sides.length)
    for (const side of this.sides) writer.uint(side === undefined ? 0 : side === 'bid' ? 1 : 2)
    this.literals.save(writer)
  }

  restore(reader: StateReader): void {
    this.ids.restore(reader)
    this.entries = []
    this.sides = Array.from({ length: reader.uint() }, () => SIDES[reader.uint()])
    this.literals.restore(reader)
  }
}

const SIDES = [undefined, 'bid', 'ask'] as const
