/** A stream's state as its keeper has it: read through, nothing copied. */
import type { Seq } from '../log/entry.ts'
import type { BookView } from '../market/book-view.ts'
import type { InvalidReason } from '../market/event.ts'
import type { StreamId } from '../market/instrument.ts'
import type { OrderHandle } from '../market/order-ids.ts'
import { type Micros, microsOf } from '../market/time.ts'
import type { BookKeeper } from './keeper/book-keeper.ts'
import type { StreamState } from './stream-state.ts'

export class KeptState implements StreamState {
  readonly stream: StreamId
  readonly orderId: (order: OrderHandle) => string
  private readonly keeper: BookKeeper

  constructor(stream: StreamId, keeper: BookKeeper) {
    this.stream = stream
    this.keeper = keeper
    this.orderId = (order) => keeper.orderId(order)
  }

  get seq(): Seq {
    return this.keeper.seq
  }

  get receiveTime(): Micros {
    return this.keeper.receiveTime
  }

  get exchangeTime(): Micros | undefined {
    const { exchangeTime } = this.keeper
    return Number.isNaN(exchangeTime) ? undefined : microsOf(exchangeTime)
  }

  get venueSequence(): number | undefined {
    const { venueSequence } = this.keeper
    return Number.isNaN(venueSequence) ? undefined : venueSequence
  }

  get priceScale(): number {
    return this.keeper.book().instrumentScales.price
  }

  get sizeScale(): number {
    return this.keeper.book().instrumentScales.size
  }

  get book(): BookView {
    return this.keeper.book()
  }

  get isValid(): boolean {
    return this.keeper.isValid
  }

  get invalidReason(): InvalidReason | undefined {
    return this.keeper.invalidReason
  }

  get isVerified(): boolean {
    return this.keeper.isVerified
  }

  get isMidTransaction(): boolean {
    return this.keeper.isMidTransaction()
  }
}
