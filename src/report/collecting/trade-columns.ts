/** Trades summed by a few columns of time and by who took: what is drawn as one mark. */
import { decimalNumber, decimalText, MAX_SCALE } from '../../market/decimal.ts'
import type { AggressorSide } from '../../market/side.ts'
import type { TradeRow } from '../../replay/derived/trades.ts'
import type { TimeColumns } from './time-columns.ts'

/** Columns of time that one mark stands for. */
export const COLUMNS_PER_MARK = 3

/** The trades of one aggressor in one place. */
export class TradeMark {
  /** The first and the last column. */
  readonly from: number
  readonly to: number
  readonly aggressor: AggressorSide
  trades = 0
  volume = 0
  low = Infinity
  high = -Infinity
  private turnover = 0

  constructor(place: number, aggressor: AggressorSide, count: number) {
    this.from = place * COLUMNS_PER_MARK
    this.to = Math.min(count, this.from + COLUMNS_PER_MARK) - 1
    this.aggressor = aggressor
  }

  add(price: number, size: number): void {
    this.trades++
    this.volume += size
    this.turnover += price * size
    this.low = Math.min(this.low, price)
    this.high = Math.max(this.high, price)
  }

  /** The mean price, weighted by size. */
  price(): number {
    return this.volume > 0 ? this.turnover / this.volume : this.low
  }
}

export class TradeColumns {
  trades = 0
  private readonly columns: TimeColumns
  private readonly marks = new Map<string, TradeMark>()
  /** In 10^-MAX_SCALE. */
  private volume = 0n

  constructor(columns: TimeColumns) {
    this.columns = columns
  }

  add({ receiveTime, price, size, priceScale, sizeScale, aggressor }: TradeRow): void {
    const place = Math.floor(this.columns.at(receiveTime) / COLUMNS_PER_MARK)
    const key = `${String(place)} ${aggressor}`
    const mark = this.marks.get(key) ?? new TradeMark(place, aggressor, this.columns.count)
    this.marks.set(key, mark)
    mark.add(decimalNumber(price, priceScale), decimalNumber(size, sizeScale))
    this.trades++
    this.volume += BigInt(size) * 10n ** BigInt(MAX_SCALE - sizeScale)
  }

  /** In order of time. */
  all(): readonly TradeMark[] {
    return [...this.marks.values()]
  }

  /** The sum of all sizes, exact, as decimal text. */
  volumeText(): string {
    return decimalText(this.volume, MAX_SCALE)
  }
}
