/** The figures behind the drawings, for whoever points at a time: rounded for reading, bounded like the drawings. */
import { Buffer } from 'node:buffer'

import { SECOND } from '../../market/time.ts'
import { COLUMNS_PER_MARK } from '../collecting/trade-columns.ts'
import type { Report } from '../report.ts'
import type { HeatMap } from './heat-map.ts'
import { jsonText, type Markup } from './markup.ts'
import { digitsOf } from './ticks.ts'

const rounded = (value: number, digits = 10): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(digits)) : null

/** Digits of a second that a column needs. */
const timeDigitsOf = (width: number): number =>
  Math.min(6, Math.max(0, Math.ceil(-Math.log10(width / SECOND)) + 1))

export const readingsOf = (report: Report, map: HeatMap | undefined): Markup => {
  const { base, quote, collected } = report
  const { columns, prices, quality, trades } = collected
  const { start, width, count } = columns
  const volumes = (side: 'buy' | 'sell'): readonly (number | null)[] => {
    const sums = new Array<number | null>(Math.ceil(count / COLUMNS_PER_MARK)).fill(0)
    for (const { from, aggressor, volume } of trades.all())
      if (aggressor === side) sums[Math.floor(from / COLUMNS_PER_MARK)] = rounded(volume, 6)
    return sums
  }
  const share = (times: Float64Array, column: number): number => {
    const verified = quality.verified[column] ?? 0
    const whole = verified + (quality.valid[column] ?? 0) + (quality.invalid[column] ?? 0)
    return whole === 0 ? 0 : Math.round(((times[column] ?? 0) / whole) * 1000) / 1000
  }
  const usable = quality.verified.map((time, column) => time + (quality.valid[column] ?? 0))
  const all = Array.from({ length: count }, (_, column) => column)
  return jsonText({
    start,
    width,
    count,
    digits: Math.max(1, timeDigitsOf(width)),
    base,
    quote,
    bid: Array.from(prices.lastBid, (price) => rounded(price)),
    ask: Array.from(prices.lastAsk, (price) => rounded(price)),
    spread: all.map((column) => rounded(prices.meanSpread(column), 4)),
    bought: volumes('buy'),
    sold: volumes('sell'),
    usable: all.map((column) => share(usable, column)),
    proved: all.map((column) => share(quality.verified, column)),
    depth: map && {
      rows: map.rows,
      low: map.prices.low,
      step: map.step,
      places: digitsOf(map.step),
      least: map.least,
      most: map.most,
      codes: Buffer.from(map.indices).toString('base64'),
    },
  })
}
