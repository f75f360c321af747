/**
 * A matching engine with price-time priority: the truth that rebuilt books are compared with, so it shares nothing
 * with them. Takes requests with their time, keeps the book, tells what happened as EngineEvents. Pure: no clock, no
 * randomness.
 */
import { EngineBook, opposite } from './engine-book.ts'
import type { EngineListener, OrderSide } from './engine-event.ts'
import { EventLog } from './event-log.ts'
import { type MakerDone, Matcher } from './matcher.ts'
import { assertRequest, type LimitRequest, type OrderRequest, type Taker } from './order-request.ts'

export interface EngineOptions {
  readonly priceScale: number
  readonly sizeScale: number
  /** Number of the first event; 1 when left out. */
  readonly firstNumber?: number
  /** Number of the first trade; 1 when left out. */
  readonly firstTrade?: number
  /** `alternate` when left out. */
  readonly makerDone?: MakerDone
}

/** One resting order. */
export interface OrderRow {
  /** 1, 2, 3 ... in the order of arrival. */
  readonly id: number
  readonly side: OrderSide
  readonly price: number
  /** What remains. */
  readonly size: number
}

/** One price. */
export interface LevelRow {
  readonly price: number
  readonly size: number
  readonly orders: number
}

export class Engine {
  readonly priceScale: number
  readonly sizeScale: number
  private readonly book = new EngineBook()
  private readonly log: EventLog
  private readonly matcher: Matcher
  private readonly firstTrade: number
  private lastOrder = 0

  constructor(options: EngineOptions) {
    this.priceScale = options.priceScale
    this.sizeScale = options.sizeScale
    this.firstTrade = options.firstTrade ?? 1
    this.log = new EventLog(options.firstNumber ?? 1)
    const makerDone = options.makerDone ?? 'alternate'
    this.matcher = new Matcher(this.book, this.log, options.sizeScale, makerDone, this.firstTrade)
  }

  /** Number of the last event; the first number minus one before any. */
  get lastNumber(): number {
    return this.log.lastNumber
  }

  /** Number of the last trade; undefined before any. */
  get lastTrade(): number | undefined {
    return this.matcher.lastTrade < this.firstTrade ? undefined : this.matcher.lastTrade
  }

  /** Time of the last event, microseconds. */
  get lastTime(): number {
    return this.log.lastTime
  }

  /** Returns what ends it. A listener may read the book, not change it. */
  subscribe(listener: EngineListener): () => void {
    return this.log.subscribe(listener)
  }

  /** Takes an order and tells its id. Throws for a request no venue would accept. */
  submit(request: OrderRequest, time: number): number {
    assertRequest(request)
    this.log.begin(time)
    const id = ++this.lastOrder
    const { side, size, account, selfTrade } = request
    const price = request.kind === 'limit' ? request.price : undefined
    const funds = request.kind === 'market' ? request.funds : undefined
    this.log.add({ kind: 'received', order: id, side, price, size, funds })
    const taker: Taker = { id, side, account, price, selfTrade, size, funds, canceled: false }
    if (request.kind === 'market') this.submitMarket(taker)
    else this.submitLimit(taker, request)
    this.log.end()
    return id
  }

  /** Cancels a resting order; false when it does not rest. */
  cancel(id: number, time: number): boolean {
    const order = this.book.order(id)
    if (order === undefined) return false
    this.log.begin(time)
    this.book.take(order)
    this.matcher.tellMakerDone(order, 'canceled')
    this.log.end()
    return true
  }

  /**
   * Gives a resting order another price, size, or both. It keeps its place when the price stays and the size falls.
   * False when it does not rest, nothing would change, or the new price would cross.
   */
  amend(id: number, price: number, size: number, time: number): boolean {
    const order = this.book.order(id)
    if (order === undefined || (order.price === price && order.size === size)) return false
    if (!Number.isSafeInteger(price) || !Number.isSafeInteger(size) || price <= 0 || size <= 0) return false
    if (this.book.crosses(order.side, price)) return false
    this.log.begin(time)
    this.log.add({
      kind: 'change',
      reason: 'modify',
      order: id,
      side: order.side,
      oldPrice: order.price,
      newPrice: price,
      oldSize: order.size,
      newSize: size,
      oldFunds: undefined,
      newFunds: undefined,
      isOpen: true,
    })
    this.book.change(order, price, size)
    this.log.end()
    return true
  }

  /** Best price first, queue order inside a price; at most n. */
  orders(side: OrderSide, n = Infinity): OrderRow[] {
    const rows: OrderRow[] = []
    for (const queue of this.book.side(side).top(n)) {
      for (let order = queue.head; order !== undefined; order = order.next) {
        if (rows.length >= n) return rows
        rows.push({ id: order.id, side, price: order.price, size: order.size })
      }
    }
    return rows
  }

  /** Best first; at most n. */
  levels(side: OrderSide, n = Infinity): LevelRow[] {
    const queues = this.book.side(side).top(n)
    return queues.map(({ price, size, orders }) => ({ price, size, orders }))
  }

  best(side: OrderSide): number | undefined {
    return this.book.best(side)
  }

  /** Zero where nothing rests. */
  sizeAt(side: OrderSide, price: number): number {
    return this.book.side(side).at(price)?.size ?? 0
  }

  /** A resting order; undefined when it does not rest. */
  order(id: number): OrderRow | undefined {
    const order = this.book.order(id)
    return order === undefined ? undefined : { id, side: order.side, price: order.price, size: order.size }
  }

  orderCount(side: OrderSide): number {
    return this.book.side(side).orderCount
  }

  /** Account of the order that would be taken next on a side; 0 when there is none. */
  bestAccount(side: OrderSide): number {
    return this.book.side(side).best()?.head?.account ?? 0
  }

  private submitLimit(taker: Taker, request: LimitRequest): void {
    const { id, side, account } = taker
    const { price, terms } = request
    const isRefused =
      (terms === 'post-only' && this.book.crosses(side, price)) ||
      (terms === 'fok' && !this.matcher.couldFill(request))
    if (!isRefused) this.matcher.take(taker)
    const remaining = taker.size ?? 0
    const mayRest = (terms === 'rest' || terms === 'post-only') && !isRefused && !taker.canceled
    if (mayRest && remaining > 0) {
      this.book.put({ id, side, account, price, size: remaining, previous: undefined, next: undefined })
      this.log.add({ kind: 'open', order: id, side, price, remaining })
      return
    }
    const reason = remaining === 0 ? 'filled' : 'canceled'
    this.log.add({ kind: 'done', order: id, side, reason, price, remaining, wasOpen: false })
  }

  private submitMarket(taker: Taker): void {
    this.matcher.take(taker)
    const { id: order, side } = taker
    const best = this.book.best(opposite(side))
    const isUsedUp = taker.size === 0 || (best !== undefined && this.matcher.wanted(taker, best) === 0)
    const reason = isUsedUp && !taker.canceled ? 'filled' : 'canceled'
    this.log.add({
      kind: 'done',
      order,
      side,
      reason,
      price: undefined,
      remaining: undefined,
      wasOpen: false,
    })
  }
}
