/** The orders that came to rest lately, newest first: to pick one whose age has a heavy tail. Owns a bounded memory. */
import type { LivingOrder } from './engine.ts'
import { lasting } from './heavy-tail.ts'
import type { Rng } from './random.ts'

const KEPT = 4096
const TRIES = 8

export class RecentOrders {
  private readonly kept: (LivingOrder | undefined)[] = new Array<undefined>(KEPT).fill(undefined)
  private count = 0

  add(order: LivingOrder): void {
    this.kept[this.count++ % KEPT] = order
  }

  /** One that still rests; undefined when none was found in a few tries. */
  any(random: Rng, scale: number): LivingOrder | undefined {
    const reach = Math.min(KEPT, this.count)
    for (let index = 0; index < TRIES; index++) {
      const age = Math.floor(lasting(random, scale))
      if (age >= reach) continue
      const order = this.kept[(this.count - 1 - age) % KEPT]
      if (order !== undefined && order.place >= 0) return order
    }
    return undefined
  }
}
