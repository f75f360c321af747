/** Bars of trades by time, volume or count. Owns when a bar ends and what it says of its completeness. */
import type { InvalidReason } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { Price, Size } from '../../market/price.ts'
import type { AggressorSide } from '../../market/side.ts'
import type { Micros } from '../../market/time.ts'
import type { ReplayVisitor, StreamState } from '../stream-state.ts'
import { type Bar, BarSum } from './bar-sum.ts'
import { eachInterval } from './intervals.ts'
import { QuietSink } from './quiet-sink.ts'
import { SeenTrades } from './seen-trades.ts'

/**
 * When a bar ends. `time`: at each multiple of `every` microseconds since the epoch, trades or not. `volume`: with the trade that makes
 * its volume reach `volume` units of 10^-sizeScale; trades are not split. `trades`: with its `trades`th trade.
 */
export type BarRule =
  | { readonly by: 'time'; readonly every: number }
  | { readonly by: 'volume'; readonly volume: number; readonly sizeScale: number }
  | { readonly by: 'trades'; readonly trades: number }

/** Sums trades, and notes when some may be missing. */
abstract class BarSink extends QuietSink {
  protected readonly state: StreamState
  protected readonly sum: BarSum
  private readonly seen = new SeenTrades()

  constructor(state: StreamState) {
    super()
    this.state = state
    this.sum = new BarSum(state.stream)
  }

  protected abstract broke(): void
  protected added(): void {
    return
  }

  override bookStarted(): void {
    this.broke()
  }

  override bookInvalid(_reason: InvalidReason): void {
    this.broke()
  }

  override traded(
    tradeId: number | undefined,
    price: Price,
    size: Size,
    aggressor: AggressorSide,
    _maker: OrderHandle,
  ): void {
    const { priceScale, sizeScale, receiveTime } = this.state
    if (tradeId !== undefined && !this.seen.add(tradeId, price, priceScale, size, sizeScale)) return
    this.sum.add({ price, size, priceScale, sizeScale, aggressor }, receiveTime)
    this.added()
  }
}

class TimeBars extends BarSink {
  private isBroken = true
  private hasBegun = false
  private readonly onBar: (bar: Bar) => void

  constructor(state: StreamState, onBar: (bar: Bar) => void) {
    super(state)
    this.onBar = onBar
  }

  entryBegins(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    this.isBroken = !this.state.isValid
  }

  protected override broke(): void {
    this.isBroken = true
  }

  end(start: Micros, end: Micros, isCovered: boolean): void {
    const { sum } = this
    sum.start = start
    sum.end = end
    sum.isWhole = isCovered && !this.isBroken
    this.onBar(sum)
    sum.clear()
    this.isBroken = !this.state.isValid
  }
}

class CountedBars extends BarSink {
  private readonly isFull: (sum: BarSum) => boolean
  private readonly onBar: (bar: Bar) => void

  constructor(state: StreamState, isFull: (sum: BarSum) => boolean, onBar: (bar: Bar) => void) {
    super(state)
    this.isFull = isFull
    this.onBar = onBar
  }

  /** What is summed so far is told as a part: a bar never reaches over a break. */
  protected override broke(): void {
    this.tell(false)
  }

  override bookValid(): void {
    this.tell(false)
  }

  protected override added(): void {
    if (this.isFull(this.sum)) this.tell(this.state.isValid)
  }

  tell(isWhole: boolean, end = this.state.receiveTime): void {
    const { sum } = this
    if (sum.trades === 0) return
    sum.start = sum.firstTime
    sum.end = end
    sum.isWhole = isWhole
    this.onBar(sum)
    sum.clear()
  }
}

const isAmount = (value: number): boolean => Number.isSafeInteger(value) && value > 0

const fullness = (rule: Exclude<BarRule, { by: 'time' }>): ((sum: BarSum) => boolean) => {
  const wanted = rule.by === 'trades' ? rule.trades : rule.volume
  if (!isAmount(wanted)) throw new RangeError(`a bar ends after an amount above 0, not ${String(wanted)}`)
  return rule.by === 'trades'
    ? (sum) => sum.trades >= rule.trades
    : (sum) => sum.reaches(rule.volume, rule.sizeScale)
}

/**
 * Calls `onBar` with every bar of every stream. Bars by time come for each interval from the stream's first entry on, also
 * without trades (prices undefined, never filled), and hold the trades received behind `start` up to and with `end`. A bar
 * during which the book could not be used, or that the replay's range cuts, is not whole: trades may be missing. Bars by
 * volume and count end at such a break; the last one, which nothing filled, comes at the end of the replay, not whole.
 * A trade told twice counts once, as in `tradesTo`. Throws RangeError for a rule that is none.
 */
export const barsTo = (rule: BarRule, onBar: (bar: Bar) => void): ReplayVisitor => {
  if (rule.by === 'time')
    return eachInterval(rule.every, (state) => {
      const bars = new TimeBars(state, onBar)
      return {
        sink: bars,
        entryBegins: () => {
          bars.entryBegins()
        },
        intervalEnded: (start, end, isCovered) => {
          bars.end(start, end, isCovered)
        },
        intervalCut: (start, end) => {
          bars.end(start, end, false)
        },
      }
    })
  const isFull = fullness(rule)
  const all: CountedBars[] = []
  return {
    sinkOf: (state) => {
      const bars = new CountedBars(state, isFull, onBar)
      all.push(bars)
      return bars
    },
    replayEnded: (lastInstant) => {
      for (const bars of all) bars.tell(false, lastInstant)
    },
  }
}
