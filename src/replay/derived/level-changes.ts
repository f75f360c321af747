/** Level changes of any book: an L3 feed told as an L2 feed, an L2 feed passed through. Owns the rows alone. */
import type { InvalidReason } from '../../market/event.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type Price, priceOf, type Size, sizeOf } from '../../market/price.ts'
import type { BookSide } from '../../market/side.ts'
import type { Micros } from '../../market/time.ts'
import type { ReplayVisitor, StreamState } from '../stream-state.ts'
import { type FlowCause, LevelFlow, type LevelFlowTarget } from './level-flow.ts'
import { PerStream } from './per-stream.ts'

/** The size at one price has become another one. The object is used again for the next one: copy what you keep. */
export interface LevelChangeRow {
  readonly stream: StreamId
  /** The entry that told it, and when that was received. */
  readonly seq: number
  readonly receiveTime: Micros
  /** The venue's time; undefined where it tells none. */
  readonly exchangeTime: Micros | undefined
  readonly side: BookSide
  /** In 10^-priceScale. */
  readonly price: Price
  /** The total size at this price from here on, in 10^-sizeScale; zero: the level is gone. */
  readonly size: Size
  /** How much it grew; negative: shrank. The whole size for a level of the book that begins. */
  readonly delta: number
  readonly priceScale: number
  readonly sizeScale: number
  /** Why; `began`: it was there in the book that begins. */
  readonly cause: FlowCause | 'began'
}

/** Where level changes go. */
export interface LevelChangeConsumer {
  /** A level's size is another one from here on. */
  readonly changed: (row: LevelChangeRow) => void
  /**
   * A usable book begins, or the book at hand has finer scales: what was known is void. A row for each of its levels follows, bids then asks, best first.
   */
  readonly began?: ((state: StreamState) => void) | undefined
  /** The book may not be used any more: no row comes until the next one begins. */
  readonly broke?: ((state: StreamState, reason: InvalidReason) => void) | undefined
}

class ChangeRow implements LevelChangeRow {
  readonly stream: StreamId
  seq = 0
  receiveTime: Micros
  exchangeTime: Micros | undefined = undefined
  side: BookSide = 'bid'
  price = priceOf(0)
  size = sizeOf(0)
  delta = 0
  priceScale = 0
  sizeScale = 0
  cause: FlowCause | 'began' = 'began'

  constructor({ stream, receiveTime }: StreamState) {
    this.stream = stream
    this.receiveTime = receiveTime
  }
}

const newTarget = (state: StreamState, consumer: LevelChangeConsumer): LevelFlowTarget => {
  const row = new ChangeRow(state)
  const tell = (
    side: BookSide,
    price: Price,
    size: Size,
    delta: number,
    cause: FlowCause | 'began',
  ): void => {
    const { book } = state
    row.seq = state.seq
    row.receiveTime = state.receiveTime
    row.exchangeTime = state.exchangeTime
    row.side = side
    row.price = price
    row.size = size
    row.delta = delta
    row.priceScale = book.priceScale
    row.sizeScale = book.sizeScale
    row.cause = cause
    consumer.changed(row)
  }
  const begin = (): void => {
    consumer.began?.(state)
    for (const side of ['bid', 'ask'] as const)
      state.book.forEachLevel(side, (price, size) => {
        tell(side, price, size, size, 'began')
      })
  }
  return {
    began: begin,
    moved: (side, price, delta, cause) => {
      const at = priceOf(price)
      tell(side, at, state.book.sizeAt(side, at), delta, cause)
    },
    rescaled: begin,
    broke: (reason) => consumer.broke?.(state, reason),
  }
}

/**
 * Tells every change of a level's size, event by event in replay order, of usable books alone. The rows between two
 * `began` rebuild the book's levels exactly. Sizes inside a transaction are told as it goes on: pair it with
 * `transactionEnded` of a visitor of your own, by `visitAll`, to see only whole ones.
 */
export const levelChangesTo = (consumer: LevelChangeConsumer): ReplayVisitor => {
  const flows = new PerStream<LevelFlow>()
  return {
    sinkOf: (state) => {
      const flow = new LevelFlow(state, newTarget(state, consumer))
      flows.set(state, flow)
      return flow
    },
    entryBegins: (state) => flows.get(state)?.entryBegins(),
  }
}
