/** Rows of an aggregated book: `[PRICE, COUNT, AMOUNT]`, absolute; count 0 deletes, the amount's sign tells the side. */
import type { BookView } from '../../market/book-view.ts'
import type { MarketSink } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import { sizeOf } from '../../market/price.ts'
import type { BookSide } from '../../market/side.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { BookRows, RowFailure } from './book-rows.ts'
import { CHECKSUM_DEPTH, checksumOf } from './checksum.ts'
import type { RowCells } from './exact-cell.ts'
import { LEVEL_ROWS } from './frames.ts'
import { RowLiterals } from './row-literals.ts'
import { numberText, type Scales } from './scales.ts'

const NOTHING = sizeOf(0)

export class LevelRows implements BookRows {
  readonly kind = 'levels'
  readonly shape = LEVEL_ROWS
  /** By side and price; the price as JavaScript writes it, so that `1.10` and `1.1` are one level. */
  private readonly literals = new RowLiterals()
  private readonly scales: Scales

  constructor(scales: Scales) {
    this.scales = scales
  }

  admit({ first: price, second, third: amount }: RowCells, isSnapshot: boolean): RowFailure | undefined {
    const count = second.number
    if (!Number.isSafeInteger(count) || count < 0 || (count === 0 && isSnapshot)) return 'malformed'
    if (price.isNegative || price.isZero || amount.isZero) return 'malformed'
    // The amount of a delete is a sign only.
    return this.scales.admit(price, count === 0 ? undefined : amount) ? undefined : 'not-representable'
  }

  apply({ first: price, second, third: amount }: RowCells, sink: MarketSink): void {
    const count = second.number
    const side: BookSide = amount.isPositive ? 'bid' : 'ask'
    // A delete of an unknown level changes nothing.
    sink.levelSet(side, this.scales.price(price), count === 0 ? NOTHING : this.scales.size(amount), count)
    if (this.literals.passes(price, amount)) return
    const key = `${side}${String(price.number)}`
    if (count === 0) this.literals.forget(key)
    else this.literals.note(key, price, amount)
  }

  readonly checksum = (book: BookView): number =>
    checksumOf(this.entriesOf(book, 'bid'), this.entriesOf(book, 'ask'))

  private entriesOf(book: BookView, side: BookSide): readonly string[] {
    const sign = side === 'ask' ? '-' : ''
    return book.top(side, CHECKSUM_DEPTH).map((level) => {
      const price = numberText(level.price, book.priceScale)
      return this.literals.find(side + price) ?? `${price}:${sign}${numberText(level.size, book.sizeScale)}`
    })
  }

  orderId(order: OrderHandle): string {
    throw new Error(`a book by levels has no order ${String(order)}`)
  }

  save(writer: StateWriter): void {
    this.literals.save(writer)
  }

  restore(reader: StateReader): void {
    this.literals.restore(reader)
  }
}
