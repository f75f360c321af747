/** Draws best bid and ask, and the spread between them. */
import type { Report } from '../report.ts'
import { bandPath, type Limits, limitsOf, stepPath } from './lines.ts'
import { type Markup, markup } from './markup.ts'
import { coveredHoles, keyItem, placedBelow, placedTimes, type Plot, stretched } from './plot.ts'
import { quantile } from './quantile.ts'
import { numberTicks, shortNumber } from './ticks.ts'

const CUT = ' A few values far off lie outside of what is shown.'
const HOLES = 'Hatched: no book could be used.'

const priced = (value: number): string => shortNumber(value, 8)

/** The first and the last value that is there. */
const ends = (values: Float64Array): readonly [number, number] => {
  const known = values.filter((value) => !Number.isNaN(value))
  return [known[0] ?? NaN, known.at(-1) ?? NaN]
}

const lowest = (values: Float64Array): number =>
  values.reduce((least, value) => (value < least || Number.isNaN(least) ? value : least), NaN)
const highest = (values: Float64Array): number =>
  values.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most), NaN)

export const priceLimits = ({ collected: { prices } }: Report): Limits | undefined =>
  limitsOf(prices.lowBid, prices.highAsk)

export const pricePlot = (report: Report, limits: Limits): Plot => {
  const { quote, collected } = report
  const { prices, columns, quality } = collected
  const [firstBid, lastBid] = ends(prices.lastBid)
  const [, lastAsk] = ends(prices.lastAsk)
  const text = `Best bid from ${priced(firstBid)} to ${priced(lastBid)} ${quote}, best ask ${priced(lastAsk)} at the end; lowest bid ${priced(lowest(prices.lowBid))}, highest ask ${priced(highest(prices.highAsk))}.`
  return {
    id: 'price',
    title: 'Price',
    about: markup`${text}${limits.isCut ? CUT : ''} ${HOLES}`,
    alternative: `Line chart of best bid and best ask over time. ${text}`,
    height: 260,
    unit: quote,
    across: 'UTC',
    yTicks: placedBelow(numberTicks(limits, 6), limits),
    xTicks: placedTimes(columns),
    drawing: [
      stretched(
        columns.count,
        markup`<path class="band" d="${bandPath(prices.lowBid, prices.highAsk, limits)}"/>`,
        markup`<path class="bid line" d="${stepPath(prices.lastBid, prices.isBroken, limits)}"/>`,
        markup`<path class="ask line" d="${stepPath(prices.lastAsk, prices.isBroken, limits)}"/>`,
      ),
      ...coveredHoles(columns, quality.holes),
    ],
    key: markup`${keyItem('ask', 'best ask')}${keyItem('bid', 'best bid')}${keyItem('band', 'lowest bid to highest ask')}${keyItem('hole', 'no usable book')}`,
    isOverTime: true,
  }
}

export const spreadPlot = (report: Report): Plot | undefined => {
  const { quote, collected } = report
  const { prices, columns, quality } = collected
  const means = Float64Array.from(prices.lastBid, (_, column) => prices.meanSpread(column))
  const limits = limitsOf(prices.leastSpread, prices.mostSpread, means)
  if (limits === undefined) return undefined
  const scale = { ...limits, low: Math.min(0, limits.low) }
  const known = means.filter((mean) => !Number.isNaN(mean))
  const mids = prices.lastBid.map((bid, column) => (bid + (prices.lastAsk[column] ?? NaN)) / 2)
  const mid = quantile(
    mids.filter((value) => !Number.isNaN(value)),
    0.5,
  )
  const middle = known.length === 0 ? NaN : quantile(known, 0.5)
  const points = `${shortNumber((middle / mid) * 1e4, 3)} basis points`
  const text = `Half of the time at most ${shortNumber(middle)} ${quote} (${points}); widest ${shortNumber(highest(prices.mostSpread))} ${quote}.`
  return {
    id: 'spread',
    title: 'Spread',
    about: markup`${text}${limits.isCut ? CUT : ''}`,
    alternative: `Line chart of the spread over time. ${text}`,
    height: 120,
    unit: quote,
    across: 'UTC',
    yTicks: placedBelow(numberTicks(scale, 4), scale),
    xTicks: placedTimes(columns),
    drawing: [
      stretched(
        columns.count,
        markup`<path class="band" d="${bandPath(prices.leastSpread, prices.mostSpread, scale)}"/>`,
        markup`<path class="spread line" d="${stepPath(means, prices.isBroken, scale)}"/>`,
      ),
      ...coveredHoles(columns, quality.holes),
    ],
    key: markup`${keyItem('spread', 'mean over time')}${keyItem('band', 'least to widest')}`,
    isOverTime: true,
  } // prettier-ignore
}

/** Best prices behind something else. */
export const ghostOfPrices = ({ collected: { prices, columns } }: Report, limits: Limits): Markup =>
  stretched(
    columns.count,
    markup`<path class="band" d="${bandPath(prices.lowBid, prices.highAsk, limits)}"/>`,
  )
