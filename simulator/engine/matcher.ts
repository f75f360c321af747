/** What happens when an incoming order meets the book: trades, self-trade prevention, and the events they cause. */
import { type EngineBook, isWithin, opposite } from './engine-book.ts'
import type { EventLog } from './event-log.ts'
import { costOf, type LimitRequest, sizeForFunds, type Taker } from './order-request.ts'
import type { RestingOrder } from './resting-order.ts'

/**
 * When a maker's done is told: right behind its match, or after the last match of the transaction. Venues leave it
 * open; `alternate` does both in turn, by the taker's id.
 */
export type MakerDone = 'at-once' | 'at-end' | 'alternate'

export class Matcher {
  private readonly book: EngineBook
  private readonly log: EventLog
  private readonly sizeScale: number
  private readonly makerDone: MakerDone
  /** Makers filled in this transaction whose done waits for the last match. */
  private filled: RestingOrder[] = []
  private trade: number

  /** `firstTrade`: number of the first trade. */
  constructor(book: EngineBook, log: EventLog, sizeScale: number, makerDone: MakerDone, firstTrade: number) {
    this.book = book
    this.log = log
    this.sizeScale = sizeScale
    this.makerDone = makerDone
    this.trade = firstTrade - 1
  }

  get lastTrade(): number {
    return this.trade
  }

  /** Takes from the book until the order is used up, canceled by prevention, or nothing is left at its price. */
  take(taker: Taker): void {
    const side = this.book.side(opposite(taker.side))
    const isDoneLate = this.makerDone === 'at-end' || (this.makerDone === 'alternate' && taker.id % 2 === 1)
    while (!taker.canceled) {
      const maker = side.best()?.head
      if (maker === undefined) break
      if (taker.price !== undefined && !isWithin(taker.side, taker.price, maker.price)) break
      const wanted = this.wanted(taker, maker.price)
      if (wanted === 0) break
      if (maker.account !== 0 && maker.account === taker.account) this.preventSelfTrade(taker, maker, wanted)
      else this.match(taker, maker, Math.min(wanted, maker.size), isDoneLate)
    }
    if (this.filled.length === 0) return
    for (const maker of this.filled) this.tellMakerDone(maker, 'filled')
    this.filled = []
  }

  /** How much the taker still wants at this price. */
  wanted(taker: Taker, price: number): number {
    const byFunds = taker.funds === undefined ? Infinity : sizeForFunds(taker.funds, price, this.sizeScale)
    return Math.min(taker.size ?? Infinity, byFunds)
  }

  /** Whether an order can be filled whole at once without meeting its own account. */
  couldFill(request: LimitRequest): boolean {
    let missing = request.size
    const facing = this.book.side(opposite(request.side))
    for (let index = 0; ; index++) {
      const queue = facing.nth(index)
      if (queue === undefined || !isWithin(request.side, request.price, queue.price)) return false
      for (let order = queue.head; order !== undefined; order = order.next) {
        if (order.account !== 0 && order.account === request.account) return false
        missing -= order.size
        if (missing <= 0) return true
      }
    }
  }

  tellMakerDone(order: RestingOrder, reason: 'filled' | 'canceled'): void {
    const { id, side, price, size: remaining } = order
    this.log.done({ order: id, side, reason, price, remaining, wasOpen: true })
  }

  private match(taker: Taker, maker: RestingOrder, size: number, isDoneLate: boolean): void {
    const { price, side } = maker
    this.trade++
    this.log.match({ trade: this.trade, maker: maker.id, taker: taker.id, side, price, size })
    this.book.reduce(maker, size)
    if (taker.size !== undefined) taker.size -= size
    if (taker.funds !== undefined) taker.funds -= costOf(size, price, this.sizeScale)
    if (maker.size > 0) return
    this.book.take(maker)
    if (isDoneLate) this.filled.push(maker)
    else this.tellMakerDone(maker, 'filled')
  }

  private preventSelfTrade(taker: Taker, maker: RestingOrder, wanted: number): void {
    const { selfTrade } = taker
    if (selfTrade === 'dc' && wanted < maker.size) {
      this.shrinkMaker(maker, wanted)
      taker.canceled = true
      return
    }
    if (selfTrade === 'dc' && wanted > maker.size) this.shrinkTaker(taker, maker)
    else if (selfTrade !== 'co') taker.canceled = true
    if (selfTrade === 'cn') return
    this.book.take(maker)
    this.tellMakerDone(maker, 'canceled')
  }

  /** By size where the order has one, else by funds. */
  private shrinkTaker(taker: Taker, by: RestingOrder): void {
    this.tellRemaining(taker)
    const { id: order, side, price, size, funds } = taker
    if (size !== undefined) taker.size = size - by.size
    else if (funds !== undefined) taker.funds = funds - costOf(by.size, by.price, this.sizeScale)
    const isOpen = taker.told !== undefined
    if (isOpen) taker.told = taker.size
    this.log.change({
      reason: 'stp',
      order,
      side,
      oldPrice: price,
      newPrice: price,
      oldSize: size,
      newSize: taker.size,
      oldFunds: size === undefined ? funds : undefined,
      newFunds: size === undefined ? taker.funds : undefined,
      isOpen,
    })
  }

  /**
   * Tells what is left of an order that was on the book before it took: a match makes only its maker smaller for those
   * who read.
   */
  tellRemaining(taker: Taker): void {
    const { id: order, side, price, size, told } = taker
    if (told === undefined || told === size) return
    taker.told = size
    this.log.change({
      reason: 'modify',
      order,
      side,
      oldPrice: price,
      newPrice: price,
      oldSize: told,
      newSize: size,
      oldFunds: undefined,
      newFunds: undefined,
      isOpen: true,
    })
  }

  private shrinkMaker(maker: RestingOrder, by: number): void {
    const { id: order, side, price, size: oldSize } = maker
    this.book.reduce(maker, by)
    this.log.change({
      reason: 'stp',
      order,
      side,
      oldPrice: price,
      newPrice: price,
      oldSize,
      newSize: maker.size,
      oldFunds: undefined,
      newFunds: undefined,
      isOpen: true,
    })
  }
}
