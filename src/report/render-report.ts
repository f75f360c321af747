/** A report as one HTML file that needs nothing else: no network, no fonts, no other file. Its bytes follow from the data. */
import { createHash } from 'node:crypto'

import { depthPlot } from './drawing/depth-plot.ts'
import { type HeatMap, heatMapOf } from './drawing/heat-map.ts'
import { latencyPlot } from './drawing/latency-plot.ts'
import { Markup, markup } from './drawing/markup.ts'
import { PAGE_SCRIPT } from './drawing/page-script.ts'
import { PAGE_STYLE } from './drawing/page-style.ts'
import { type Plot, plotMarkup } from './drawing/plot.ts'
import { priceLimits, pricePlot, spreadPlot } from './drawing/price-plots.ts'
import { qualityPlot } from './drawing/quality-plot.ts'
import { readingsOf } from './drawing/readings.ts'
import { detailTables, summaryTable, tiles } from './drawing/tables.ts'
import { durationText, timeText } from './drawing/ticks.ts'
import { markShapes, tradePlot, volumePlot } from './drawing/trade-plots.ts'
import type { Report } from './report.ts'

/** The browser itself sees to it that nothing is fetched and that no other script runs. */
const policy = (): string => {
  const digest = createHash('sha256').update(PAGE_SCRIPT).digest('base64')
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`
}

const shapes = (): Markup => markup`<svg width="0" height="0" class="quiet" aria-hidden="true"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" style="fill:var(--hole-ground)"/><rect width="2" height="6" style="fill:var(--hole)"/></pattern>
<path id="break" class="break" d="M0 1l4 7h-8z"/>
${markShapes()}</defs></svg>` // prettier-ignore

const absent = (title: string, why: string): Markup =>
  markup`<figure><figcaption><h2>${title}</h2><p>${why}</p></figcaption></figure>`

const drawn = (plot: Plot | undefined, title: string, why: string): Markup =>
  plot === undefined ? absent(title, why) : plotMarkup(plot)

const noLatency = ({ collected: { latency } }: Report): string =>
  latency.beyond === 0
    ? 'The venue told no times in this range.'
    : 'All times that the venue told lie more than a minute from those of receipt: they tell of the past.'

const plots = (report: Report, map: HeatMap | undefined): readonly Markup[] => {
  const limits = priceLimits(report)
  const noBook = 'No book could be used in this range.'
  return [
    plotMarkup(qualityPlot(report)),
    drawn(limits && pricePlot(report, limits), 'Price', noBook),
    drawn(spreadPlot(report), 'Spread', noBook),
    drawn(map && depthPlot(report, map), 'Depth', noBook),
    drawn(tradePlot(report, limits), 'Trades', 'No trade was told in this range.'),
    drawn(volumePlot(report), 'Traded volume', 'No trade was told in this range.'),
    drawn(latencyPlot(report), 'From the venue to receipt', noLatency(report)),
  ]
}

const depthOf = ({ collected: { depth, columns, prices } }: Report): HeatMap | undefined => {
  const known = [...prices.lastBid, ...prices.lastAsk].filter((price) => !Number.isNaN(price))
  const sorted = Float64Array.from(known).sort()
  // A best price far off, in a book that is nearly empty, does not stretch the picture.
  const cut = Math.floor(sorted.length * 0.01)
  const low = sorted[cut] ?? NaN
  const high = sorted[sorted.length - 1 - cut] ?? NaN
  return heatMapOf(depth, columns.count, { low, high })
}

/** The whole page. */
export const renderReport = (report: Report): string => {
  const { stream, venue, software, collected } = report
  const { columns } = collected
  const map = depthOf(report)
  const range = `${timeText(columns.start)} to ${timeText(columns.end)} UTC (${durationText(columns.end - columns.start)})`
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${software}">
<title>${stream}: ${timeText(columns.start)}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
${shapes()}
<header><h1>${stream}</h1><p>${venue}, ${range}. ${columns.count} columns of ${durationText(columns.width)}.</p></header>
<main>
${tiles(report)}
<p class="quiet" id="reading-how">Arrow keys move a line through all drawings and read out its figures.</p>
${plots(report, map)}
${summaryTable(report)}
${detailTables(report)}
</main>
<output id="reading" aria-live="polite"></output>
<script type="application/json" id="figures">${readingsOf(report, map)}</script>
<script>${new Markup(PAGE_SCRIPT)}</script>
</body>
</html>
`
  return page.text
}
