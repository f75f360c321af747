/** The slow and obvious book by orders that the real one is compared with: an array, sorted again for every question. */
import { digestOrderRows, type OrderRow } from '../../src/book/digest.ts'
import type { InvalidReason } from '../../src/market/event.ts'
import type { BookSide } from '../../src/market/side.ts'

interface NaiveOrder {
  readonly handle: number
  readonly side: BookSide
  readonly rank: number
  price: bigint
  size: bigint
  /** When it took its present place. */
  since: number
  readonly openedAt: number
  readonly isOpeningSeen: boolean
}

const LIMIT = BigInt(Number.MAX_SAFE_INTEGER)
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value)

export class NaiveOrderBook {
  all: NaiveOrder[] = []
  scales = { price: 0, size: 0 }
  private wanted = { price: 0, size: 0 }
  queueKnown = false
  now = 0
  isInSnapshot = false
  private clock = 0

  find(handle: number): NaiveOrder | undefined {
    return this.all.find((order) => order.handle === handle)
  }

  side(side: BookSide): readonly NaiveOrder[] {
    const direction = side === 'ask' ? 1 : -1
    return this.all
      .filter((order) => order.side === side)
      .sort((a, b) => direction * Number(a.price - b.price) || a.rank - b.rank || a.since - b.since)
  }

  queue(side: BookSide, price: bigint): readonly NaiveOrder[] {
    return this.side(side).filter((order) => order.price === price)
  }

  private total(side: BookSide, price: bigint): bigint {
    return this.queue(side, price).reduce((sum, order) => sum + order.size, 0n)
  }

  clear(queueKnown: boolean): void {
    this.all = []
    this.isInSnapshot = true
    this.queueKnown = queueKnown
    this.scales = this.wanted
  }

  rescale(price: number, size: number): InvalidReason | undefined {
    if (price > 15 || size > 15) return 'not-representable'
    this.wanted = { price, size }
    if (price < this.scales.price || size < this.scales.size) return 'contradiction'
    const priceFactor = 10n ** BigInt(price - this.scales.price)
    const sizeFactor = 10n ** BigInt(size - this.scales.size)
    const isTooLarge = this.all.some(
      (order) =>
        magnitude(order.price * priceFactor) > LIMIT ||
        this.total(order.side, order.price) * sizeFactor > LIMIT,
    )
    if (isTooLarge) return 'not-representable'
    for (const order of this.all) {
      order.price *= priceFactor
      order.size *= sizeFactor
    }
    this.scales = this.wanted
    return undefined
  }

  open(handle: number, side: BookSide, price: bigint, size: bigint, rank: number): InvalidReason | undefined {
    if (size <= 0n || handle < 0 || this.find(handle) !== undefined) return 'contradiction'
    if (this.total(side, price) + size > LIMIT) return 'not-representable'
    const opening = { openedAt: this.now, isOpeningSeen: !this.isInSnapshot }
    this.all.push({ handle, side, rank, price, size, since: this.clock++, ...opening })
    return undefined
  }

  change(
    handle: number,
    price: bigint,
    size: bigint,
    oldPrice: bigint | undefined,
    oldSize: bigint | undefined,
  ): InvalidReason | undefined {
    const order = this.find(handle)
    if (order === undefined || size < 0n) return 'contradiction'
    if ((oldPrice ?? order.price) !== order.price || (oldSize ?? order.size) !== order.size)
      return 'contradiction'
    if (size === 0n) {
      this.remove(handle)
      return undefined
    }
    const others = this.queue(order.side, price).filter((other) => other !== order)
    if (others.reduce((sum, other) => sum + other.size, size) > LIMIT) return 'not-representable'
    if (price !== order.price || size > order.size) order.since = this.clock++
    order.price = price
    order.size = size
    return undefined
  }

  reduce(handle: number, by: bigint): InvalidReason | undefined {
    const order = this.find(handle)
    if (order === undefined || by < 0n || by > order.size) return 'contradiction'
    order.size -= by
    if (order.size === 0n) this.remove(handle)
    return undefined
  }

  remove(handle: number): boolean {
    const before = this.all.length
    this.all = this.all.filter((order) => order.handle !== handle)
    return this.all.length < before
  }

  levels(side: BookSide): { price: number; size: number; orderCount: number }[] {
    const prices = [...new Set(this.side(side).map((order) => order.price))]
    return prices.map((price) => ({
      price: Number(price),
      size: Number(this.total(side, price)),
      orderCount: this.queue(side, price).length,
    }))
  }

  /** The digest from rows in another spelling than the book's own. */
  digest(idOf: (handle: number) => string): string {
    const rows = (side: BookSide): OrderRow[] =>
      this.side(side).map((order) => ({
        price: `${String(order.price)}e-${String(this.scales.price)}`,
        size: `${String(order.size)}e-${String(this.scales.size)}`,
        id: idOf(order.handle),
      }))
    return digestOrderRows(rows('bid'), rows('ask'))
  }
}
