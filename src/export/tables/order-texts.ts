/** The ids of resting orders in a column of texts: each is rendered once in its life, and held once a batch. */
import { resizedIntegers } from '../../book/resized-columns.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { StreamState } from '../../replay/stream-state.ts'
import type { TextColumn } from '../columns/columns.ts'

const FIRST_CAPACITY = 1024

export class OrderTexts {
  private readonly column: TextColumn
  private readonly state: StreamState
  private readonly texts: string[] = []
  // By handle: the place in the batch, and the generation of batches that it belongs to (one more, so that 0 is none).
  private places = new Int32Array(FIRST_CAPACITY)
  private generations = new Int32Array(FIRST_CAPACITY)

  constructor(column: TextColumn, state: StreamState) {
    this.column = column
    this.state = state
  }

  /** An order begins to rest under this handle. */
  remember(order: OrderHandle): void {
    if (order >= this.places.length) this.grow(order)
    this.texts[order] = this.state.orderId(order)
    this.generations[order] = 0
  }

  private grow(order: OrderHandle): void {
    const { places, generations } = this
    let { length } = places
    while (length <= order) length *= 2
    this.places = resizedIntegers(places, length, places.length)
    this.generations = resizedIntegers(generations, length, places.length)
  }

  put(row: number, order: OrderHandle): void {
    const { column } = this
    if (this.texts[order] === undefined) this.remember(order)
    if (this.generations[order] !== column.generation + 1) {
      this.places[order] = column.add(this.texts[order] ?? '')
      this.generations[order] = column.generation + 1
    }
    column.put(row, this.places[order] ?? 0)
  }
}
