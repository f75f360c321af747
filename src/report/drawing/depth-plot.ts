/** Draws what rested at which price as a picture of colours, the best prices on top. */
import { Buffer } from 'node:buffer'

import type { Report } from '../report.ts'
import { type HeatMap } from './heat-map.ts'
import { stepPath } from './lines.ts'
import { type Markup, markup } from './markup.ts'
import { colourOf, hexOf, restingColour } from './palette.ts'
import { coveredHoles, placedBelow, placedTimes, type Plot, stretched } from './plot.ts'
import { pngOf } from './png.ts'
import { numberTicks, shortNumber } from './ticks.ts'

const STOPS = 9

const colourKey = ({ least, most }: HeatMap, base: string): Markup => {
  const stops = Array.from({ length: STOPS }, (_, index) => hexOf(restingColour(index / (STOPS - 1))))
  const sizes = [0, 1 / 3, 2 / 3, 1].map((share) => shortNumber(least * (most / least) ** share, 2))
  const marks = sizes.map((text) => markup`<span>${text}</span>`)
  return markup`<span class="ramp"><i style="background:linear-gradient(90deg,${stops.join(',')})"></i><span class="sizes">${marks}</span></span> ${base} resting, on a logarithmic scale; <span class="item"><i style="background:${hexOf(colourOf(0))}"></i>nothing</span>`
} // prettier-ignore

export const depthPlot = (report: Report, map: HeatMap): Plot => {
  const { base, quote, collected } = report
  const { columns, prices, quality } = collected
  const picture = Buffer.from(pngOf(map.width, map.indices, map.colours)).toString('base64')
  const step = `${shortNumber(map.step)} ${quote}`
  const range = `${shortNumber(map.prices.low, 8)} to ${shortNumber(map.prices.high, 8)} ${quote}`
  const text = `What rested at each price as it stood at the end of each of ${String(map.width)} columns of time, summed by ${step}; from ${shortNumber(map.least, 2)} to ${shortNumber(map.most, 2)} ${base} and more a row.`
  const limits = map.prices
  return {
    id: 'depth',
    title: 'Depth',
    about: markup`${text} Lines: best bid and ask. Where there is no colour, nothing is known of the book.`,
    alternative: `Heat map of resting sizes by price over time, prices from ${range}. ${text}`,
    height: 340,
    unit: quote,
    across: 'UTC',
    yTicks: placedBelow(numberTicks(limits, 7), limits),
    xTicks: placedTimes(columns),
    drawing: [
      markup`<image class="depth" href="data:image/png;base64,${picture}" width="100%" height="100%" preserveAspectRatio="none"/>`,
      stretched(
        columns.count,
        markup`<path class="over under" d="${stepPath(prices.lastBid, prices.isBroken, limits)}"/>`,
        markup`<path class="over under" d="${stepPath(prices.lastAsk, prices.isBroken, limits)}"/>`,
        markup`<path class="over" d="${stepPath(prices.lastBid, prices.isBroken, limits)}"/>`,
        markup`<path class="over" d="${stepPath(prices.lastAsk, prices.isBroken, limits)}"/>`,
      ),
      ...coveredHoles(columns, quality.holes),
    ],
    key: colourKey(map, base),
    isOverTime: true,
  }
}
