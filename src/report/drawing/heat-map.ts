/** The depth of a book over time as rows and columns of colours. Owns which prices are shown and what a colour means. */
import {
  type DepthColumn,
  type DepthColumns,
  type DepthSide,
  nearReach,
} from '../collecting/depth-columns.ts'
import { type Colour, colourOf, restingColour } from './palette.ts'
import { quantile } from './quantile.ts'
import { niceStep, type Scale } from './ticks.ts'

const MOST_ROWS = 240
/** Of all sizes drawn, those that have the darkest and the lightest colour: the others share the colours between. */
const LEAST_SHARE = 0.1
const MOST_SHARE = 0.995
/** Places of the palette: nothing is known, known to be empty, and sizes. */
const UNKNOWN = 0
const EMPTY = 1
const FIRST = 2
const LAST = 255

export interface HeatMap {
  readonly width: number
  readonly rows: number
  /** Top row, the highest prices, first: places in the palette. */
  readonly indices: Uint8Array
  readonly colours: readonly Colour[]
  readonly prices: Scale
  /** Of one row. */
  readonly step: number
  /** Sizes of the darkest and the lightest colour; what is above has the lightest too. */
  readonly least: number
  readonly most: number
}

/** Around the best prices: half their range more, and as far as the nearest levels reach. */
const shownPrices = (best: Scale, columns: readonly (DepthColumn | undefined)[]): Scale => {
  const reaches = columns.flatMap((column) =>
    column === undefined ? [] : [nearReach(column.bids), nearReach(column.asks)],
  )
  const known = Float64Array.from(reaches.filter((reach) => reach > 0))
  const reach = known.length === 0 ? 0 : quantile(known, 0.5)
  const margin = Math.max((best.high - best.low) * 0.35, reach, best.high * 1e-6)
  return { low: Math.max(0, best.low - margin), high: best.high + margin }
}

class Raster {
  readonly sizes: Float64Array
  private readonly width: number
  private readonly rows: number
  private readonly low: number
  private readonly step: number

  constructor(width: number, rows: number, low: number, step: number) {
    this.width = width
    this.rows = rows
    this.low = low
    this.step = step
    this.sizes = new Float64Array(width * rows).fill(NaN)
  }

  private rowOf(price: number): number {
    return Math.floor((price - this.low) / this.step + 1e-6)
  }

  private add(column: number, row: number, size: number): void {
    if (row < 0 || row >= this.rows) return
    const place = (this.rows - 1 - row) * this.width + column
    this.sizes[place] = (this.sizes[place] ?? 0) + size
  }

  private addSide(column: number, { from, to, sizes }: DepthSide): void {
    for (let cell = 0; cell < sizes.length; cell++) {
      const one = this.rowOf(from[cell] ?? NaN)
      const other = this.rowOf(to[cell] ?? NaN)
      const first = Math.min(one, other)
      const count = Math.abs(other - one) + 1
      const part = (sizes[cell] ?? 0) / count
      const last = Math.min(this.rows - 1, first + count - 1)
      for (let row = Math.max(0, first); row <= last; row++) this.add(column, row, part)
    }
  }

  /** What lies between the furthest levels is known, and empty where nothing rests. */
  addBook(column: number, { bids, asks }: DepthColumn): void {
    const lowest = bids.to.at(-1) ?? asks.from[0]
    const highest = asks.to.at(-1) ?? bids.from[0]
    if (lowest === undefined || highest === undefined) return
    const first = Math.max(0, this.rowOf(lowest))
    const last = Math.min(this.rows - 1, this.rowOf(highest))
    for (let row = first; row <= last; row++) this.sizes[(this.rows - 1 - row) * this.width + column] = 0
    this.addSide(column, bids)
    this.addSide(column, asks)
  }
}

const palette = (): readonly Colour[] => {
  const colours: Colour[] = [[0, 0, 0], colourOf(0)]
  for (let index = FIRST; index <= LAST; index++)
    colours.push(restingColour((index - FIRST) / (LAST - FIRST)))
  return colours
}

const indicesOf = (sizes: Float64Array, least: number, most: number): Uint8Array => {
  const range = Math.log(most / least)
  return Uint8Array.from(sizes, (size) => {
    if (Number.isNaN(size)) return UNKNOWN
    if (size <= 0) return EMPTY
    const share = range > 0 ? Math.log(size / least) / range : 1
    return FIRST + Math.round(Math.min(1, Math.max(0, share)) * (LAST - FIRST))
  })
}

/** `best`: between which the best prices were. Undefined: no book could be used at the end of any column. */
export const heatMapOf = ({ columns }: DepthColumns, width: number, best: Scale): HeatMap | undefined => {
  if (columns.every((column) => column === undefined) || !(best.high >= best.low)) return undefined
  const shown = shownPrices(best, columns)
  const step = niceStep((shown.high - shown.low) / MOST_ROWS)
  const low = Math.floor(shown.low / step) * step
  // The highest price has a row too, where it stands at the edge of one.
  const rows = Math.floor((shown.high - low) / step + 1e-6) + 1
  const raster = new Raster(width, rows, low, step)
  columns.forEach((column, index) => {
    if (column !== undefined) raster.addBook(index, column)
  })
  const resting = raster.sizes.filter((size) => size > 0)
  if (resting.length === 0) return undefined
  const least = quantile(resting, LEAST_SHARE)
  const most = quantile(resting, MOST_SHARE)
  return {
    width,
    rows,
    indices: indicesOf(raster.sizes, least, most),
    colours: palette(),
    prices: { low, high: low + rows * step },
    step,
    least,
    most,
  }
}
