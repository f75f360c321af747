/**
 * A book by orders (L3): who rests where, in which place of the queue. Refuses what does not fit and says why; whether
 * the book may still be used is the caller's to judge. Venue ids, sequences and checksums are the decoder's.
 */
import type { BookView, OrderView } from '../market/book-view.ts'
import { decimalText, rescale } from '../market/decimal.ts'
import type { OrderHandle } from '../market/order-ids.ts'
import { type Price, priceOf, type Size, sizeOf } from '../market/price.ts'
import type { BookSide } from '../market/side.ts'
import type { StateReader, StateWriter } from '../market/state-bytes.ts'
import type { BookFault } from './integrity.ts'
import { type OrderColumns, readOrders, writeOrders } from './order-book-bytes.ts'
import { OrderLevel, RestingOrder } from './order-level.ts'
import { BOOK_SIDES, PricedSides } from './priced-sides.ts'

const viewOf = (order: RestingOrder): OrderView => ({
  order: order.handle,
  side: order.level.side,
  price: order.level.price,
  size: order.size,
})

export class OrderBook extends PricedSides<OrderLevel> implements BookView {
  readonly kind = 'orders'
  private resting: (RestingOrder | undefined)[] = []
  private readonly counts = { bid: 0, ask: 0 }
  private isQueueKnown = false

  get queueKnown(): boolean {
    return this.isQueueKnown
  }

  /** Empties the book, for the rows of a venue's snapshot. */
  clear(queueKnown: boolean): void {
    this.dropContent(queueKnown)
    this.scales.startAfresh()
  }

  private dropContent(queueKnown: boolean): void {
    this.bids.clear()
    this.asks.clear()
    this.resting = []
    this.counts.bid = 0
    this.counts.ask = 0
    this.isQueueKnown = queueKnown
  }

  /**
   * Converts the content to finer scales, exactly. `contradiction`: a scale shrinks. `not-representable`: a price or a
   * level's sum would pass 2^53. In both cases the content stays as it is; the new scales begin with the next `clear`.
   */
  rescale(priceScale: number, sizeScale: number): BookFault | undefined {
    const sizeScaleBefore = this.sizeScale
    const fault = this.scales.rescale(priceScale, sizeScale, this.bids, this.asks)
    if (fault !== undefined || sizeScale === sizeScaleBefore) return fault
    // No order is larger than the sum of its level, which fitted.
    for (const order of this.resting) {
      if (order !== undefined)
        order.size = sizeOf(rescale(order.size, sizeScaleBefore, sizeScale) ?? order.size)
    }
    return undefined
  }

  /**
   * An order rests behind those of its price with a rank at most its own. `contradiction`: its size is not positive or
   * its handle rests already. `not-representable`: the level's sum would pass 2^53.
   */
  open(order: OrderHandle, side: BookSide, price: Price, size: Size, rank: number): BookFault | undefined {
    if (!(size > 0)) return this.contradiction(`order ${String(order)} opened with size`, size)
    if (order < 0 || this.at(order) !== undefined) {
      return this.contradiction(`order ${String(order)} opened twice, now with size`, size)
    }
    const levels = this.side(side)
    let level = levels.find(price)
    if (level === undefined) {
      level = new OrderLevel(side, price)
      levels.insert(level)
    } else if (!level.hasRoomFor(size)) {
      return this.tooLarge(level, size)
    }
    const opened = new RestingOrder(order, rank, size, level)
    level.enqueue(opened)
    this.rest(opened)
    this.counts[side]++
    return undefined
  }

  /**
   * A resting order gets this price and size. It keeps its place when the price stays and the size does not grow; else
   * it goes behind its new price's orders of at most its rank; at size zero it leaves. `contradiction`: it does not
   * rest, the size is negative, or an old value is not what the book holds. `not-representable`: as for `open`.
   */
  change(
    order: OrderHandle,
    price: Price,
    size: Size,
    oldPrice: Price | undefined,
    oldSize: Size | undefined,
  ): BookFault | undefined {
    const changed = this.at(order)
    if (changed === undefined)
      return this.contradiction(`unknown order ${String(order)} changed to size`, size)
    const { level } = changed
    if (oldPrice !== undefined && oldPrice !== level.price) {
      const found = decimalText(level.price, this.priceScale)
      const told = decimalText(oldPrice, this.priceScale)
      return { reason: 'contradiction', detail: `order ${String(order)} rests at ${found}, not at ${told}` }
    }
    if (oldSize !== undefined && oldSize !== changed.size) {
      const found = decimalText(changed.size, this.sizeScale)
      return this.contradiction(`order ${String(order)} has size ${found}, not`, oldSize)
    }
    if (!(size >= 0)) return this.contradiction(`order ${String(order)} changed to size`, size)
    if (size === 0) {
      this.leave(changed)
      return undefined
    }
    if (price !== level.price) return this.move(changed, price, size)
    if (size <= changed.size) {
      level.resize(changed, size)
      return undefined
    }
    if (!level.hasRoomFor(size - changed.size)) return this.tooLarge(level, size)
    level.dequeue(changed)
    changed.size = size
    level.enqueue(changed)
    return undefined
  }

  private move(order: RestingOrder, price: Price, size: Size): BookFault | undefined {
    const { level } = order
    const levels = this.side(level.side)
    let target = levels.find(price)
    if (target === undefined) {
      target = new OrderLevel(level.side, price)
      levels.insert(target)
    } else if (!target.hasRoomFor(size)) {
      return this.tooLarge(target, size)
    }
    level.dequeue(order)
    if (level.orderCount === 0) levels.erase(level)
    order.size = size
    target.enqueue(order)
    return undefined
  }

  /** A trade took this much. At zero the order leaves. `contradiction`: it does not rest, or has not so much. */
  reduce(order: OrderHandle, by: Size): BookFault | undefined {
    const reduced = this.at(order)
    if (reduced === undefined) return this.contradiction(`unknown order ${String(order)} reduced by`, by)
    const size = reduced.size - by
    if (!(size >= 0 && by >= 0)) {
      const found = decimalText(reduced.size, this.sizeScale)
      return this.contradiction(`order ${String(order)} has size ${found}, but was reduced by`, by)
    }
    if (size === 0) this.leave(reduced)
    else reduced.level.resize(reduced, sizeOf(size))
    return undefined
  }

  /** Takes an order out; false when it does not rest. */
  remove(order: OrderHandle): boolean {
    const removed = this.at(order)
    if (removed === undefined) return false
    this.leave(removed)
    return true
  }

  private leave(order: RestingOrder): void {
    const { level } = order
    level.dequeue(order)
    if (level.orderCount === 0) this.side(level.side).erase(level)
    this.resting[order.handle] = undefined
    this.counts[level.side]--
  }

  private at(order: OrderHandle): RestingOrder | undefined {
    return order >= 0 && order < this.resting.length ? this.resting[order] : undefined
  }

  private contradiction(what: string, size: Size): BookFault {
    return { reason: 'contradiction', detail: `${what} ${decimalText(size, this.sizeScale)}` }
  }

  private tooLarge(level: OrderLevel, size: Size): BookFault {
    const at = decimalText(level.price, this.priceScale)
    const more = decimalText(size, this.sizeScale)
    return {
      reason: 'not-representable',
      detail: `the total at ${at} passes 2^53 units with an order of ${more}`,
    }
  }

  has(order: OrderHandle): boolean {
    return this.at(order) !== undefined
  }

  orderAt(order: OrderHandle): OrderView | undefined {
    const found = this.at(order)
    return found === undefined ? undefined : viewOf(found)
  }

  /** The total size in the queue before this order; undefined when it does not rest. Walks the queue. */
  sizeAhead(order: OrderHandle): Size | undefined {
    const found = this.at(order)
    if (found === undefined) return undefined
    let total = 0
    for (let { ahead } = found; ahead !== undefined; ahead = ahead.ahead) total += ahead.size
    return sizeOf(total)
  }

  /** How many orders stand in the queue before this one; undefined when it does not rest. Walks the queue. */
  ordersAhead(order: OrderHandle): number | undefined {
    const found = this.at(order)
    if (found === undefined) return undefined
    let count = 0
    for (let { ahead } = found; ahead !== undefined; ahead = ahead.ahead) count++
    return count
  }

  orderCount(side: BookSide): number {
    return this.counts[side]
  }

  orders(side: BookSide, n = Infinity): readonly OrderView[] {
    const views: OrderView[] = []
    for (let level = this.side(side).best; level !== undefined; level = level.worse) {
      let order = level.first
      for (; order !== undefined && views.length < n; order = order.behind) views.push(viewOf(order))
      if (views.length >= n) break
    }
    return views
  }

  /** The orders at one price in queue order; empty where there is no level. */
  ordersAtPrice(side: BookSide, price: Price): readonly OrderView[] {
    const views: OrderView[] = []
    let order = this.side(side).find(price)?.first
    for (; order !== undefined; order = order.behind) views.push(viewOf(order))
    return views
  }

  /** Writes the whole book: scales, handles, ranks and queue order. */
  save(writer: StateWriter): void {
    writer.bool(this.isQueueKnown)
    this.scales.save(writer)
    for (const side of BOOK_SIDES) writeOrders(writer, this.side(side).best)
  }

  /** Becomes the book that was saved. Throws RangeError when the bytes are cut or hold no book. */
  restore(reader: StateReader): void {
    this.dropContent(reader.bool())
    this.scales.restore(reader)
    for (const side of BOOK_SIDES) this.restoreSide(side, readOrders(reader))
  }

  private restoreSide(side: BookSide, { prices, counts, handles, sizes, ranks }: OrderColumns): void {
    const levels = this.side(side)
    let next = 0
    for (let index = 0; index < prices.length; index++) {
      const level = new OrderLevel(side, priceOf(prices[index] ?? 0))
      for (const end = next + (counts[index] ?? 0); next < end; next++) {
        const size = sizeOf(sizes[next] ?? 0)
        const order = new RestingOrder(handles[next] ?? 0, ranks[next] ?? 0, size, level)
        if (!(size > 0 && level.hasRoomFor(size)) || this.at(order.handle) !== undefined)
          throw new RangeError('a saved book contradicts itself')
        level.enqueue(order)
        this.rest(order)
      }
      if (levels.find(level.price) !== undefined) throw new RangeError('a saved book contradicts itself')
      levels.insert(level)
    }
    this.counts[side] = next
  }

  private rest(order: RestingOrder): void {
    // Handles are dense: filling up keeps the array packed.
    while (this.resting.length <= order.handle) this.resting.push(undefined)
    this.resting[order.handle] = order
  }
}
