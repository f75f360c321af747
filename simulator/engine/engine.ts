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
import type { RestingOrder } from './resting-order.ts'

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

/** A resting order as it is now and later: what it holds changes with the book. */
export type LivingOrder = Readonly<Pick<RestingOrder, 'id' | 'side' | 'account' | 'price' | 'size' | 'place'>>

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
    this.log.received(id, side, price, size, funds)
    if (request.kind === 'limit' && this.restsAtOnce(request)) {
      this.putToRest(id, request, request.size)
      this.log.end()
      return id
    }
    const taker: Taker = {
      id,
      side,
      account,
      price,
      selfTrade,
      size,
      funds,
      canceled: false,
      told: undefined,
    }
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
   * Gives a resting order another price, size, or both. It keeps its place when the price stays and the size falls;
   * at a price that crosses it takes like a new order. False when it does not rest, nothing would change, or it is
   * post-only and would take.
   */
  amend(id: number, price: number, size: number, time: number): boolean {
    const order = this.book.order(id)
    if (order === undefined || (order.price === price && order.size === size)) return false
    if (!Number.isSafeInteger(price) || !Number.isSafeInteger(size) || price <= 0 || size <= 0) return false
    const crosses = this.book.crosses(order.side, price)
    if (crosses && order.isPostOnly) return false
    this.log.begin(time)
    this.log.change({
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
    if (crosses) this.takeAmended(order, price, size)
    else this.book.change(order, price, size)
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

  /** Orders resting on both sides. */
  get restingCount(): number {
    return this.book.count
  }

  /** Any resting order by its place, 0 to `restingCount` - 1; the order that came to rest last has the highest. */
  restingAt(place: number): LivingOrder | undefined {
    return this.book.atPlace(place)
  }

  /** The order that would be taken next on a side. */
  first(side: OrderSide): LivingOrder | undefined {
    return this.book.side(side).best()?.head
  }

  /** The first orders of a side, at most n: their size together, and the price of the last one. */
  reach(side: OrderSide, n: number): { readonly size: number; readonly price: number } {
    let [size, price, count] = [0, 0, 0]
    for (let index = 0; count < n; index++) {
      const queue = this.book.side(side).nth(index)
      if (queue === undefined) break
      price = queue.price
      for (let order = queue.head; order !== undefined && count < n; order = order.next) {
        size += order.size
        count++
      }
    }
    return { size, price }
  }

  /** Account of the order that would be taken next on a side; 0 when there is none. */
  bestAccount(side: OrderSide): number {
    return this.book.side(side).best()?.head?.account ?? 0
  }

  /** Most orders: they meet nobody. */
  private restsAtOnce({ terms, side, price }: LimitRequest): boolean {
    return (terms === 'rest' || terms === 'post-only') && !this.book.crosses(side, price)
  }

  private putToRest(id: number, request: LimitRequest, size: number): void {
    const { side, account, selfTrade, price, terms } = request
    const isPostOnly = terms === 'post-only'
    // prettier-ignore
    this.book.put({ id, side, account, selfTrade, isPostOnly, price, size, place: -1, previous: undefined, next: undefined, queue: undefined })
    this.log.open(id, side, price, size)
  }

  private submitLimit(taker: Taker, request: LimitRequest): void {
    const { id, side } = taker
    const { price, terms } = request
    const isPostOnly = terms === 'post-only'
    const isRefused =
      (isPostOnly && this.book.crosses(side, price)) || (terms === 'fok' && !this.matcher.couldFill(request))
    if (!isRefused) this.matcher.take(taker)
    const size = taker.size ?? 0
    const mayRest = (terms === 'rest' || isPostOnly) && !isRefused && !taker.canceled
    if (mayRest && size > 0) {
      this.putToRest(id, request, size)
      return
    }
    const reason = size === 0 ? 'filled' : 'canceled'
    this.log.done({ order: id, side, reason, price, remaining: size, wasOpen: false })
  }

  private submitMarket(taker: Taker): void {
    this.matcher.take(taker)
    const { id: order, side } = taker
    const best = this.book.best(opposite(side))
    const isUsedUp = taker.size === 0 || (best !== undefined && this.matcher.wanted(taker, best) === 0)
    const reason = isUsedUp && !taker.canceled ? 'filled' : 'canceled'
    this.log.done({ order, side, reason, price: undefined, remaining: undefined, wasOpen: false })
  }

  /** The change was told: matches follow, then what is left, or the end. */
  private takeAmended(order: RestingOrder, price: number, size: number): void {
    const { id, side, account, selfTrade } = order
    const taker: Taker = {
      ...{ id, side, account, price, selfTrade, size, funds: undefined, canceled: false, told: size },
    }
    this.book.lift(order)
    this.matcher.take(taker)
    const remaining = taker.size ?? 0
    if (remaining > 0 && !taker.canceled) {
      this.matcher.tellRemaining(taker)
      this.book.settle(order, price, remaining)
      return
    }
    this.book.forget(order)
    const reason = remaining === 0 ? 'filled' : 'canceled'
    this.log.done({ order: id, side, reason, price, remaining, wasOpen: true })
  }
}
