/**
 * Seeded random orders around a drifting price: what the engine is fed with. Owns its own clock, which advances with
 * each action; the same options give the same actions.
 */
import type { Engine } from './engine.ts'
import { opposite } from './engine-book.ts'
import type { OrderSide } from './engine-event.ts'
import { LiveOrders } from './live-orders.ts'
import { costOf, type SelfTradePrevention } from './order-request.ts'
import { Rng } from './random.ts'

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
}

/** Mean number of engine events that one action causes. */
export const EVENTS_PER_ACTION = 1.82

const ACCOUNTS = 400
const SELF_TRADE = ['dc', 'dc', 'dc', 'co', 'cn', 'cb'] as const
const ROUND_SIZES = [1, 2, 5, 10, 10, 20, 25, 50, 100] as const

export class OrderFlow {
  private readonly engine: Engine
  private readonly options: OrderFlowOptions
  private readonly random: Rng
  private readonly live = new LiveOrders()
  /** A side with fewer orders is neither taken from nor canceled on. */
  private readonly fewest: number
  private mid: number
  private clock: number
  private burstLeft = 0

  /** The engine must be new: the flow knows only orders opened from here on. */
  constructor(options: OrderFlowOptions) {
    this.engine = options.engine
    this.options = options
    this.random = new Rng(options.seed)
    this.mid = options.price
    this.clock = options.startTime
    this.fewest = Math.max(25, Math.floor(options.orders / 8))
    this.engine.subscribe((event) => this.live.apply(event))
  }

  /** Microseconds since the Unix epoch: when the next action happens. */
  get time(): number {
    return this.clock
  }

  /** Places orders until the book has its size. */
  fill(): void {
    while (this.live.count < this.options.orders) {
      this.clock += this.random.below(100)
      this.place(this.live.count % 2 === 0 ? 'buy' : 'sell')
    }
  }

  /** One action at `time`; then the clock advances, by nothing at times. */
  step(): void {
    this.act()
    this.advance()
  }

  private act(): void {
    this.drift()
    const want = Math.max(
      -200,
      Math.min(200, (1000 * (this.options.orders - this.live.count)) / this.options.orders),
    )
    const roll = this.random.below(1000)
    if (roll < 330 + want) this.place(this.passiveSide())
    else if (roll < 660) this.cancel()
    else if (roll < 890) this.amend()
    else this.aggress()
  }

  private advance(): void {
    const { meanGap } = this.options
    if (this.burstLeft === 0 && this.random.chance(30)) this.burstLeft = this.random.between(5, 60)
    if (this.burstLeft > 0) {
      this.burstLeft--
      if (!this.random.chance(300))
        this.clock += this.random.between(1, Math.max(1, Math.floor(meanGap / 10)))
    } else this.clock += this.random.exponential(Math.floor(meanGap * 1.9))
  }

  private drift(): void {
    const { price } = this.options
    const step = Math.max(1, Math.floor(price / 400_000))
    this.mid += this.random.between(-step, step)
    this.mid = Math.max(Math.floor(price / 2), Math.min(price * 2, this.mid))
  }

  private passiveSide(): OrderSide {
    const fewer = this.engine.orderCount('buy') <= this.engine.orderCount('sell') ? 'buy' : 'sell'
    return this.random.chance(600) ? fewer : opposite(fewer)
  }

  private place(side: OrderSide): void {
    const terms = this.random.chance(350) ? 'post-only' : 'rest'
    const price = this.passivePrice(side)
    const size = this.size()
    const account = this.account()
    this.engine.submit(
      { kind: 'limit', side, account, price, size, terms, selfTrade: this.selfTrade() },
      this.clock,
    )
  }

  /** A price that rests: near the middle mostly, far away sometimes, round more often than chance. */
  private passivePrice(side: OrderSide): number {
    const near = Math.max(2, Math.floor(this.options.price / 8_000))
    const distance = 1 + this.random.exponential(this.random.chance(150) ? near * 25 : near)
    const sign = side === 'buy' ? -1 : 1
    let price = this.mid + sign * distance
    const unit = near >= 10 && this.random.chance(200) ? 100 : 1
    if (unit > 1) price = (side === 'buy' ? Math.floor(price / unit) : Math.ceil(price / unit)) * unit
    const facing = this.engine.best(opposite(side))
    if (facing !== undefined)
      price = side === 'buy' ? Math.min(price, facing - 1) : Math.max(price, facing + 1)
    return Math.max(1, price)
  }

  private size(): number {
    const { size } = this.options
    if (this.random.chance(550)) return Math.max(1, Math.floor((size * this.random.pick(ROUND_SIZES)) / 10))
    return 1 + this.random.exponential(size * 2) + this.random.below(Math.max(1, Math.floor(size / 10)))
  }

  private account(): number {
    return this.random.between(1, ACCOUNTS)
  }

  private selfTrade(): SelfTradePrevention {
    return this.random.pick(SELF_TRADE)
  }

  private cancel(): void {
    const id = this.live.any(this.random)
    const order = id === undefined ? undefined : this.engine.order(id)
    if (order === undefined || this.engine.orderCount(order.side) < this.fewest)
      this.place(this.passiveSide())
    else this.engine.cancel(order.id, this.clock)
  }

  private amend(): void {
    const id = this.live.any(this.random)
    const order = id === undefined ? undefined : this.engine.order(id)
    if (order === undefined) return this.place(this.passiveSide())
    const roll = this.random.below(100)
    const price = roll < 55 ? this.passivePrice(order.side) : order.price
    const smaller = Math.max(1, Math.floor((order.size * this.random.between(1, 9)) / 10))
    const size = roll < 30 ? order.size : roll < 80 ? smaller : order.size + this.size()
    if (!this.engine.amend(order.id, price, size, this.clock)) this.place(this.passiveSide())
  }

  /** An order that takes, no more than the first few orders of the other side hold. */
  private aggress(): void {
    const side = this.takingSide()
    const facing = this.engine.orders(opposite(side), 8)
    const best = facing[0]
    if (best === undefined || this.engine.orderCount(opposite(side)) < this.fewest)
      return this.place(this.passiveSide())
    const held = facing.reduce((sum, order) => sum + order.size, 0)
    const size = Math.min(held, this.random.chance(250) ? best.size + this.size() : this.size())
    const account = this.random.chance(80) ? this.engine.bestAccount(opposite(side)) : this.account()
    const selfTrade = this.selfTrade()
    const roll = this.random.below(100)
    if (roll < 45) {
      const hasFunds = side === 'buy' && roll < 22
      const funds = hasFunds ? Math.max(1, costOf(size, best.price, this.engine.sizeScale)) : undefined
      const order = { kind: 'market', side, account, selfTrade, funds } as const
      this.engine.submit({ ...order, size: hasFunds && roll >= 5 ? undefined : size }, this.clock)
      return
    }
    const terms = roll < 70 ? 'rest' : roll < 80 ? 'ioc' : roll < 90 ? 'fok' : 'post-only'
    const reach = facing[this.random.below(facing.length)]?.price ?? best.price
    this.engine.submit({ kind: 'limit', side, account, price: reach, size, terms, selfTrade }, this.clock)
  }

  /** The side that pulls the book back to where the price has drifted, mostly. */
  private takingSide(): OrderSide {
    const middle = ((this.engine.best('buy') ?? this.mid) + (this.engine.best('sell') ?? this.mid)) / 2
    const pulling = middle <= this.mid ? 'buy' : 'sell'
    return this.random.chance(700) ? pulling : opposite(pulling)
  }
}
