/** The reads of a book by orders that need its orders: queues, places in them and ages. Changes nothing. */
import type { OrderView } from '../market/book-view.ts'
import type { OrderHandle } from '../market/order-ids.ts'
import { type Price, priceOf, type Size, sizeOf } from '../market/price.ts'
import type { BookSide } from '../market/side.ts'
import { type Micros, microsOf } from '../market/time.ts'
import { NONE } from './level-table.ts'
import { OrderTable } from './order-table.ts'
import { PricedSides } from './priced-sides.ts'

export abstract class OrderReads extends PricedSides {
  protected readonly orderTable = new OrderTable()
  protected readonly counts = { bid: 0, ask: 0 }

  /** Orders that there is room for: grows by doubling, and shrinks. */
  get orderCapacity(): number {
    return this.orderTable.capacity
  }

  has(order: OrderHandle): boolean {
    return this.orderTable.levelOf(order) !== NONE
  }

  private orderViewOf(order: OrderHandle, level: number): OrderView {
    return {
      order,
      side: this.levels.isBid[level] === 1 ? 'bid' : 'ask',
      price: priceOf(this.levels.prices[level] ?? 0),
      size: sizeOf(this.orderTable.sizes[order] ?? 0),
    }
  }

  orderAt(order: OrderHandle): OrderView | undefined {
    const level = this.orderTable.levelOf(order)
    return level === NONE ? undefined : this.orderViewOf(order, level)
  }

  /** See BookView. */
  sizeAhead(order: OrderHandle): Size | undefined {
    if (!this.has(order)) return undefined
    const { ahead, sizes } = this.orderTable
    let total = 0
    for (let other = ahead[order] ?? NONE; other !== NONE; other = ahead[other] ?? NONE)
      total += sizes[other] ?? 0
    return sizeOf(total)
  }

  /** See BookView. */
  ordersAhead(order: OrderHandle): number | undefined {
    if (!this.has(order)) return undefined
    const { ahead } = this.orderTable
    let count = 0
    for (let other = ahead[order] ?? NONE; other !== NONE; other = ahead[other] ?? NONE) count++
    return count
  }

  openedAt(order: OrderHandle): Micros | undefined {
    return this.has(order) ? microsOf(this.orderTable.openedAt(order)) : undefined
  }

  isOpeningSeen(order: OrderHandle): boolean {
    return this.has(order) && this.orderTable.isOpeningSeen(order)
  }

  orderAge(order: OrderHandle): number | undefined {
    return this.has(order) ? this.now - this.orderTable.openedAt(order) : undefined
  }

  orderCount(side: BookSide): number {
    return this.counts[side]
  }

  orders(side: BookSide, n = Infinity): readonly OrderView[] {
    const views: OrderView[] = []
    const { worse } = this.levels
    for (let level = this.bestOf(side); level !== NONE && views.length < n; level = worse[level] ?? NONE)
      this.addViews(views, level, n)
    return views
  }

  ordersAtPrice(side: BookSide, price: Price): readonly OrderView[] {
    const views: OrderView[] = []
    const level = this.find(side, price)
    if (level !== NONE) this.addViews(views, level, Infinity)
    return views
  }

  private addViews(views: OrderView[], level: number, n: number): void {
    const { behind } = this.orderTable
    let order = this.levels.first[level] ?? NONE
    for (; order !== NONE && views.length < n; order = behind[order] ?? NONE)
      views.push(this.orderViewOf(order, level))
  }

  forEachOrder(side: BookSide, visit: (order: OrderHandle, price: Price, size: Size) => unknown): void {
    const { worse, first, prices } = this.levels
    const { behind, sizes } = this.orderTable
    for (let level = this.bestOf(side); level !== NONE; level = worse[level] ?? NONE) {
      const price = priceOf(prices[level] ?? 0)
      for (let order = first[level] ?? NONE; order !== NONE; order = behind[order] ?? NONE)
        if (visit(order, price, sizeOf(sizes[order] ?? 0)) === false) return
    }
  }
}
