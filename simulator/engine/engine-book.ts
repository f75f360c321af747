/** The engine's resting orders: both sides and the index by id. Owns structure, knows no rules of matching. */
import type { OrderSide } from './engine-event.ts'
import { PriceSide, type RestingOrder } from './price-side.ts'

export const opposite = (side: OrderSide): OrderSide => (side === 'buy' ? 'sell' : 'buy')

/** Whether an order of this side and limit may trade at a price. */
export const isWithin = (side: OrderSide, limit: number, price: number): boolean =>
  side === 'buy' ? price <= limit : price >= limit

export class EngineBook {
  private readonly buys = new PriceSide('buy')
  private readonly sells = new PriceSide('sell')
  private readonly resting = new Map<number, RestingOrder>()

  side(side: OrderSide): PriceSide {
    return side === 'buy' ? this.buys : this.sells
  }

  order(id: number): RestingOrder | undefined {
    return this.resting.get(id)
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
    this.resting.set(order.id, order)
  }

  take(order: RestingOrder): void {
    this.side(order.side).remove(order)
    this.resting.delete(order.id)
  }

  /** Shrinks an order in its place. */
  reduce(order: RestingOrder, by: number): void {
    this.side(order.side).reduce(order, by)
  }

  /** Takes a new price and size; to the tail unless only the size fell. */
  change(order: RestingOrder, price: number, size: number): void {
    const side = this.side(order.side)
    if (order.price === price && size < order.size) {
      side.reduce(order, order.size - size)
      return
    }
    side.remove(order)
    order.price = price
    order.size = size
    side.append(order)
  }
}
