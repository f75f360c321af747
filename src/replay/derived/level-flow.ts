/**
 * What each event does to the quantity at a price, for books by order and by level alike: the common ground of level
 * changes and order flow. Tells nothing of a book that may not be used; what it tells adds up to the book exactly.
 */
import type { InvalidReason, RemovalCause } from '../../market/event.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import { type Price, type Size } from '../../market/price.ts'
import type { AggressorSide, BookSide } from '../../market/side.ts'
import type { StreamState } from '../stream-state.ts'
import { LevelSizes } from './level-sizes.ts'
import { QuietSink } from './quiet-sink.ts'
import { RestingOrders } from './resting-orders.ts'

/**
 * Why a quantity changed. `added`: an order came. `traded`: a trade took it, or it left filled. `cancelled`: an order left without a trade.
 * `changed`: an order was amended. `removed`: it left, and the venue does not say why. `set`: the venue tells levels only.
 */
export type FlowCause = 'added' | 'traded' | 'cancelled' | 'changed' | 'removed' | 'set'

/** Is told what happens to one stream's levels, after the book has taken it. */
export interface LevelFlowTarget {
  /** A usable book begins: from the venue's snapshot, or as it stands where the replay begins. Read it. */
  readonly began: () => void
  /** The quantity at a price grew or shrank by `delta`, not zero, in units of the book's sizes. */
  readonly moved: (side: BookSide, price: number, delta: number, cause: FlowCause) => void
  /** The scales of the book grew; everything known before is to be converted. */
  readonly rescaled: (fromPrice: number, toPrice: number, fromSize: number, toSize: number) => void
  /** The book may not be used any more. */
  readonly broke: (reason: InvalidReason) => void
}

export class LevelFlow extends QuietSink {
  private readonly state: StreamState
  private readonly target: LevelFlowTarget
  private readonly orders = new RestingOrders()
  private readonly levels = new LevelSizes()
  /** The book may be used and what is kept here equals it. */
  private isKnown = false
  private priceScale = 0
  private sizeScale = 0
  /** The maker of the trade told last: what its order loses next was traded. */
  private maker: OrderHandle = NO_ORDER

  constructor(state: StreamState, target: LevelFlowTarget) {
    super()
    this.state = state
    this.target = target
  }

  /** To be called before each entry: takes up a book that is known from before the range or from a keyframe. */
  entryBegins(): void {
    this.maker = NO_ORDER
    if (!this.isKnown && this.state.isValid) this.begin()
  }

  private begin(): void {
    const { orders, levels } = this
    const { book } = this.state
    this.priceScale = book.priceScale
    this.sizeScale = book.sizeScale
    orders.clear()
    levels.clear()
    for (const side of ['bid', 'ask'] as const) {
      if (book.kind === 'orders') book.forEachOrder(side, (order, price, size) => { orders.put(order, side, price, size) }) // prettier-ignore
      else book.forEachLevel(side, (price, size) => { levels.put(side, price, size) }) // prettier-ignore
    }
    this.isKnown = true
    this.target.began()
  }

  override instrument(priceScale: number, sizeScale: number): void {
    if (!this.isKnown) return
    const { priceScale: fromPrice, sizeScale: fromSize } = this
    const { book } = this.state
    // A book that refused the new scales is about to be given up.
    if (book.priceScale !== priceScale || book.sizeScale !== sizeScale) return
    if (priceScale === fromPrice && sizeScale === fromSize) return
    this.orders.rescale(fromPrice, priceScale, fromSize, sizeScale)
    this.levels.rescale(fromPrice, priceScale, fromSize, sizeScale)
    this.priceScale = priceScale
    this.sizeScale = sizeScale
    this.target.rescaled(fromPrice, priceScale, fromSize, sizeScale)
  }

  override bookStarted(): void {
    this.stop('resubscribe')
  }

  override bookValid(): void {
    if (!this.isKnown) this.begin()
  }

  override bookInvalid(reason: InvalidReason): void {
    this.stop(reason)
  }

  private stop(reason: InvalidReason): void {
    if (!this.isKnown) return
    this.isKnown = false
    this.target.broke(reason)
  }

  override orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size): void {
    if (!this.isKnown || this.orders.has(order) || !this.state.book.has(order)) return
    this.orders.put(order, side, price, size)
    this.target.moved(side, price, size, 'added')
  }

  override orderChanged(
    order: OrderHandle,
    price: Price,
    size: Size,
    oldPrice: Price | undefined,
    oldSize: Size | undefined,
  ): void {
    const { orders, target } = this
    const sizeBefore = orders.sizeOf(order)
    if (!this.isKnown || sizeBefore === 0 || !(size >= 0)) return
    const side = orders.sideOf(order)
    const priceBefore = orders.priceOf(order)
    // The book refuses what contradicts it, and so must this.
    if (oldPrice !== undefined && oldPrice !== priceBefore) return
    if (oldSize !== undefined && oldSize !== sizeBefore) return
    const canOverflow = price !== priceBefore || size > sizeBefore
    if (canOverflow && size > 0 && this.state.book.orderAt(order)?.size !== size) return
    orders.put(order, side, price, size)
    if (price === priceBefore || size === 0) {
      if (size !== sizeBefore) target.moved(side, priceBefore, size - sizeBefore, 'changed')
      return
    }
    target.moved(side, priceBefore, -sizeBefore, 'changed')
    target.moved(side, price, size, 'changed')
  }

  override orderReduced(order: OrderHandle, by: Size): void {
    const { orders } = this
    const sizeBefore = orders.sizeOf(order)
    if (!this.isKnown || sizeBefore === 0 || !(by > 0) || by > sizeBefore) return
    const side = orders.sideOf(order)
    const price = orders.priceOf(order)
    orders.put(order, side, price, sizeBefore - by)
    const isTrade = order === this.maker
    this.maker = NO_ORDER
    this.target.moved(side, price, 0 - by, isTrade ? 'traded' : 'changed')
  }

  override orderRemoved(order: OrderHandle, cause: RemovalCause): void {
    const { orders } = this
    const size = orders.sizeOf(order)
    if (!this.isKnown || size === 0) return
    const side = orders.sideOf(order)
    const price = orders.priceOf(order)
    orders.put(order, side, price, 0)
    this.target.moved(side, price, -size, FLOW_OF_REMOVAL[cause])
  }

  override levelSet(side: BookSide, price: Price, size: Size): void {
    if (!this.isKnown) return
    const delta = size - this.levels.sizeAt(side, price)
    if (delta === 0 || this.state.book.sizeAt(side, price) !== size) return
    this.levels.put(side, price, size)
    this.target.moved(side, price, delta, 'set')
  }

  override traded(
    _tradeId: number | undefined,
    _price: Price,
    _size: Size,
    _aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    this.maker = maker
  }
}

const FLOW_OF_REMOVAL: Readonly<Record<RemovalCause, FlowCause>> = {
  filled: 'traded',
  canceled: 'cancelled',
  unknown: 'removed',
}
