/** The engine's resting orders: both sides and the index by id. Owns structure, knows no rules of matching. */
import type { OrderSide } from './engine-event.ts'
import { NumberedTable } from './numbered-table.ts'
import { PriceSide } from './price-side.ts'
import type { RestingOrder } from './resting-order.ts'

export const opposite = (side: OrderSide): OrderSide => (side === 'buy' ? 'sell' : 'buy')

/** Whether an order of this side and limit may trade at a price. */
export const isWithin = (side: OrderSide, limit: number, price: number): boolean =>
  side === 'buy' ? price <= limit : price >= limit

export class EngineBook {
  private readonly buys = new PriceSide('buy')
  private readonly sells = new PriceSide('sell')
  private readonly byId = new NumberedTable<RestingOrder>()
  /** In no order: to reach any of them by its place. */
  private readonly living: RestingOrder[] = []

  get count(): number {
    return this.living.length
  }

  side(side: OrderSide): PriceSide {
    return side === 'buy' ? this.buys : this.sells
  }

  order(id: number): RestingOrder | undefined {
    return this.byId.get(id)
  }

  /** Any of the resting orders; the one put last has the highest place. */
  atPlace(place: number): RestingOrder | undefined {
    return this.living[place]
  }

  best(side: OrderSide): number | undefined {
    return this.side(side).best()?.price
  }

  /** Whether an order of this side would trade at once at this price. */
  crosses(side: OrderSide, price: number): boolean {
    const best = this.best(opposite(side))
    return best !== undefined && isWithin(side, price, best)
  }

  put(order: RestingOrder): void {
    this.side(order.side).append(order)
    this.byId.set(order.id, order)
    order.place = this.living.length
    this.living.push(order)
  }

  take(order: RestingOrder): void {
    this.lift(order)
    this.forget(order)
  }

  /** Takes an order from its queue while it matches; `settle` or `forget` must follow. */
  lift(order: RestingOrder): void {
    this.side(order.side).remove(order)
  }

  /** Puts a lifted order at the tail of this price. */
  settle(order: RestingOrder, price: number, size: number): void {
    order.price = price
    order.size = size
    this.side(order.side).append(order)
  }

  /** A lifted order rests no longer. */
  forget(order: RestingOrder): void {
    this.byId.delete(order.id)
    const last = this.living.pop()
    if (last !== undefined && last !== order) {
      this.living[order.place] = last
      last.place = order.place
    }
    order.place = -1
  }

  /** Shrinks an order in its place. */
  reduce(order: RestingOrder, by: number): void {
    this.side(order.side).reduce(order, by)
  }

  /** Takes a new price and size; to the tail unless only the size fell. */
  change(order: RestingOrder, price: number, size: number): void {
    if (order.price === price && size < order.size) {
      this.side(order.side).reduce(order, order.size - size)
      return
    }
    this.lift(order)
    this.settle(order, price, size)
  }
}
