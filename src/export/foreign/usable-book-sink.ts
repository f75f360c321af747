/**
 * What tables of orders alone know of one stream: the orders that rest while its book may be used, and the moments when that
 * begins and ends. What is told of them is the table's.
 */
import { PerStream } from '../../replay/derived/per-stream.ts'
import { QuietSink } from '../../replay/derived/quiet-sink.ts'
import { RestingOrders } from '../../replay/derived/resting-orders.ts'
import type { ReplayVisitor, StreamState } from '../../replay/stream-state.ts'
import { OrderNumbers } from './order-numbers.ts'

export abstract class UsableBookSink extends QuietSink {
  readonly state: StreamState
  protected readonly orders = new RestingOrders()
  protected readonly numbers: OrderNumbers
  protected isKnown = false
  // Of what `orders` holds.
  private priceScale = 0
  private sizeScale = 0

  constructor(state: StreamState) {
    super()
    this.state = state
    this.numbers = new OrderNumbers(state)
  }

  /** The book may be used from here on: what rests in it is put into `orders`, which is empty. */
  protected abstract bookBegan(): void

  /** It may not be used any more. */
  protected abstract bookEnded(): void

  entryBegins(): void {
    if (!this.isKnown && this.state.isValid) this.begin()
  }

  entryEnded(): void {
    return
  }

  private begin(): void {
    const { book } = this.state
    this.isKnown = true
    this.priceScale = book.priceScale
    this.sizeScale = book.sizeScale
    this.orders.clear()
    this.bookBegan()
  }

  private end(): void {
    if (!this.isKnown) return
    this.isKnown = false
    this.bookEnded()
  }

  override instrument(priceScale: number, sizeScale: number): void {
    if (!this.isKnown) return
    this.orders.rescale(this.priceScale, priceScale, this.sizeScale, sizeScale)
    this.priceScale = priceScale
    this.sizeScale = sizeScale
  }

  override bookStarted(): void {
    this.end()
  }

  override bookInvalid(): void {
    this.end()
  }

  override bookValid(): void {
    if (!this.isKnown) this.begin()
  }
}

/** One sink for each stream of the replay. */
export const visitorOf = (newSink: (state: StreamState) => UsableBookSink): ReplayVisitor => {
  const sinks = new PerStream<UsableBookSink>()
  return {
    sinkOf: (state) => {
      const sink = newSink(state)
      sinks.set(state, sink)
      return sink
    },
    entryBegins: (state) => sinks.get(state)?.entryBegins(),
    entryEnded: (state) => sinks.get(state)?.entryEnded(),
  }
}
