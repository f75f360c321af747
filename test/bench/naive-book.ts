/** A book by order as one would write it first: ordered maps of levels, a Map of orders, an object each. */
import { OrderedMap } from '@js-sdsl/ordered-map'

interface NaiveOrder {
  readonly isBid: boolean
  price: number
  size: number
}

interface NaiveLevel {
  size: number
  /** In queue order. */
  readonly orders: Map<number, NaiveOrder>
}

export class NaiveBook {
  private readonly orders = new Map<number, NaiveOrder>()
  private readonly bids = new OrderedMap<number, NaiveLevel>([], (one, other) => other - one)
  private readonly asks = new OrderedMap<number, NaiveLevel>([], (one, other) => one - other)

  private side(isBid: boolean): OrderedMap<number, NaiveLevel> {
    return isBid ? this.bids : this.asks
  }

  best(isBid: boolean): number | undefined {
    return this.side(isBid).front()?.[0]
  }

  open(handle: number, isBid: boolean, price: number, size: number): void {
    const order = { isBid, price, size }
    this.orders.set(handle, order)
    this.rest(handle, order)
  }

  private rest(handle: number, order: NaiveOrder): void {
    const side = this.side(order.isBid)
    let level = side.getElementByKey(order.price)
    if (level === undefined) {
      level = { size: 0, orders: new Map() }
      side.setElement(order.price, level)
    }
    level.orders.set(handle, order)
    level.size += order.size
  }

  private leave(handle: number, order: NaiveOrder): void {
    const side = this.side(order.isBid)
    const level = side.getElementByKey(order.price)
    if (level === undefined) return
    level.orders.delete(handle)
    level.size -= order.size
    if (level.orders.size === 0) side.eraseElementByKey(order.price)
  }

  change(handle: number, price: number, size: number): void {
    const order = this.orders.get(handle)
    if (order === undefined) return
    if (price === order.price && size <= order.size) {
      this.resize(order, size)
      return
    }
    this.leave(handle, order)
    order.price = price
    order.size = size
    this.rest(handle, order)
  }

  private resize(order: NaiveOrder, size: number): void {
    const level = this.side(order.isBid).getElementByKey(order.price)
    if (level !== undefined) level.size += size - order.size
    order.size = size
  }

  reduce(handle: number, by: number): void {
    const order = this.orders.get(handle)
    if (order === undefined) return
    if (order.size === by) this.remove(handle)
    else this.resize(order, order.size - by)
  }

  remove(handle: number): void {
    const order = this.orders.get(handle)
    if (order === undefined) return
    this.orders.delete(handle)
    this.leave(handle, order)
  }
}
