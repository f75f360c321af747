/** The ticker of a stored Coinbase stream that has none: made of its matches, one a cascade. Owns the day's figures. */
import { type BookView, decimalText, type EntryView } from '../../src/index.ts'
import { TICKER_SPAN } from '../venues/coinbase-trades.ts'
import { coinbaseTradesOf } from './coinbase-recorded-trades.ts'
import type { DerivedOptions } from './derived-levels.ts'
import type { RecordedTrade } from './trade-history.ts'

interface Match {
  readonly side: string
  readonly size: string
  readonly price: string
  readonly time: string
}

const matchOf = ({ text }: RecordedTrade): Match => JSON.parse(text) as Match
const sequenceOf = ({ frame }: RecordedTrade): unknown =>
  (JSON.parse(frame) as { readonly sequence?: unknown }).sequence

export class DerivedTicker {
  private readonly options: Omit<DerivedOptions, 'part'>
  private readonly book: () => BookView | undefined
  private last: RecordedTrade | undefined
  private open = ''
  private low = ''
  private high = ''
  private volume = 0
  /** A cascade is not over. */
  private isDue = false
  private batchedAt = -Infinity

  constructor(options: Omit<DerivedOptions, 'part'>, book: () => BookView | undefined) {
    this.options = options
    this.book = book
  }

  /** What was traded before, oldest first. */
  begin(trades: readonly RecordedTrade[]): void {
    for (const trade of trades) this.add(trade)
    this.isDue = this.last !== undefined
    this.flush()
  }

  /** Takes the next entry, before the book does: where it is of another cascade, the one before is told. */
  apply(entry: EntryView): void {
    if (entry.kind !== 'frame') return
    if (this.isDue && this.last !== undefined && !entry.text().includes(matchOf(this.last).time)) this.flush()
    for (const trade of coinbaseTradesOf(entry)) {
      if (trade.symbol !== this.options.product || trade.id <= (this.last?.id ?? 0)) continue
      this.add(trade)
      this.isDue = true
    }
  }

  /** Tells what is held back. */
  flush(): void {
    const { last, options } = this
    if (!this.isDue || last === undefined) return
    this.isDue = false
    const time = last.milliseconds * 1000
    const isBatchDue = time - this.batchedAt >= TICKER_SPAN
    if (isBatchDue) this.batchedAt = time
    const held = ['ticker', ...(isBatchDue ? ['ticker_batch'] : [])].filter((channel) => options.isHeld(channel)) // prettier-ignore
    for (const text of held.map(() => this.text(last))) options.send(text)
  }

  private add(trade: RecordedTrade): void {
    const { price, size } = matchOf(trade)
    if (this.last === undefined) this.open = this.low = this.high = price
    if (Number(price) < Number(this.low)) this.low = price
    if (Number(price) > Number(this.high)) this.high = price
    this.volume += Number(size)
    this.last = trade
  }

  private text(trade: RecordedTrade): string {
    const { side, size, price, time } = matchOf(trade)
    const book = this.book()
    const volume = this.volume.toFixed(8)
    const best = (of: 'bid' | 'ask'): Readonly<Record<string, string>> => {
      const [level] = book?.top(of, 1) ?? []
      return {
        [`best_${of}`]: decimalText(level?.price ?? 0, book?.priceScale ?? 0),
        [`best_${of}_size`]: decimalText(level?.size ?? 0, book?.sizeScale ?? 0),
      }
    }
    return JSON.stringify({
      ...{ type: 'ticker', sequence: sequenceOf(trade), product_id: trade.symbol, price },
      ...{ open_24h: this.open, volume_24h: volume, low_24h: this.low, high_24h: this.high },
      ...{ volume_30d: volume, ...best('bid'), ...best('ask') },
      ...{ side: side === 'sell' ? 'buy' : 'sell', time, trade_id: trade.id, last_size: size },
    })
  }
}
