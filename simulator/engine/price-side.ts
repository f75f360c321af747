/** One side of the engine's book: prices in order, a queue of orders at each. Owns structure, knows no matching. */
import type { OrderSide } from './engine-event.ts'

export interface RestingOrder {
  readonly id: number
  readonly side: OrderSide
  /** Owner; 0 belongs to nobody. */
  readonly account: number
  price: number
  size: number
  previous: RestingOrder | undefined
  next: RestingOrder | undefined
}

/** One price and its queue. Never empty while it is in a side. */
export interface PriceQueue {
  readonly price: number
  size: number
  orders: number
  head: RestingOrder | undefined
  tail: RestingOrder | undefined
}

export class PriceSide {
  /** The best price last, so that the busy end of the array is the cheap one. */
  private readonly queues: PriceQueue[] = []
  private readonly byPrice = new Map<number, PriceQueue>()
  private readonly sign: 1 | -1
  private count = 0

  constructor(side: OrderSide) {
    this.sign = side === 'buy' ? 1 : -1
  }

  get orderCount(): number {
    return this.count
  }

  best(): PriceQueue | undefined {
    return this.queues.at(-1)
  }

  at(price: number): PriceQueue | undefined {
    return this.byPrice.get(price)
  }

  /** Queues, best first; at most n. */
  top(n: number): PriceQueue[] {
    return this.queues.slice(Math.max(0, this.queues.length - n)).reverse()
  }

  /** Puts an order at the tail of its price. */
  append(order: RestingOrder): void {
    let queue = this.byPrice.get(order.price)
    if (queue === undefined) {
      queue = { price: order.price, size: 0, orders: 0, head: undefined, tail: undefined }
      this.byPrice.set(order.price, queue)
      this.queues.splice(this.positionOf(order.price), 0, queue)
    }
    order.previous = queue.tail
    order.next = undefined
    if (queue.tail === undefined) queue.head = order
    else queue.tail.next = order
    queue.tail = order
    queue.size += order.size
    queue.orders++
    this.count++
  }

  remove(order: RestingOrder): void {
    const queue = this.queueOf(order)
    if (order.previous === undefined) queue.head = order.next
    else order.previous.next = order.next
    if (order.next === undefined) queue.tail = order.previous
    else order.next.previous = order.previous
    order.previous = undefined
    order.next = undefined
    queue.size -= order.size
    queue.orders--
    this.count--
    if (queue.orders > 0) return
    this.byPrice.delete(queue.price)
    this.queues.splice(this.positionOf(queue.price), 1)
  }

  /** Makes an order smaller; it keeps its place. */
  reduce(order: RestingOrder, by: number): void {
    this.queueOf(order).size -= by
    order.size -= by
  }

  private queueOf(order: RestingOrder): PriceQueue {
    const queue = this.byPrice.get(order.price)
    if (queue === undefined) throw new Error(`order ${String(order.id)} is not on the book`)
    return queue
  }

  /** Where this price is, or belongs: the number of queues that are worse. */
  private positionOf(price: number): number {
    let low = 0
    let high = this.queues.length
    const wanted = price * this.sign
    while (low < high) {
      const middle = (low + high) >>> 1
      const queue = this.queues[middle]
      if (queue !== undefined && queue.price * this.sign < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}
