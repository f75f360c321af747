/** What is shown of a live stream beside its book: last price, share of time valid, time from venue to receipt. */
import type { LatencyFigures } from '../../log/clock-quality.ts'
import { decimalText } from '../../market/decimal.ts'
import type { Price } from '../../market/price.ts'
import type { Micros } from '../../market/time.ts'
import { LatencyHistogram } from '../../replay/derived/latency-histogram.ts'
import { QuietSink } from '../../replay/derived/quiet-sink.ts'

/** Of the present run. */
export interface LiveFigures {
  /** Of the last trade, decimal text; null: none yet. */
  readonly lastPrice: string | null
  /** Share of the time in which the book was valid, from 0 to 1. */
  readonly validShare: number
  readonly latency: LatencyFigures | null
}

/** Listens to a keeper's events; `now`: the receive time of the entry at hand. */
export class LiveFigureSink extends QuietSink {
  private readonly now: () => Micros
  private readonly latency = new LatencyHistogram()
  private lastPrice: number | undefined
  private priceScale = 0
  private firstTime = 0
  private validSince: number | undefined
  private validMicros = 0

  constructor(now: () => Micros) {
    super()
    this.now = now
  }

  /** The run has begun by now; further calls do nothing. */
  begin(): void {
    if (this.firstTime === 0) this.firstTime = this.now()
  }

  override stamp(exchangeTime: Micros | undefined): void {
    if (exchangeTime !== undefined) this.latency.add(this.now() - exchangeTime)
  }

  override instrument(priceScale: number): void {
    if (priceScale !== this.priceScale) this.lastPrice = undefined
    this.priceScale = priceScale
  }

  override bookStarted(): void {
    this.endValid()
  }

  override bookValid(): void {
    this.validSince ??= this.now()
  }

  override bookInvalid(): void {
    this.endValid()
  }

  override traded(_tradeId: number | undefined, price: Price): void {
    this.lastPrice = price
  }

  private endValid(): void {
    if (this.validSince !== undefined) this.validMicros += this.now() - this.validSince
    this.validSince = undefined
  }

  figures(): LiveFigures {
    const now = this.now()
    const valid = this.validMicros + (this.validSince === undefined ? 0 : now - this.validSince)
    const span = this.firstTime === 0 ? 0 : now - this.firstTime
    return {
      lastPrice: this.lastPrice === undefined ? null : decimalText(this.lastPrice, this.priceScale),
      validShare: span > 0 ? Math.min(1, valid / span) : this.validSince === undefined ? 0 : 1,
      latency: this.latency.figures(),
    }
  }
}
