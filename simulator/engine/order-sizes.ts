/**
 * Sizes of orders: spread over decades, many of them round, in units of the base or of the quote currency, some the
 * same again and again. Owns the memory of what was used lately.
 */
import { lognormal } from './heavy-tail.ts'
import type { Rng } from './random.ts'

const LEADING = [1, 1, 1, 1, 1, 2, 2, 2, 5, 5, 5, 3, 4, 2.5, 1.5] as const
const REMEMBERED = 64
/** No order is larger than so many common ones. */
const LARGEST = 2048

const powerOfTenBelow = (value: number): number => {
  let power = 1
  while (power * 10 <= value) power *= 10
  return power
}

export class OrderSizes {
  private readonly random: Rng
  private readonly common: number
  private readonly unit: number
  private readonly recent: number[] = []
  private next = 0

  /** `common`: half the orders are smaller, in units of 10^-sizeScale. */
  constructor(random: Rng, common: number, sizeScale: number) {
    this.random = random
    this.common = common
    this.unit = 10 ** sizeScale
  }

  /** A size for an order at a price; at least 1. */
  draw(price: number): number {
    const roll = this.random.below(100)
    if (roll < 12) {
      const again = this.recent[this.random.below(REMEMBERED)]
      if (again !== undefined) return again
    }
    const value = Math.min(this.common * LARGEST, this.common * lognormal(this.random))
    const size = Math.max(1, Math.round(roll < 36 ? this.round(value) : roll < 50 ? this.worth(value, price) : this.plain(value))) // prettier-ignore
    if (this.random.chance(60)) {
      this.recent[this.next] = size
      this.next = (this.next + 1) % REMEMBERED
    }
    return size
  }

  private round(value: number): number {
    return powerOfTenBelow(value) * this.random.pick(LEADING)
  }

  /** A round amount of the quote currency. */
  private worth(value: number, price: number): number {
    return (this.round((value / this.unit) * price) / price) * this.unit
  }

  /** Not round, but not always down to the last digit. */
  private plain(value: number): number {
    const roll = this.random.below(100)
    const step = roll < 55 ? 1 : powerOfTenBelow(value) / (roll < 80 ? 10_000 : 100)
    return step <= 1 ? value : Math.round(value / step) * step
  }
}
