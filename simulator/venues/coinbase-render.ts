/** Words engine events as Coinbase's `full`, `level3` and `matches` messages. Text only; who gets it is not known here. */
import { decimalText } from '../../src/index.ts'
import type {
  ChangeEvent,
  DoneEvent,
  EngineEvent,
  MatchEvent,
  ReceivedEvent,
} from '../engine/engine-event.ts'
import { orderUuid } from './coinbase-ids.ts'
import { InstantText } from './instant-text.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

/** The first frame of `level3`: the columns of its arrays. */
export const LEVEL3_SCHEMA = JSON.stringify({
  type: 'level3',
  schema: {
    change: ['type', 'product_id', 'sequence', 'order_id', 'price', 'size', 'time'],
    done: ['type', 'product_id', 'sequence', 'order_id', 'time'],
    match: ['type', 'product_id', 'sequence', 'maker_order_id', 'taker_order_id', 'price', 'size', 'time'],
    noop: ['type', 'product_id', 'sequence', 'time'],
    open: ['type', 'product_id', 'sequence', 'order_id', 'side', 'price', 'size', 'time'],
  },
})

export class CoinbaseRenderer {
  private readonly product: string
  private readonly priceScale: number
  private readonly sizeScale: number
  private readonly seed: number
  private readonly instant = new InstantText()
  /** Orders that may be named again; an order that is done leaves. */
  private readonly ids = new Map<number, string>()

  constructor(market: SimulatedMarket) {
    this.product = market.pair
    this.priceScale = market.priceScale
    this.sizeScale = market.sizeScale
    this.seed = market.seed
  }

  id(order: number): string {
    return this.ids.get(order) ?? orderUuid(this.seed, order)
  }

  price(price: number): string {
    return decimalText(price, this.priceScale)
  }

  size(size: number): string {
    return decimalText(size, this.sizeScale)
  }

  time(micros: number): string {
    return this.instant.of(micros)
  }

  /** Keeps the ids of living orders at hand. Call it once per event, after rendering. */
  follow(event: EngineEvent): void {
    if (event.kind === 'open') this.ids.set(event.order, orderUuid(this.seed, event.order))
    else if (event.kind === 'done') this.ids.delete(event.order)
  }

  /** A message of the `full` channel. */
  full(event: EngineEvent): string {
    switch (event.kind) {
      case 'received':
        return this.received(event)
      case 'open':
        return `${this.head('open', event)},"order_id":"${this.id(event.order)}","price":"${this.price(event.price)}","remaining_size":"${this.size(event.remaining)}"}`
      case 'match':
        return this.match('match', event)
      case 'done':
        return this.done(event)
      case 'change':
        return this.change(event)
    }
  }

  /** `last_match` is the same message about a trade that is history. */
  match(type: 'match' | 'last_match', event: MatchEvent): string {
    const orders = `"maker_order_id":"${this.id(event.maker)}","taker_order_id":"${this.id(event.taker)}"`
    const trade = `"trade_id":${String(event.trade)},${orders},"size":"${this.size(event.size)}","price":"${this.price(event.price)}"`
    return `${this.head(type, event)},${trade}}`
  }

  /** A message of the `level3` channel; `noop` where the book does not change. */
  level3(event: EngineEvent): string {
    const tail = `"${this.time(event.time)}"]`
    const head = (type: string): string => `["${type}","${this.product}","${String(event.number)}",`
    if (event.kind === 'open')
      return `${head('open')}"${this.id(event.order)}","${event.side}","${this.price(event.price)}","${this.size(event.remaining)}",${tail}`
    if (event.kind === 'match')
      return `${head('match')}"${this.id(event.maker)}","${this.id(event.taker)}","${this.price(event.price)}","${this.size(event.size)}",${tail}`
    if (event.kind === 'done' && event.wasOpen) return `${head('done')}"${this.id(event.order)}",${tail}`
    if (event.kind === 'change' && event.isOpen)
      return `${head('change')}"${this.id(event.order)}","${this.price(event.newPrice ?? 0)}","${this.size(event.newSize ?? 0)}",${tail}`
    return head('noop') + tail
  }

  private head(type: string, event: EngineEvent): string {
    return `{"type":"${type}","side":"${event.side}","product_id":"${this.product}","time":"${this.time(event.time)}","sequence":${String(event.number)}`
  }

  private received(event: ReceivedEvent): string {
    const head = `${this.head('received', event)},"order_id":"${this.id(event.order)}"`
    if (event.price !== undefined)
      return `${head},"order_type":"limit","size":"${this.size(event.size ?? 0)}","price":"${this.price(event.price)}"}`
    const size = event.size === undefined ? '' : `,"size":"${this.size(event.size)}"`
    const funds = event.funds === undefined ? '' : `,"funds":"${this.price(event.funds)}"`
    return `${head},"order_type":"market"${size}${funds}}`
  }

  private done(event: DoneEvent): string {
    const head = `${this.head('done', event)},"order_id":"${this.id(event.order)}","reason":"${event.reason}"`
    if (event.price === undefined) return `${head}}`
    return `${head},"price":"${this.price(event.price)}","remaining_size":"${this.size(event.remaining ?? 0)}"}`
  }

  private change(event: ChangeEvent): string {
    const { oldPrice, newPrice, oldSize, newSize, oldFunds, newFunds } = event
    const head = `${this.head('change', event)},"order_id":"${this.id(event.order)}"`
    const sizes =
      oldSize === undefined || newSize === undefined
        ? `"old_funds":"${this.price(oldFunds ?? 0)}","new_funds":"${this.price(newFunds ?? 0)}"`
        : `"old_size":"${this.size(oldSize)}","new_size":"${this.size(newSize)}"`
    if (event.reason === 'modify' && oldPrice !== undefined && newPrice !== undefined)
      return `${head},"reason":"modify_order",${sizes},"old_price":"${this.price(oldPrice)}","new_price":"${this.price(newPrice)}"}`
    const price = oldPrice === undefined ? 'null' : `"${this.price(oldPrice)}"`
    return `${head},"reason":"STP",${sizes},"price":${price}}`
  }
}
