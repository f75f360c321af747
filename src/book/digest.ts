/** The canonical rendering of a whole book and its SHA-256, the same for equal books whatever their scales. */
import { createHash } from 'node:crypto'

import type { BookView } from '../market/book-view.ts'
import { decimalText, shortestDecimal } from '../market/decimal.ts'
import type { OrderHandle } from '../market/order-ids.ts'
import type { BookSide } from '../market/side.ts'

/** An order as decimal text; any spelling of a value gives the same digest. */
export interface OrderRow {
  readonly price: string
  readonly size: string
  readonly id: string
}

/** A level as decimal text; any spelling of a value gives the same digest. */
export interface LevelRow {
  readonly price: string
  readonly size: string
  readonly orderCount?: number | undefined
}

// Hashing block by block keeps a book of any size out of one string; larger blocks measured no faster.
const BLOCK_LENGTH = 1 << 16

class Rendering {
  private readonly hash = createHash('sha256')
  private block: string

  constructor(kind: BookView['kind']) {
    this.block = `${kind}\n`
  }

  row(mark: 'a' | 'b', price: string, size: string, last: string): void {
    this.block += `${mark} ${price} ${size} ${last}\n`
    if (this.block.length < BLOCK_LENGTH) return
    this.hash.update(this.block, 'utf8')
    this.block = ''
  }

  digest(): string {
    return this.hash.update(this.block, 'utf8').digest('hex')
  }
}

const markOf = (side: BookSide): 'a' | 'b' => (side === 'bid' ? 'b' : 'a')

const countText = (orderCount: number | undefined): string =>
  orderCount === undefined ? '-' : String(orderCount)

/**
 * SHA-256 in lower-case hex over this UTF-8 text; every line ends in one line feed, fields are parted by one space:
 *
 *     orders                      or: levels
 *     b <price> <size> <last>     each bid, best first
 *     a <price> <size> <last>     each ask, best first
 *
 * By orders there is a line for each order, those of one price in queue order, and `last` is the venue's id of it. By
 * levels there is a line for each level, and `last` is its order count in decimal, or `-` where the venue tells none.
 * Prices and sizes are the shortest plain decimals: no exponent, no plus, no zeros before the first digit but a single
 * one before the point, none at the end of a fraction, no point without a fraction, zero as `0`: `-0.05`, `100`, `0.5`.
 * An empty book renders as its first line alone. Scales and `queueKnown` are not rendered. `orderId` must know every
 * order of the book.
 */
export const bookDigest = (book: BookView, orderId: (order: OrderHandle) => string): string => {
  const rendering = new Rendering(book.kind)
  if (book.kind === 'orders') {
    renderOrders(rendering, book, 'bid', orderId)
    renderOrders(rendering, book, 'ask', orderId)
  } else {
    renderLevels(rendering, book, 'bid')
    renderLevels(rendering, book, 'ask')
  }
  return rendering.digest()
}

const renderOrders = (
  rendering: Rendering,
  book: BookView,
  side: BookSide,
  orderId: (order: OrderHandle) => string,
): void => {
  const { priceScale, sizeScale } = book
  const mark = markOf(side)
  let rendered: number | undefined
  let priceText = ''
  book.forEachOrder(side, (order, price, size) => {
    if (price !== rendered) {
      rendered = price
      priceText = decimalText(price, priceScale)
    }
    rendering.row(mark, priceText, decimalText(size, sizeScale), orderId(order))
  })
}

const renderLevels = (rendering: Rendering, book: BookView, side: BookSide): void => {
  for (const level of book.top(side)) {
    const price = decimalText(level.price, book.priceScale)
    const size = decimalText(level.size, book.sizeScale)
    rendering.row(markOf(side), price, size, countText(level.orderCount))
  }
}

const canonical = (text: string): string => {
  const shortest = shortestDecimal(text)
  if (shortest === undefined) throw new RangeError(`not a decimal: ${text}`)
  return shortest
}

/**
 * What `bookDigest` gives for a book of these orders: best price first, each price in queue order. Throws RangeError
 * when a price or size is no decimal.
 */
export const digestOrderRows = (bids: Iterable<OrderRow>, asks: Iterable<OrderRow>): string => {
  const rendering = new Rendering('orders')
  for (const row of bids) rendering.row('b', canonical(row.price), canonical(row.size), row.id)
  for (const row of asks) rendering.row('a', canonical(row.price), canonical(row.size), row.id)
  return rendering.digest()
}

/**
 * What `bookDigest` gives for a book of these levels, best price first. Throws RangeError when a price or size is no
 * decimal.
 */
export const digestLevelRows = (bids: Iterable<LevelRow>, asks: Iterable<LevelRow>): string => {
  const rendering = new Rendering('levels')
  for (const row of bids)
    rendering.row('b', canonical(row.price), canonical(row.size), countText(row.orderCount))
  for (const row of asks)
    rendering.row('a', canonical(row.price), canonical(row.size), countText(row.orderCount))
  return rendering.digest()
}
