/**
 * A book by orders (L3): who rests where, in which place of the queue. Refuses what does not fit and says why; whether
 * the book may still be used is the caller's to judge. Venue ids, sequences and checksums are the decoder's.
 */
import type { BookView } from '../market/book-view.ts'
import { decimalText, rescale } from '../market/decimal.ts'
import type { OrderHandle } from '../market/order-ids.ts'
import type { Price, Size } from '../market/price.ts'
import type { BookSide } from '../market/side.ts'
import type { StateReader, StateWriter } from '../market/state-bytes.ts'
import { microsOf } from '../market/time.ts'
import type { BookFault } from './integrity.ts'
import { NONE } from './level-table.ts'
import { type OrderColumns, readOrders, writeOrders } from './order-book-bytes.ts'
import { OrderReads } from './order-reads.ts'
import type { PriceLevels } from './price-levels.ts'
import { BOOK_SIDES } from './priced-sides.ts'

export class OrderBook extends OrderReads implements BookView {
  readonly kind = 'orders'
  private isQueueKnown = false
  /** Orders come with a snapshot: when they were opened is not seen. */
  private isInSnapshot = false

  get queueKnown(): boolean {
    return this.isQueueKnown
  }

  /** Empties the book, for the rows of a venue's snapshot; `endSnapshot` behind them. */
  clear(queueKnown: boolean): void {
    this.dropContent(queueKnown)
    this.scales.startAfresh()
    this.isInSnapshot = true
  }

  /** From here on orders are seen when they are opened. */
  endSnapshot(): void {
    this.isInSnapshot = false
  }

  private dropContent(queueKnown: boolean): void {
    this.dropLevels()
    this.orderTable.clear()
    this.counts.bid = 0
    this.counts.ask = 0
    this.isQueueKnown = queueKnown
  }

  /**
   * Converts the content to finer scales, exactly. `contradiction`: a scale shrinks. `not-representable`: a price or a
   * level's sum would pass 2^53. In both cases the content stays as it is; the new scales begin with the next `clear`.
   */
  rescale(priceScale: number, sizeScale: number): BookFault | undefined {
    const before = this.sizeScale
    const fault = this.rescaleLevels(priceScale, sizeScale)
    if (fault !== undefined || sizeScale === before) return fault
    const { sizes } = this.orderTable
    // No order is larger than the sum of its level, which fitted.
    for (const side of BOOK_SIDES)
      this.forEachOrder(side, (order, _, size) => {
        sizes[order] = rescale(size, before, sizeScale) ?? size
      })
    return undefined
  }

  /**
   * An order rests behind those of its price with a rank at most its own. `contradiction`: its size is not positive or
   * its handle rests already. `not-representable`: the level's sum would pass 2^53.
   */
  open(order: OrderHandle, side: BookSide, price: Price, size: Size, rank: number): BookFault | undefined {
    if (!(size > 0)) return this.contradiction(`order ${String(order)} opened with size`, size)
    if (order < 0 || this.orderTable.levelOf(order) !== NONE) {
      return this.contradiction(`order ${String(order)} opened twice, now with size`, size)
    }
    const levels = this.side(side)
    const level = levels.findOrAdd(price)
    if (!this.hasRoom(level, size)) return this.tooLarge(price, size)
    this.orderTable.add(order, level, size, rank, this.now, !this.isInSnapshot)
    this.enqueue(order, level, size)
    this.counts[side]++
    this.touched(levels, level)
    return undefined
  }

  /** Whether the sum stays a whole number below 2^53 with so much more; always in an empty level. */
  private hasRoom(level: number, more: number): boolean {
    const { sizes, orderCounts } = this.levels
    return (sizes[level] ?? 0) + more <= Number.MAX_SAFE_INTEGER || orderCounts[level] === 0
  }

  private enqueue(order: OrderHandle, level: number, size: number): void {
    const { sizes, orderCounts, first, last } = this.levels
    const { ahead, behind, isRanked } = this.orderTable
    let before = last[level] ?? NONE
    let after = NONE
    if (isRanked) {
      const rank = this.orderTable.rankOf(order)
      while (before !== NONE && this.orderTable.rankOf(before) > rank) {
        after = before
        before = ahead[before] ?? NONE
      }
    }
    ahead[order] = before
    behind[order] = after
    if (before === NONE) first[level] = order
    else behind[before] = order
    if (after === NONE) last[level] = order
    else ahead[after] = order
    sizes[level] = (sizes[level] ?? 0) + size
    orderCounts[level] = (orderCounts[level] ?? 0) + 1
  }

  private dequeue(order: OrderHandle, level: number): void {
    const { sizes, orderCounts, first, last } = this.levels
    const { ahead, behind, sizes: orderSizes } = this.orderTable
    const before = ahead[order] ?? NONE
    const after = behind[order] ?? NONE
    if (before === NONE) first[level] = after
    else behind[before] = after
    if (after === NONE) last[level] = before
    else ahead[after] = before
    sizes[level] = (sizes[level] ?? 0) - (orderSizes[order] ?? 0)
    orderCounts[level] = (orderCounts[level] ?? 0) - 1
  }

  private resize(order: OrderHandle, level: number, size: number): void {
    const { sizes } = this.levels
    const { sizes: orderSizes } = this.orderTable
    sizes[level] = (sizes[level] ?? 0) - (orderSizes[order] ?? 0) + size
    orderSizes[order] = size
    this.touched(this.sideOf(level), level)
  }

  private sideOf(level: number): PriceLevels {
    return this.levels.isBid[level] === 1 ? this.bids : this.asks
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
    const level = this.orderTable.levelOf(order)
    if (level === NONE) return this.contradiction(`unknown order ${String(order)} changed to size`, size)
    const restingPrice = this.levels.prices[level] ?? 0
    const restingSize = this.orderTable.sizes[order] ?? 0
    if (oldPrice !== undefined && oldPrice !== restingPrice)
      return this.wrongPrice(order, restingPrice, oldPrice)
    if (oldSize !== undefined && oldSize !== restingSize) {
      const found = decimalText(restingSize, this.sizeScale)
      return this.contradiction(`order ${String(order)} has size ${found}, not`, oldSize)
    }
    if (!(size >= 0)) return this.contradiction(`order ${String(order)} changed to size`, size)
    if (size === 0) {
      this.leave(order, level)
      return undefined
    }
    if (price !== restingPrice) return this.move(order, level, price, size)
    if (size <= restingSize) {
      this.resize(order, level, size)
      return undefined
    }
    if ((this.levels.sizes[level] ?? 0) + (size - restingSize) > Number.MAX_SAFE_INTEGER)
      return this.tooLarge(price, size)
    this.dequeue(order, level)
    this.orderTable.sizes[order] = size
    this.enqueue(order, level, size)
    this.touched(this.sideOf(level), level)
    return undefined
  }

  private move(order: OrderHandle, from: number, price: Price, size: Size): BookFault | undefined {
    const levels = this.sideOf(from)
    const target = levels.findOrAdd(price)
    if (!this.hasRoom(target, size)) return this.tooLarge(price, size)
    this.dequeue(order, from)
    this.orderTable.setLevel(order, target)
    this.orderTable.sizes[order] = size
    this.enqueue(order, target, size)
    this.touched(levels, target)
    this.touched(levels, from)
    if (this.levels.orderCounts[from] === 0) this.eraseLevel(levels, from)
    return undefined
  }

  /** A trade took this much. At zero the order leaves. `contradiction`: it does not rest, or has not so much. */
  reduce(order: OrderHandle, by: Size): BookFault | undefined {
    const level = this.orderTable.levelOf(order)
    if (level === NONE) return this.contradiction(`unknown order ${String(order)} reduced by`, by)
    const resting = this.orderTable.sizes[order] ?? 0
    const size = resting - by
    if (!(size >= 0 && by >= 0)) {
      const found = decimalText(resting, this.sizeScale)
      return this.contradiction(`order ${String(order)} has size ${found}, but was reduced by`, by)
    }
    if (size === 0) this.leave(order, level)
    else this.resize(order, level, size)
    return undefined
  }

  /** Takes an order out; false when it does not rest. */
  remove(order: OrderHandle): boolean {
    const level = this.orderTable.levelOf(order)
    if (level === NONE) return false
    this.leave(order, level)
    return true
  }

  private leave(order: OrderHandle, level: number): void {
    const levels = this.sideOf(level)
    this.dequeue(order, level)
    this.orderTable.remove(order)
    this.counts[levels === this.bids ? 'bid' : 'ask']--
    this.touched(levels, level)
    if (this.levels.orderCounts[level] === 0) this.eraseLevel(levels, level)
  }

  private eraseLevel(levels: PriceLevels, level: number): void {
    levels.erase(level)
    if (!this.levels.isSparse) return
    this.packLevels()
    const { count, first } = this.levels
    const { behind } = this.orderTable
    for (let packed = 0; packed < count; packed++)
      for (let order = first[packed] ?? NONE; order !== NONE; order = behind[order] ?? NONE)
        this.orderTable.setLevel(order, packed)
  }

  private contradiction(what: string, size: Size): BookFault {
    return { reason: 'contradiction', detail: `${what} ${decimalText(size, this.sizeScale)}` }
  }

  private wrongPrice(order: OrderHandle, resting: number, told: Price): BookFault {
    const found = decimalText(resting, this.priceScale)
    const not = decimalText(told, this.priceScale)
    return { reason: 'contradiction', detail: `order ${String(order)} rests at ${found}, not at ${not}` }
  }

  private tooLarge(price: Price, size: Size): BookFault {
    const at = decimalText(price, this.priceScale)
    const more = decimalText(size, this.sizeScale)
    return {
      reason: 'not-representable',
      detail: `the total at ${at} passes 2^53 units with an order of ${more}`,
    }
  }

  /** Writes the whole book: scales, handles, ranks, queue order and ages. */
  save(writer: StateWriter): void {
    writer.bool(this.isQueueKnown)
    writer.bool(this.isInSnapshot)
    writer.uint(this.now)
    this.scales.save(writer)
    for (const side of BOOK_SIDES)
      writeOrders(writer, this.side(side).best, this.levels, this.orderTable, this.now)
  }

  /** Becomes the book that was saved. Throws RangeError when the bytes are cut or hold no book. */
  restore(reader: StateReader): void {
    this.dropContent(reader.bool())
    this.isInSnapshot = reader.bool()
    this.now = microsOf(reader.uint())
    this.scales.restore(reader)
    for (const side of BOOK_SIDES) this.restoreSide(side, readOrders(reader))
  }

  private restoreSide(side: BookSide, columns: OrderColumns): void {
    const { prices, counts, handles, sizes, ranks, ages, seen } = columns
    const levels = this.side(side)
    let next = 0
    for (let index = 0; index < prices.length; index++) {
      const level = levels.findOrAdd(prices[index] ?? 0)
      if (this.levels.orderCounts[level] !== 0) throw new RangeError('a saved book contradicts itself')
      for (const end = next + (counts[index] ?? 0); next < end; next++) {
        const size = sizes[next] ?? 0
        const order = handles[next] ?? 0
        if (!(size > 0 && this.hasRoom(level, size)) || this.has(order))
          throw new RangeError('a saved book contradicts itself')
        this.orderTable.add(
          order,
          level,
          size,
          ranks[next] ?? 0,
          this.now - (ages[next] ?? 0),
          seen[next] === 1,
        )
        this.enqueue(order, level, size)
      }
    }
    this.counts[side] = next
  }
}
