/** Limits of orders that are meant to rest: most near the fair price, some far away and round. */
import type { Engine } from './engine.ts'
import { opposite } from './engine-book.ts'
import type { OrderSide } from './engine-event.ts'
import { patient } from './heavy-tail.ts'
import type { Rng } from './random.ts'

/** The farthest order, as a part of the price. */
const FARTHEST = 0.3

export class OrderPrices {
  /** The scale of the distance of near orders, in price units. */
  readonly near: number
  private readonly engine: Engine
  private readonly random: Rng
  /** A hundredth of the price or less: 1, 10, 100 ... */
  private readonly round: number

  /** `spread`: basis points. */
  constructor(engine: Engine, random: Rng, price: number, spread: number) {
    this.engine = engine
    this.random = random
    this.near = Math.max(2, (price * spread) / 10_000)
    this.round = 10 ** Math.max(0, String(Math.floor(price)).length - 2)
  }

  nearby(side: OrderSide, fair: number): number {
    const farthest = fair * FARTHEST
    const distance = 1 + Math.floor(Math.min(farthest, patient(this.random, this.near)))
    const unit = this.random.chance(120) ? Math.max(1, this.round / 1000) : 1
    return this.resting(side, fair, distance, unit)
  }

  distant(side: OrderSide, fair: number): number {
    const distance = 1 + Math.floor((fair * FARTHEST * this.random.next()) / 4294967296)
    const roll = this.random.below(100)
    const unit =
      roll < 35 ? this.round : roll < 50 ? this.round / 10 : roll < 58 ? this.round / 100 : roll < 70 ? this.round / 1000 : 1 // prettier-ignore
    return this.resting(side, fair, distance, Math.max(1, unit))
  }

  /** Rounded away from the fair price, and never where it would trade. */
  private resting(side: OrderSide, fair: number, distance: number, unit: number): number {
    const facing = this.engine.best(opposite(side))
    if (side === 'buy') {
      const price = Math.floor((fair - distance) / unit) * unit
      return Math.max(1, facing === undefined ? price : Math.min(price, facing - 1))
    }
    const price = Math.ceil((fair + distance) / unit) * unit
    return facing === undefined ? price : Math.max(price, facing + 1)
  }
}
