/**
 * Seeded random orders around a hidden fair price: what the engine is fed with. Owns its own clock, which advances with
 * each action; the same options give the same actions. What the figures rest on is told in docs/simulator.md.
 */
import { Activity } from './activity.ts'
import type { Engine, LivingOrder } from './engine.ts'
import { opposite } from './engine-book.ts'
import type { OrderSide } from './engine-event.ts'
import { FairPrice } from './fair-price.ts'
import { FLOW_PRESETS, type FlowPreset, type FlowPresetName } from './flow-preset.ts'
import { OrderPrices } from './order-prices.ts'
import type { LimitRequest, OrderRequest } from './order-request.ts'
import { OrderSizes } from './order-sizes.ts'
import { Rng } from './random.ts'
import { RecentOrders } from './recent-orders.ts'
import { anyAccount, anyPrevention, TakerOrders } from './taker-orders.ts'

export interface OrderFlowOptions {
  readonly engine: Engine
  readonly seed: number
  /** Microseconds since the Unix epoch. */
  readonly startTime: number
  /** The price it starts at, in units of the engine's price scale. */
  readonly price: number
  /** A common order size, in units of the engine's size scale. */
  readonly size: number
  /** About how many orders rest, both sides together; at least 100. */
  readonly orders: number
  /** Mean microseconds between two actions. */
  readonly meanGap: number
  /** `busy` when left out. */
  readonly preset?: FlowPresetName
  /** False: no order is amended. */
  readonly amends?: boolean
  /** The market it shares with other flows; one of its own when left out. */
  readonly underlying?: Underlying
}

/** A hidden fair price that several flows may follow. */
export interface Underlying {
  readonly seed: number
  /** Microseconds since the Unix epoch where its path begins. */
  readonly startTime: number
  /** Microseconds that this flow sees it late. */
  readonly lag: number
}

/** Of a thousand. */
const DISTANT = 60
const LADDER = 20
const UNIFORM_CANCEL = 80
/** Age, in orders, that most cancels and amendments do not pass. */
const AGE_SCALE = 6

/** One order of a ladder that a market maker lays out at once. */
interface Rungs {
  readonly order: LimitRequest
  left: number
}

export class OrderFlow {
  private readonly engine: Engine
  private readonly options: OrderFlowOptions
  private readonly preset: FlowPreset
  private readonly random: Rng
  private readonly path: FairPrice
  private readonly lag: number
  private readonly activity: Activity
  private readonly prices: OrderPrices
  private readonly sizes: OrderSizes
  private readonly takers: TakerOrders
  private readonly recent = new RecentOrders()
  /** A side with fewer orders is neither taken from nor canceled on. */
  private readonly fewest: number
  private fair: number
  private clock: number
  private ladder: Rungs | undefined

  /** The engine must be new: the flow knows only orders opened from here on. */
  constructor(options: OrderFlowOptions) {
    const { engine, seed, startTime, price, size, orders, meanGap } = options
    this.engine = engine
    this.options = options
    const preset = FLOW_PRESETS[options.preset ?? 'busy']
    this.preset = options.amends === false ? { ...preset, amending: 0 } : preset
    this.random = new Rng(seed)
    const underlying = options.underlying ?? { seed: this.random.next(), startTime, lag: 0 }
    this.path = new FairPrice({ ...underlying, price, preset: this.preset })
    this.lag = underlying.lag
    this.activity = new Activity(this.random, meanGap, this.preset)
    this.prices = new OrderPrices(engine, this.random, price, this.preset.spread)
    this.sizes = new OrderSizes(this.random, size, engine.sizeScale)
    this.fair = price
    this.clock = startTime
    this.fewest = Math.max(25, Math.floor(orders / 8))
    this.takers = new TakerOrders(engine, this.random, this.sizes, this.fewest)
  }

  /** Microseconds since the Unix epoch: when the next action happens. */
  get time(): number {
    return this.clock
  }

  /** The fair price as of the last action, in units of the price scale: what no reader of the venue is told. */
  get fairPrice(): number {
    return this.fair
  }

  /** Places orders until the book has its size: a few near the price, most far from it. */
  fill(): void {
    const { engine, random, options } = this
    while (engine.restingCount < options.orders) {
      this.clock += random.below(100)
      const side = engine.restingCount % 2 === 0 ? 'buy' : 'sell'
      this.rest(side, random.chance(200) ? this.prices.nearby(side, this.fair) : this.prices.distant(side, this.fair)) // prettier-ignore
    }
  }

  /** One action at `time`; then the clock advances, by nothing at times. */
  step(): void {
    this.fair = this.path.at(this.clock - this.lag)
    if (this.ladder !== undefined) this.climb(this.ladder)
    else this.act()
    if (this.ladder === undefined) this.clock += this.activity.nextGap()
  }

  private act(): void {
    const { random, engine, options, preset } = this
    const stale = this.staleSide()
    if (stale !== undefined && random.chance(600)) {
      this.correct(stale)
      return
    }
    const want = (1000 * (options.orders - engine.restingCount)) / options.orders
    const even = (1000 - preset.taking - preset.amending) / 2
    const roll = random.below(1000)
    if (roll < preset.taking) this.take()
    else if (roll < preset.taking + preset.amending) this.amend()
    else if (roll < preset.taking + preset.amending + even + Math.max(-200, Math.min(200, want))) this.place()
    else this.cancel()
  }

  /** The side whose best order stands on the wrong side of the fair price. */
  private staleSide(): OrderSide | undefined {
    const { engine, fair } = this
    if ((engine.best('sell') ?? fair) < fair) return 'sell'
    return (engine.best('buy') ?? fair) > fair ? 'buy' : undefined
  }

  /** The price has moved on: a stale order is canceled, moved, or taken together with its like. */
  private correct(side: OrderSide): void {
    const { engine, random, fair } = this
    const first = engine.first(side)
    if (first === undefined || engine.orderCount(side) < this.fewest) {
      this.place()
      return
    }
    const isFar = Math.abs(first.price - fair) > this.prices.near
    const roll = isFar ? 99 : random.below(100)
    const amends = this.preset.amending > 0
    if (roll < (amends ? 50 : 90)) engine.cancel(first.id, this.clock)
    else if (roll < 90) engine.amend(first.id, this.prices.nearby(side, fair), first.size, this.clock)
    else this.sweep(opposite(side), engine.reach(side, isFar ? 16 : 3).size, fair)
  }

  private sweep(side: OrderSide, most: number, limit: number): void {
    const { random } = this
    const terms = random.chance(700) ? 'ioc' : 'rest'
    const size = Math.max(1, Math.floor((most * random.between(500, 1000)) / 1000))
    this.submit(this.newOrder(side, limit, size, terms))
  }

  private anySide(): OrderSide {
    const { engine, random } = this
    const fewer = engine.orderCount('buy') <= engine.orderCount('sell') ? 'buy' : 'sell'
    return random.chance(540) ? fewer : opposite(fewer)
  }

  private place(): void {
    const { random, prices, fair } = this
    const side = this.anySide()
    const isDistant = random.chance(DISTANT)
    const order = this.rest(side, isDistant ? prices.distant(side, fair) : prices.nearby(side, fair))
    if (!isDistant && random.chance(LADDER)) this.ladder = { order, left: random.between(2, 6) }
  }

  /** The next rung, a unit farther away, of the same size, at the same time. */
  private climb(ladder: Rungs): void {
    const { order } = ladder
    const price = Math.max(1, order.price + (order.side === 'buy' ? -1 : 1))
    this.submit({ ...order, price })
    this.ladder =
      ladder.left > 1 && price > 1 ? { order: { ...order, price }, left: ladder.left - 1 } : undefined
  }

  private rest(side: OrderSide, price: number): LimitRequest {
    const size = this.sizes.draw(price)
    const order = this.newOrder(side, price, size, this.random.chance(350) ? 'post-only' : 'rest')
    this.submit(order)
    return order
  }

  // A whole literal: spreading costs as much as all the rest of an order.
  private newOrder(side: OrderSide, price: number, size: number, terms: LimitRequest['terms']): LimitRequest {
    const { random } = this
    const account = anyAccount(random)
    return { kind: 'limit', side, account, price, size, terms, selfTrade: anyPrevention(random) }
  }

  private submit(order: OrderRequest): void {
    const id = this.engine.submit(order, this.clock)
    const newest = this.engine.restingAt(this.engine.restingCount - 1)
    if (newest?.id === id) this.recent.add(newest)
  }

  /** Young most of the time: how long orders live has a heavy tail. */
  private any(): LivingOrder | undefined {
    const { random, engine } = this
    const young = random.chance(UNIFORM_CANCEL) ? undefined : this.recent.any(random, AGE_SCALE)
    return young ?? engine.restingAt(random.below(engine.restingCount))
  }

  private cancel(): void {
    const order = this.any()
    if (order === undefined || this.engine.orderCount(order.side) < this.fewest) this.place()
    else this.engine.cancel(order.id, this.clock)
  }

  private amend(): void {
    const { random, engine, fair } = this
    const order = this.any()
    if (order === undefined) {
      this.place()
      return
    }
    const { side } = order
    const roll = random.below(100)
    const isNear = Math.abs(order.price - fair) < this.prices.near * 20
    let price = roll < 60 && isNear ? this.prices.nearby(side, fair) : order.price
    if (roll === 0 && engine.orderCount(opposite(side)) > this.fewest)
      price = engine.best(opposite(side)) ?? price
    const smaller = Math.max(1, Math.floor((order.size * random.between(1, 9)) / 10))
    const kept = price !== order.price && roll < 45
    const size = kept ? order.size : roll < 85 ? smaller : order.size + this.sizes.draw(price)
    if (!engine.amend(order.id, price, size, this.clock)) this.place()
  }

  private take(): void {
    const order = this.takers.next(this.fair)
    if (order === undefined) this.place()
    else this.submit(order)
  }
}
