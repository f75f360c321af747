/** One price of a book by orders: its queue as a doubly linked list, its sum and count. Owns places in the queue. */
import type { OrderHandle } from '../market/order-ids.ts'
import { type Price, type Size, sizeOf } from '../market/price.ts'
import type { BookSide } from '../market/side.ts'
import type { LinkedLevel } from './price-levels.ts'

/** A resting order; it belongs to exactly one level. */
export class RestingOrder {
  readonly handle: OrderHandle
  /** Kept for life: an order stands behind those of its price with a rank at most its own. */
  readonly rank: number
  size: Size
  level: OrderLevel
  /** The neighbours in the queue. */
  ahead: RestingOrder | undefined = undefined
  behind: RestingOrder | undefined = undefined

  constructor(handle: OrderHandle, rank: number, size: Size, level: OrderLevel) {
    this.handle = handle
    this.rank = rank
    this.size = size
    this.level = level
  }
}

export class OrderLevel implements LinkedLevel<OrderLevel> {
  readonly side: BookSide
  price: Price
  /** The sum over the queue. */
  size: Size = sizeOf(0)
  orderCount = 0
  first: RestingOrder | undefined = undefined
  last: RestingOrder | undefined = undefined
  better: OrderLevel | undefined = undefined
  worse: OrderLevel | undefined = undefined

  constructor(side: BookSide, price: Price) {
    this.side = side
    this.price = price
  }

  /** Whether the sum stays a whole number below 2^53 with so much more. */
  hasRoomFor(more: number): boolean {
    return this.size + more <= Number.MAX_SAFE_INTEGER
  }

  enqueue(order: RestingOrder): void {
    let ahead = this.last
    while (ahead !== undefined && ahead.rank > order.rank) ahead = ahead.ahead
    const behind = ahead === undefined ? this.first : ahead.behind
    order.level = this
    order.ahead = ahead
    order.behind = behind
    if (ahead === undefined) this.first = order
    else ahead.behind = order
    if (behind === undefined) this.last = order
    else behind.ahead = order
    this.size = sizeOf(this.size + order.size)
    this.orderCount++
  }

  dequeue(order: RestingOrder): void {
    const { ahead, behind } = order
    if (ahead === undefined) this.first = behind
    else ahead.behind = behind
    if (behind === undefined) this.last = ahead
    else behind.ahead = ahead
    this.size = sizeOf(this.size - order.size)
    this.orderCount--
  }

  /** Gives an order of this level another size without moving it. */
  resize(order: RestingOrder, size: Size): void {
    this.size = sizeOf(this.size - order.size + size)
    order.size = size
  }
}
