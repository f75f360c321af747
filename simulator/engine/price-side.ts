/** One side of the engine's book: prices in order, a queue of orders at each. Owns structure, knows no matching. */
import type { OrderSide } from './engine-event.ts'
import { PriceLadder } from './price-ladder.ts'
import type { PriceQueue, RestingOrder } from './resting-order.ts'

export class PriceSide {
  private readonly ladder: PriceLadder
  private count = 0

  constructor(side: OrderSide) {
    this.ladder = new PriceLadder(side === 'buy' ? 1 : -1)
  }

  get orderCount(): number {
    return this.count
  }

  best(): PriceQueue | undefined {
    return this.ladder.best()
  }

  /** The queue of the best price is 0, the next one 1 ... */
  nth(index: number): PriceQueue | undefined {
    return this.ladder.nth(index)
  }

  at(price: number): PriceQueue | undefined {
    return this.ladder.find(price)
  }

  /** Queues, best first; at most n. */
  top(n: number): PriceQueue[] {
    return this.ladder.top(n)
  }

  /** Puts an order at the tail of its price. */
  append(order: RestingOrder): void {
    let queue = this.ladder.find(order.price)
    if (queue === undefined) {
      queue = { price: order.price, size: 0, orders: 0, head: undefined, tail: undefined }
      this.ladder.insert(queue)
    }
    order.queue = queue
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
    const queue = queueOf(order)
    if (order.previous === undefined) queue.head = order.next
    else order.previous.next = order.next
    if (order.next === undefined) queue.tail = order.previous
    else order.next.previous = order.previous
    order.previous = undefined
    order.next = undefined
    order.queue = undefined
    queue.size -= order.size
    queue.orders--
    this.count--
    if (queue.orders === 0) this.ladder.erase(queue)
  }

  /** Makes an order smaller; it keeps its place. */
  reduce(order: RestingOrder, by: number): void {
    queueOf(order).size -= by
    order.size -= by
  }
}

const queueOf = (order: RestingOrder): PriceQueue => {
  if (order.queue === undefined) throw new Error(`order ${String(order.id)} is not on the book`)
  return order.queue
}
