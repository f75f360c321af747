/** The sums of one bar, in whole numbers; turned into decimals and fractions only when asked. */
import { decimalText } from '../../market/decimal.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type Price, rescalePrice, type Size } from '../../market/price.ts'
import type { AggressorSide } from '../../market/side.ts'
import { type Micros, microsOf } from '../../market/time.ts'

/** The trades of one bar. The object is used again for the next one: copy what you keep. */
export interface Bar {
  readonly stream: StreamId
  /**
   * Bars by time: the interval, `end` included. Others: receive times of the first trade and of what ended the bar, its last
   * trade or a break.
   */
  readonly start: Micros
  readonly end: Micros
  /** False: the book could not be used, or was not replayed, in a part of the bar: trades may be missing. */
  readonly isWhole: boolean
  readonly trades: number
  /** In 10^-priceScale; undefined without trades. */
  readonly open: Price | undefined
  readonly high: Price | undefined
  readonly low: Price | undefined
  readonly close: Price | undefined
  /** In 10^-sizeScale, exact whatever its size. */
  readonly volume: bigint
  /** What takers bought and sold of it; where nobody tells who took, it is in neither. */
  readonly buyVolume: bigint
  readonly sellVolume: bigint
  /** Sum of price times size, in 10^-(priceScale + sizeScale). */
  readonly turnover: bigint
  readonly priceScale: number
  readonly sizeScale: number
  /** Turnover by volume as decimal text, rounded half up to so many digits (8 more than the price); undefined without trades. */
  readonly vwap: (digits?: number) => string | undefined
}

interface SummedTrade {
  readonly price: Price
  readonly size: Size
  readonly priceScale: number
  readonly sizeScale: number
  readonly aggressor: AggressorSide
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent)

export class BarSum implements Bar {
  readonly stream: StreamId
  start = microsOf(0)
  end = microsOf(0)
  isWhole = false
  trades = 0
  open: Price | undefined = undefined
  high: Price | undefined = undefined
  low: Price | undefined = undefined
  close: Price | undefined = undefined
  volume = 0n
  buyVolume = 0n
  sellVolume = 0n
  turnover = 0n
  priceScale = 0
  sizeScale = 0
  firstTime = microsOf(0)

  constructor(stream: StreamId) {
    this.stream = stream
  }

  clear(): void {
    this.trades = 0
    this.open = undefined
    this.high = undefined
    this.low = undefined
    this.close = undefined
    this.volume = 0n
    this.buyVolume = 0n
    this.sellVolume = 0n
    this.turnover = 0n
    this.priceScale = 0
    this.sizeScale = 0
  }

  add(trade: SummedTrade, time: Micros): void {
    const priceScale = Math.max(trade.priceScale, this.priceScale)
    const sizeScale = Math.max(trade.sizeScale, this.sizeScale)
    if (priceScale !== this.priceScale || sizeScale !== this.sizeScale) this.rescale(priceScale, sizeScale)
    const price = rescalePrice(trade.price, trade.priceScale, priceScale) ?? trade.price
    const size = BigInt(trade.size) * power(sizeScale - trade.sizeScale)
    if (this.trades === 0) {
      this.open = price
      this.firstTime = time
    }
    this.trades++
    this.high = this.high === undefined || price > this.high ? price : this.high
    this.low = this.low === undefined || price < this.low ? price : this.low
    this.close = price
    this.volume += size
    if (trade.aggressor === 'buy') this.buyVolume += size
    else if (trade.aggressor === 'sell') this.sellVolume += size
    this.turnover += BigInt(price) * size
  }

  /** Scales grow when a finer price or size comes. */
  private rescale(priceScale: number, sizeScale: number): void {
    const finer = (price: Price | undefined): Price | undefined =>
      price === undefined ? undefined : rescalePrice(price, this.priceScale, priceScale)
    this.open = finer(this.open)
    this.high = finer(this.high)
    this.low = finer(this.low)
    this.close = finer(this.close)
    const growth = power(sizeScale - this.sizeScale)
    this.volume *= growth
    this.buyVolume *= growth
    this.sellVolume *= growth
    this.turnover *= growth * power(priceScale - this.priceScale)
    this.priceScale = priceScale
    this.sizeScale = sizeScale
  }

  /** Whether the volume is at least so much. */
  reaches(volume: number, sizeScale: number): boolean {
    const own = this.volume * power(Math.max(0, sizeScale - this.sizeScale))
    return own >= BigInt(volume) * power(Math.max(0, this.sizeScale - sizeScale))
  }

  vwap(digits = this.priceScale + 8): string | undefined {
    if (this.volume === 0n) return undefined
    const scaled = this.turnover * power(digits)
    const divisor = this.volume * power(this.priceScale)
    return decimalText((2n * scaled + divisor) / (2n * divisor), digits)
  }
}
