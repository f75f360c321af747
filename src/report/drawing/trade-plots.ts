/** Draws trades by price and who took, and the volume of both sides. */
import type { AggressorSide } from '../../market/side.ts'
import type { TradeMark } from '../collecting/trade-columns.ts'
import type { Report } from '../report.ts'
import { type Limits, limitsOf } from './lines.ts'
import { type Markup, markup } from './markup.ts'
import { keyItem, percent, placedBelow, placedTimes, type Plot, shareBelow, stretched } from './plot.ts'
import { ghostOfPrices } from './price-plots.ts'
import { numberText, numberTicks, shortNumber } from './ticks.ts'

/** Half widths of marks in pixels; the largest volume has the last one, and areas grow with volumes. */
const RADII = [2.5, 3.5, 4.5, 6, 8, 10, 12]

/** What the marks are made of: `buy0` … `sell6`. */
export const markShapes = (): readonly Markup[] =>
  RADII.flatMap((radius, size) => {
    const wide = String(radius)
    const tall = String(Math.round(radius * 1.7 * 10) / 10)
    const id = String(size)
    return [
      markup`<path id="buy${id}" class="buy" d="M-${wide} ${wide}h${String(2 * radius)}l-${wide} -${tall}z"/>`,
      markup`<path id="sell${id}" class="sell" d="M-${wide} -${wide}h${String(2 * radius)}l-${wide} ${tall}z"/>`,
      markup`<circle id="unknown${id}" class="unknown" r="${String(radius * 0.8)}"/>`,
    ]
  })

const shapeOf = (volume: number, most: number): number => {
  const wanted = (RADII.at(-1) ?? 1) * Math.sqrt(most > 0 ? volume / most : 0)
  const size = RADII.findIndex((radius) => radius >= wanted * 0.95)
  return size < 0 ? RADII.length - 1 : size
}

const sumOf = (marks: readonly TradeMark[], aggressor: AggressorSide): number =>
  marks.reduce((sum, mark) => (mark.aggressor === aggressor ? sum + mark.volume : sum), 0)

const TAKERS: Readonly<Record<AggressorSide, string>> = {
  buy: 'takers bought',
  sell: 'takers sold',
  unknown: 'nobody told who took',
}

const used = (marks: readonly TradeMark[]): readonly AggressorSide[] =>
  (['buy', 'sell', 'unknown'] as const).filter((side) => marks.some(({ aggressor }) => aggressor === side))

const key = (marks: readonly TradeMark[]): Markup =>
  markup`${used(marks).map((aggressor) => keyItem(aggressor, TAKERS[aggressor]))}`

const drawnMarks = (report: Report, marks: readonly TradeMark[], limits: Limits): readonly Markup[] => {
  const { count } = report.collected.columns
  const most = Math.max(...marks.map(({ volume }) => volume))
  // Small ones on top of large ones.
  return [...marks]
    .sort((left, right) => right.volume - left.volume)
    .map((mark) => {
      const x = percent((mark.from + mark.to + 1) / 2 / count)
      const y = percent(Math.min(1, Math.max(0, shareBelow(limits, mark.price()))))
      return markup`<use href="#${mark.aggressor}${shapeOf(mark.volume, most)}" x="${x}" y="${y}"/>`
    })
}

export const tradePlot = (report: Report, priceLimits: Limits | undefined): Plot | undefined => {
  const { base, quote, collected } = report
  const marks = collected.trades.all()
  if (marks.length === 0) return undefined
  const prices = Float64Array.from(marks.flatMap((mark) => [mark.low, mark.high]))
  const known = priceLimits === undefined ? [] : [Float64Array.of(priceLimits.low, priceLimits.high)]
  const limits = limitsOf(prices, ...known) ?? { low: 0, high: 1, isCut: false }
  const sides = used(marks).map((side) => `${TAKERS[side]} ${shortNumber(sumOf(marks, side))} ${base}`)
  const text = `${numberText(collected.trades.trades, 0)} trades: ${sides.join(', ')}.`
  return {
    id: 'trades',
    title: 'Trades',
    about: markup`${text} Marks stand at the mean price of up to three columns of time and grow with the volume.`,
    alternative: `Trades over time by price, a mark for each side that took. ${text}`,
    height: 260,
    unit: quote,
    across: 'UTC',
    yTicks: placedBelow(numberTicks(limits, 6), limits),
    xTicks: placedTimes(collected.columns),
    drawing: [ghostOfPrices(report, limits), markup`<g>${drawnMarks(report, marks, limits)}</g>`],
    key: markup`${key(marks)}${keyItem('band', 'best bid to best ask')}`,
    isOverTime: true,
  }
}

/** Bought volume up, sold volume down; what nobody told of lies on top of both in halves. */
const bars = (marks: readonly TradeMark[], most: number, side: AggressorSide): string => {
  let path = ''
  for (const { from, to, aggressor, volume } of marks) {
    if (aggressor !== side) continue
    const height = Math.round((volume / most) * 5000) / 10
    const wide = String((to + 1 - from) * 0.9)
    const x = String(from)
    if (side === 'unknown') path += `M${x} ${String(500 - height / 2)}h${wide}v${String(height)}h-${wide}z`
    else path += `M${x} 500h${wide}v${side === 'buy' ? '-' : ''}${String(height)}h-${wide}z`
  }
  return path
}

export const volumePlot = (report: Report): Plot | undefined => {
  const { base, collected } = report
  const marks = collected.trades.all()
  if (marks.length === 0) return undefined
  const most = Math.max(...marks.map(({ volume }) => volume)) * 1.05
  const scale = { low: -most, high: most }
  const text = `${collected.trades.volumeText()} ${base} in all, summed by up to three columns of time.`
  return {
    id: 'volume',
    title: 'Traded volume',
    about: markup`${text} What takers bought stands above the line, what they sold below.`,
    alternative: `Bars of traded volume over time. ${text}`,
    height: 130,
    unit: base,
    across: 'UTC',
    yTicks: placedBelow(
      numberTicks(scale, 4).map(({ value, text: told }) => ({ value, text: told.replace('−', '') })),
      scale,
    ),
    xTicks: placedTimes(collected.columns),
    drawing: [
      stretched(
        collected.columns.count,
        ...used(marks).map((side) => markup`<path class="${side}" d="${bars(marks, most, side)}"/>`),
      ),
    ],
    key: key(marks),
    isOverTime: true,
  }
}
