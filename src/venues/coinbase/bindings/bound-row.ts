/** A sequenced message as it stands in a row: read by position, no text and no object for any of its fields. */
import type { FrameRow, FrameScope } from '../../../log/frame-row.ts'
import { MAX_SCALE, scaledText } from '../../../market/decimal.ts'
import { NO_ORDER } from '../../../market/order-ids.ts'
import type { Price, Size } from '../../../market/price.ts'
import type { DecoderSink } from '../../venue.ts'
import type { Failure } from '../failure.ts'
import type { Scales } from '../instruments.ts'
import { type OrderEvents, unknownMaker } from '../order-events.ts'
import type { TransactionClock } from '../transactions.ts'
import { exchangeTimeAt } from '../venue-time.ts'
import type { OrderBinding } from './order-binding.ts'

/** One object for all frames; what it shows is that of the last `read`. */
export class BoundRow {
  private binding: OrderBinding
  private row: FrameRow
  private values: Float64Array
  private digits: Uint8Array
  private start = 0
  sequence = 0

  constructor(binding: OrderBinding, row: FrameRow) {
    this.binding = binding
    this.row = row
    this.values = row.values
    this.digits = row.scales
  }

  get type(): OrderBinding['type'] {
    return this.binding.type
  }

  /** Turns to another row. False when one of its scalars is nothing that the binding speaks of. */
  read(binding: OrderBinding, row: FrameRow): boolean {
    this.binding = binding
    this.row = row
    this.values = row.values
    this.digits = row.scales
    this.start = row.start
    if (!this.isWhole(binding.sequence)) return false
    this.sequence = this.value(binding.sequence)
    return !binding.hasAmounts || this.areAmounts(binding)
  }

  private areAmounts({ price, size, tradeId, oldPrice, oldSize }: OrderBinding): boolean {
    return (
      this.isAmount(price) &&
      this.isAmount(size) &&
      this.isWhole(tradeId) &&
      this.isAmount(oldPrice) &&
      this.isAmount(oldSize)
    )
  }

  private value(slot: number): number {
    return this.values[this.start + slot] ?? 0
  }

  private scale(slot: number): number {
    return this.digits[this.start + slot] ?? 0
  }

  private isWhole(slot: number): boolean {
    return slot < 0 || (this.value(slot) >= 0 && this.scale(slot) === 0)
  }

  private isAmount(slot: number): boolean {
    return slot < 0 || (this.value(slot) >= 0 && this.scale(slot) <= MAX_SCALE)
  }

  private text(slot: number): string | undefined {
    return slot < 0 ? undefined : scaledText(this.value(slot), this.scale(slot))
  }

  private readAmounts(scales: Scales, sink: DecoderSink): Failure | undefined {
    const { price, size } = this.binding
    return scales.readScaled(this.value(price), this.scale(price), this.value(size), this.scale(size), sink)
  }

  /** Applies the message to the book, its time and stamp first. */
  apply(events: OrderEvents, transactions: TransactionClock, sink: DecoderSink): Failure | undefined {
    const { binding } = this
    const micros = this.value(binding.time)
    transactions.enterAt(micros, this.scale(binding.time), sink)
    sink.stamp(exchangeTimeAt(micros), this.sequence)
    const { scope } = this.row
    switch (binding.type) {
      case 'received':
        transactions.takerEnteredAt(scope, this.value(binding.order))
        return undefined
      case 'open':
        return this.open(scope, events, transactions, sink)
      case 'done':
        transactions.takerLeftAt(scope, this.value(binding.order))
        events.done(this.find(events, binding.order), binding.cause, sink)
        return undefined
      case 'match':
        return this.match(scope, events, transactions, sink)
      case 'change':
        return this.change(events, sink)
      case 'noop':
        return undefined
    }
  }

  private find(events: OrderEvents, slot: number): number {
    return events.ids.findAt(this.row.scope, this.value(slot))
  }

  private open(
    scope: FrameScope,
    events: OrderEvents,
    transactions: TransactionClock,
    sink: DecoderSink,
  ): Failure | undefined {
    const { order, side } = this.binding
    const reference = this.value(order)
    transactions.takerLeftAt(scope, reference)
    const failure = this.readAmounts(events.scales, sink)
    if (failure !== undefined) return failure
    events.open(events.ids.addAt(scope, reference), side ?? 'buy', sink)
    return undefined
  }

  private match(
    scope: FrameScope,
    events: OrderEvents,
    transactions: TransactionClock,
    sink: DecoderSink,
  ): Failure | undefined {
    const { binding } = this
    transactions.takerEnteredAt(scope, this.value(binding.taker))
    const failure = this.readAmounts(events.scales, sink)
    if (failure !== undefined) return failure
    const tradeId = binding.tradeId < 0 ? undefined : this.value(binding.tradeId)
    const isKnown = events.match(tradeId, this.find(events, binding.maker), binding.side, sink)
    return isKnown ? undefined : unknownMaker(scope.idText(this.value(binding.maker)))
  }

  private change(events: OrderEvents, sink: DecoderSink): Failure | undefined {
    const { scales } = events
    const { price: priceSlot, size: sizeSlot, oldPrice: oldPriceSlot, oldSize: oldSizeSlot } = this.binding
    const order = this.find(events, this.binding.order)
    if (order === NO_ORDER) return undefined
    const price = this.priceAt(priceSlot, scales)
    const size = this.sizeAt(sizeSlot, scales)
    const oldPrice = this.priceAt(oldPriceSlot, scales)
    const oldSize = this.sizeAt(oldSizeSlot, scales)
    const doFit =
      (priceSlot < 0 || price !== undefined) &&
      (oldPriceSlot < 0 || oldPrice !== undefined) &&
      (oldSizeSlot < 0 || oldSize !== undefined)
    if (size !== undefined && doFit) return events.changeTo(order, price, size, oldPrice, oldSize, sink)
    return events.change(
      order,
      { old: this.text(oldPriceSlot), next: this.text(priceSlot) },
      { old: this.text(oldSizeSlot), next: this.text(sizeSlot) },
      sink,
    )
  }

  private priceAt(slot: number, scales: Scales): Price | undefined {
    return slot < 0 ? undefined : scales.priceOfScaled(this.value(slot), this.scale(slot))
  }

  private sizeAt(slot: number, scales: Scales): Size | undefined {
    return slot < 0 ? undefined : scales.sizeOfScaled(this.value(slot), this.scale(slot))
  }
}
