/** The frame of a drawing: title, axes, text alternative. Widths are shares, so that it fits any screen without a script. */
import type { TimeColumns } from '../collecting/time-columns.ts'
import { Markup, markup } from './markup.ts'
import { type Scale, type Tick, timeTicks } from './ticks.ts'

export interface Plot {
  readonly id: string
  readonly title: string
  /** What is drawn, in a sentence or two below the title. */
  readonly about: Markup
  /** What a reader who does not see the drawing is told in its place. */
  readonly alternative: string
  /** CSS pixels. */
  readonly height: number
  /** What the marks of the axes are measured in. */
  readonly unit: string
  readonly across: string
  readonly yTicks: readonly Placed[]
  readonly xTicks: readonly Placed[]
  /** SVG, in shares of the area. */
  readonly drawing: readonly Markup[]
  readonly key?: Markup
  /** Its width is the time of the report: the reading line passes through it. */
  readonly isOverTime: boolean
}

/** A mark of an axis: how far along it stands, 0 … 1. */
export interface Placed {
  readonly share: number
  readonly text: string
}

/** `12.34%` */
export const percent = (share: number): string => `${String(Math.round(share * 1e5) / 1e3)}%`

/** From the top of an area down. */
export const shareBelow = ({ low, high }: Scale, value: number): number => (high - value) / (high - low)

export const placedBelow = (ticks: readonly Tick[], scale: Scale): readonly Placed[] =>
  ticks.map(({ value, text }) => ({ share: shareBelow(scale, value), text }))

const WANTED_TIMES = 7

export const placedTimes = (columns: TimeColumns): readonly Placed[] => {
  const scale = { low: columns.start, high: columns.startOf(columns.count) }
  return timeTicks(scale, WANTED_TIMES).map(({ value, text }) => ({ share: columns.share(value), text }))
}

/** A line of the grid for every mark. */
const grid = (yTicks: readonly Placed[], xTicks: readonly Placed[]): readonly Markup[] => [
  ...yTicks.map(({ share }) => {
    const y = percent(share)
    return markup`<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}"/>`
  }),
  ...xTicks.map(({ share }) => {
    const x = percent(share)
    return markup`<line class="grid" y1="0" y2="100%" x1="${x}" x2="${x}"/>`
  }),
]

/** Labels at the very ends stay inside the drawing. */
const edgeOf = (share: number): string => (share < 0.08 ? ' first' : share > 0.92 ? ' last' : '')

/** SVG whose units are columns across and thousandths down, stretched over the area. */
export const stretched = (across: number, ...inner: readonly Markup[]): Markup =>
  markup`<svg viewBox="0 0 ${across} 1000" preserveAspectRatio="none" width="100%" height="100%">${inner}</svg>`

/** Nothing is known there: what was drawn below is covered. */
export const coveredHoles = (columns: TimeColumns, holes: readonly (readonly [number, number])[]): readonly Markup[] =>
  holes.map(([from, to]) => {
    const x = columns.share(from)
    return markup`<rect class="hole" x="${percent(x)}" width="${percent(columns.share(to) - x)}" y="0" height="100%"/>`
  }) // prettier-ignore

export const plotMarkup = (plot: Plot): Markup => {
  const { id, title, about, alternative, height, unit, across, yTicks, xTicks, drawing, key } = plot
  const yLabels = yTicks.map(({ share, text }) => markup`<span style="top:${percent(share)}">${text}</span>`)
  const xLabels = xTicks.map(
    ({ share, text }, index) =>
      markup`<span class="${index % 2 === 0 ? 'even' : 'odd'}${edgeOf(share)}" style="left:${percent(share)}">${text}</span>`,
  )
  const interactive = plot.isOverTime
    ? new Markup(' data-time tabindex="0" aria-describedby="reading-how"')
    : undefined
  return markup`<figure id="${id}">
<figcaption><h2>${title}</h2><p>${about}</p></figcaption>
<div class="plot" style="--height:${height}px">
<div class="y" aria-hidden="true"><b>${unit}</b>${yLabels}</div>
<div class="area"${interactive}><svg width="100%" height="100%" role="img" aria-label="${alternative}">${grid(yTicks, xTicks)}${drawing}</svg></div>
<div class="x" aria-hidden="true">${xLabels}<b>${across}</b></div>
</div>${key === undefined ? undefined : markup`<p class="key">${key}</p>`}
</figure>
`
}

/** `<li>`-free legend: a swatch and its name. */
export const keyItem = (name: string, text: string): Markup =>
  markup`<span class="item"><i class="${name}"></i>${text}</span> `
