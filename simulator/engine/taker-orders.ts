/** Orders that are meant to take: at market by size or by funds, or at a limit, some of them against their own account. */
import type { Engine, LivingOrder } from './engine.ts'
import { opposite } from './engine-book.ts'
import type { OrderSide } from './engine-event.ts'
import { costOf, type OrderRequest, type SelfTradePrevention } from './order-request.ts'
import type { OrderSizes } from './order-sizes.ts'
import type { Rng } from './random.ts'

const ACCOUNTS = 400
const SELF_TRADE = ['dc', 'dc', 'dc', 'co', 'cn', 'cb'] as const
/** An order is no larger than so many of the first orders it meets. */
const MET = 8

export const anyAccount = (random: Rng): number => random.between(1, ACCOUNTS)

export const anyPrevention = (random: Rng): SelfTradePrevention => random.pick(SELF_TRADE)

export class TakerOrders {
  private readonly engine: Engine
  private readonly random: Rng
  private readonly sizes: OrderSizes
  private readonly fewest: number
  private side: OrderSide = 'buy'

  /** `fewest`: a side with fewer orders is not taken from. */
  constructor(engine: Engine, random: Rng, sizes: OrderSizes, fewest: number) {
    this.engine = engine
    this.random = random
    this.sizes = sizes
    this.fewest = fewest
  }

  /** Undefined where there is too little to take. */
  next(fair: number): OrderRequest | undefined {
    const { random, engine } = this
    const side = this.nextSide(fair)
    const facing = opposite(side)
    const best = engine.first(facing)
    if (best === undefined || engine.orderCount(facing) < this.fewest) return undefined
    const isOwn = random.chance(200)
    const account = isOwn ? best.account : anyAccount(random)
    const prevention = anyPrevention(random)
    // An order that cancels its own makers is not used up by them: it must not be meant for them.
    const selfTrade = prevention === 'co' && !isOwn ? 'dc' : prevention
    const size = this.size(best, isOwn, selfTrade)
    const roll = random.below(100)
    if (roll < 45) return this.market({ side, account, size, selfTrade }, roll < 32 ? best.price : undefined)
    const terms = roll < 70 ? 'rest' : roll < 80 ? 'ioc' : roll < 90 ? 'fok' : 'post-only'
    const { price } = engine.reach(facing, random.between(1, MET))
    return { kind: 'limit', side, account, price, size, terms, selfTrade }
  }

  private size(best: LivingOrder, isOwn: boolean, selfTrade: SelfTradePrevention): number {
    const cancelsBest = isOwn && selfTrade === 'co'
    const drawn = this.sizes.draw(best.price)
    const atBest = !cancelsBest && this.random.chance(isOwn ? 600 : 250) ? best.size : 0
    const held = this.engine.reach(best.side, MET).size - (cancelsBest ? best.size : 0)
    return Math.max(1, Math.min(held, atBest + drawn))
  }

  /** By funds where a price is given and the side may have them, some of those by size too. */
  private market(
    order: { side: OrderSide; account: number; size: number; selfTrade: SelfTradePrevention },
    price: number | undefined,
  ): OrderRequest {
    const { side, account, size, selfTrade } = order
    if (side === 'sell' || price === undefined)
      return { kind: 'market', side, account, size, funds: undefined, selfTrade }
    const funds = Math.max(1, costOf(size, price, this.engine.sizeScale))
    const isByFundsAlone = this.random.chance(770)
    return { kind: 'market', side, account, size: isByFundsAlone ? undefined : size, funds, selfTrade }
  }

  /** Often the side that took before; else mostly the one that pulls the book to the fair price. */
  private nextSide(fair: number): OrderSide {
    const { engine, random } = this
    if (random.chance(500)) return this.side
    const middle = ((engine.best('buy') ?? fair) + (engine.best('sell') ?? fair)) / 2
    this.side = middle <= fair === random.chance(700) ? 'buy' : 'sell'
    return this.side
  }
}
