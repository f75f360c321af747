/** Words engine events as Coinbase's `full`, `level3` and `matches` messages. Text only; who gets it is not known here. */
import type {
  ChangeEvent,
  DoneEvent,
  EngineEvent,
  MatchEvent,
  ReceivedEvent,
} from '../engine/engine-event.ts'
import { NumberedTable } from '../engine/numbered-table.ts'
import { mix32 } from '../engine/random.ts'
import { orderUuid } from './coinbase-ids.ts'
import { type CoinbaseStyle, PLAIN_STYLE } from './coinbase-style.ts'
import { DecimalTexts } from './decimal-texts.ts'
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
  private readonly seed: number
  private readonly style: CoinbaseStyle
  private readonly prices: DecimalTexts
  private readonly sizes: DecimalTexts
  private readonly instant = new InstantText()
  /** Orders that may be named again; an order that is done leaves. */
  private readonly ids = new NumberedTable<string>()
  private placeTime = -1
  private place = ''

  /** `style`: of the feed's messages; plain when left out. */
  constructor(market: SimulatedMarket, style = PLAIN_STYLE) {
    this.style = style
    this.product = market.pair
    this.priceScale = market.priceScale
    this.seed = market.seed
    this.prices = new DecimalTexts(market.priceScale, style.isPadded)
    this.sizes = new DecimalTexts(market.sizeScale, style.isPadded)
  }

  id(order: number): string {
    return this.ids.get(order) ?? orderUuid(this.seed, order)
  }

  /** The same of an order that will be named again before it is done. */
  private keptId(order: number): string {
    const known = this.ids.get(order)
    if (known !== undefined) return known
    const id = orderUuid(this.seed, order)
    this.ids.set(order, id)
    return id
  }

  price(price: number): string {
    const text = this.prices.of(price)
    return this.style.isPadded && this.style.isOld
      ? text + '0'.repeat(Math.max(0, 8 - this.priceScale))
      : text
  }

  size(size: number): string {
    return this.sizes.of(size)
  }

  time(micros: number): string {
    return this.instant.of(micros)
  }

  /** Forgets the ids of orders that are done. Call it once per event, after rendering. */
  follow(event: EngineEvent): void {
    if (event.kind === 'done') this.ids.delete(event.order)
  }

  /** A message of the `full` channel. */
  full(event: EngineEvent): string {
    switch (event.kind) {
      case 'received':
        return this.received(event)
      case 'open':
        return this.message(
          'open',
          event,
          `"order_id":"${this.keptId(event.order)}","price":"${this.price(event.price)}","remaining_size":"${this.size(event.remaining)}"`,
        )
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
    return this.message(type, event, trade)
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

  /** What all messages of a transaction share. */
  private placeAt(time: number): string {
    if (time !== this.placeTime) {
      this.placeTime = time
      this.place = `"product_id":"${this.product}","time":"${this.time(time)}","sequence":`
    }
    return this.place
  }

  /** `own`: the fields of this type alone, without braces. */
  private message(type: string, event: EngineEvent, own: string): string {
    const place = `${this.placeAt(event.time)}${String(event.number)}`
    switch (this.style.keys) {
      case 'common-first':
        return `{"type":"${type}","side":"${event.side}",${place},${own}}`
      case 'own-first':
        return `{${own},"type":"${type}","side":"${event.side}",${place}}`
      case 'side-last':
        return `{"type":"${type}",${place},${own},"side":"${event.side}"}`
    }
  }

  private received(event: ReceivedEvent): string {
    const head = `"order_id":"${this.keptId(event.order)}"${this.clientId(event.order)}`
    if (event.price !== undefined)
      return this.message(
        'received',
        event,
        `${head},"order_type":"limit","size":"${this.size(event.size ?? 0)}","price":"${this.price(event.price)}"`,
      )
    const hasSize = event.size !== undefined || (this.style.isOld && event.order % 2 === 0)
    const size = hasSize ? `,"size":"${this.size(event.size ?? 0)}"` : ''
    const funds = event.funds === undefined ? '' : `,"funds":"${this.price(event.funds)}"`
    return this.message('received', event, `${head},"order_type":"market"${size}${funds}`)
  }

  /** Once everybody's `client_oid` was told; some clients gave none. */
  private clientId(order: number): string {
    if (!this.style.isOld || order % 3 === 0) return ''
    return `,"client_oid":"${order % 3 === 1 ? '' : orderUuid(mix32(this.seed), order)}"`
  }

  private done(event: DoneEvent): string {
    const head = `"order_id":"${this.id(event.order)}","reason":"${event.reason}"`
    if (event.price === undefined) return this.message('done', event, head)
    const { price, remaining = 0 } = event
    return this.message(
      'done',
      event,
      `${head},"price":"${this.price(price)}","remaining_size":"${this.size(remaining)}"`,
    )
  }

  private change(event: ChangeEvent): string {
    const { oldPrice, newPrice, oldSize, newSize, oldFunds, newFunds } = event
    const head = `"order_id":"${this.id(event.order)}"`
    const sizes =
      oldSize === undefined || newSize === undefined
        ? `"old_funds":"${this.price(oldFunds ?? 0)}","new_funds":"${this.price(newFunds ?? 0)}"`
        : `"old_size":"${this.size(oldSize)}","new_size":"${this.size(newSize)}"`
    if (event.reason === 'modify' && oldPrice !== undefined && newPrice !== undefined) {
      const prices = `"old_price":"${this.price(oldPrice)}","new_price":"${this.price(newPrice)}"`
      return this.message('change', event, `"reason":"modify_order",${head},${sizes},${prices}`)
    }
    const reason = this.style.isOld ? '' : '"reason":"STP",'
    if (oldPrice === undefined && this.style.isOld) return this.message('change', event, `${head},${sizes}`)
    const price = oldPrice === undefined ? 'null' : `"${this.price(oldPrice)}"`
    return this.message('change', event, `${reason}${head},${sizes},"price":${price}`)
  }
}
