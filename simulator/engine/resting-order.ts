/** What the engine's book is made of: orders and their queues. */
import type { OrderSide } from './engine-event.ts'
import type { SelfTradePrevention } from './order-request.ts'

export interface RestingOrder {
  readonly id: number
  readonly side: OrderSide
  /** Owner; 0 belongs to nobody. */
  readonly account: number
  /** Its wish should it be amended so that it takes. */
  readonly selfTrade: SelfTradePrevention
  /** Never takes: an amendment that would make it take is refused. */
  readonly isPostOnly: boolean
  price: number
  size: number
  /** Index among all resting orders; -1 once it no longer rests. */
  place: number
  previous: RestingOrder | undefined
  next: RestingOrder | undefined
  /** Where it stands; undefined while it stands nowhere. */
  queue: PriceQueue | undefined
}

/** One price and its queue. Never empty while it is in a side. */
export interface PriceQueue {
  readonly price: number
  size: number
  orders: number
  head: RestingOrder | undefined
  tail: RestingOrder | undefined
}
