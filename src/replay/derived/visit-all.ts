/** Several visitors on one replay: each is told everything, in the order of the list. Owns the fanning out alone. */
import type { BookChecksum, InvalidReason, MarketSink, RemovalCause } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { Price, Size } from '../../market/price.ts'
import type { AggressorSide, BookSide } from '../../market/side.ts'
import type { Micros } from '../../market/time.ts'
import type { ReplayVisitor, StreamState } from '../stream-state.ts'

class FannedSink implements MarketSink {
  private readonly sinks: readonly MarketSink[]

  constructor(sinks: readonly MarketSink[]) {
    this.sinks = sinks
  }

  stamp(exchangeTime: Micros | undefined, venueSequence: number | undefined): void {
    for (const sink of this.sinks) sink.stamp(exchangeTime, venueSequence)
  }

  instrument(priceScale: number, sizeScale: number): void {
    for (const sink of this.sinks) sink.instrument(priceScale, sizeScale)
  }

  bookStarted(kind: 'orders' | 'levels', queueKnown: boolean): void {
    for (const sink of this.sinks) sink.bookStarted(kind, queueKnown)
  }

  bookValid(verified: boolean): void {
    for (const sink of this.sinks) sink.bookValid(verified)
  }

  bookInvalid(reason: InvalidReason): void {
    for (const sink of this.sinks) sink.bookInvalid(reason)
  }

  orderOpened(order: OrderHandle, side: BookSide, price: Price, size: Size, rank: number): void {
    for (const sink of this.sinks) sink.orderOpened(order, side, price, size, rank)
  }

  orderChanged(
    order: OrderHandle,
    price: Price,
    size: Size,
    oldPrice: Price | undefined,
    oldSize: Size | undefined,
  ): void {
    for (const sink of this.sinks) sink.orderChanged(order, price, size, oldPrice, oldSize)
  }

  orderReduced(order: OrderHandle, by: Size): void {
    for (const sink of this.sinks) sink.orderReduced(order, by)
  }

  orderRemoved(order: OrderHandle, cause: RemovalCause): void {
    for (const sink of this.sinks) sink.orderRemoved(order, cause)
  }

  levelSet(side: BookSide, price: Price, size: Size, orderCount: number | undefined): void {
    for (const sink of this.sinks) sink.levelSet(side, price, size, orderCount)
  }

  traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    maker: OrderHandle,
  ): void {
    for (const sink of this.sinks) sink.traded(tradeId, price, size, aggressor, maker)
  }

  check(checksum: BookChecksum, expected: number): void {
    for (const sink of this.sinks) sink.check(checksum, expected)
  }

  transactionEnded(): void {
    for (const sink of this.sinks) sink.transactionEnded()
  }
}

const sinkOfAll = (visitors: readonly ReplayVisitor[], state: StreamState): MarketSink | undefined => {
  const sinks: MarketSink[] = []
  for (const visitor of visitors) {
    const sink = visitor.sinkOf?.(state)
    if (sink !== undefined) sinks.push(sink)
  }
  return sinks.length > 1 ? new FannedSink(sinks) : sinks[0]
}

/** One call for all that want it; undefined where nobody does, so that nobody pays for it. */
const fanned = <Told>(
  calls: readonly (((told: Told) => void) | undefined)[],
): ((told: Told) => void) | undefined => {
  const wanted = calls.filter((call) => call !== undefined)
  if (wanted.length < 2) return wanted[0]
  return (told) => {
    for (const call of wanted) call(told)
  }
}

const fannedBeginnings = (visitors: readonly ReplayVisitor[]): ReplayVisitor['entryBegins'] => {
  const wanted = visitors.flatMap((visitor) => visitor.entryBegins?.bind(visitor) ?? [])
  if (wanted.length < 2) return wanted[0]
  return (state, time) => {
    for (const call of wanted) call(state, time)
  }
}

/**
 * Fans one replay out to several visitors, in the order given. What one of them throws ends the replay for all. One
 * visitor alone is returned as it is.
 */
export const visitAll = (visitors: readonly ReplayVisitor[]): ReplayVisitor => {
  const [only] = visitors
  if (only !== undefined && visitors.length === 1) return only
  return {
    replayBegins: fanned(visitors.map((visitor) => visitor.replayBegins?.bind(visitor))),
    sinkOf: visitors.some(({ sinkOf }) => sinkOf !== undefined)
      ? (state) => sinkOfAll(visitors, state)
      : undefined,
    entryBegins: fannedBeginnings(visitors),
    entryEnded: fanned(visitors.map((visitor) => visitor.entryEnded?.bind(visitor))),
    transactionEnded: fanned(visitors.map((visitor) => visitor.transactionEnded?.bind(visitor))),
    replayEnded: fanned(visitors.map((visitor) => visitor.replayEnded?.bind(visitor))),
  }
}
