/** Numbers for orders, where a format has no texts: the venue's id where it is a whole number, else counted as they come. */
import { resizedDoubles } from '../../book/resized-columns.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { StreamState } from '../../replay/stream-state.ts'

const FIRST_CAPACITY = 1024
const WHOLE = /^[1-9]\d{0,15}$/

export class OrderNumbers {
  private readonly state: StreamState
  /** By handle. */
  private numbers = new Float64Array(FIRST_CAPACITY)
  private counted = 0

  constructor(state: StreamState) {
    this.state = state
  }

  /** An order begins to rest under this handle. */
  remember(order: OrderHandle): void {
    const { length } = this.numbers
    if (order >= length) this.numbers = resizedDoubles(this.numbers, 2 * (order + 1), length)
    const text = this.state.orderId(order)
    const number = WHOLE.test(text) ? Number(text) : NaN
    this.numbers[order] = Number.isSafeInteger(number) ? number : ++this.counted
  }

  of(order: OrderHandle): number {
    return this.numbers[order] ?? 0
  }
}
