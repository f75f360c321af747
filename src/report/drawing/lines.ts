/** Paths of values by column: one level a column, and nothing where there is none. Breaks are never drawn over. */
import { type Scale } from './ticks.ts'

const height = ({ low, high }: Scale, value: number): string => {
  const bounded = Math.min(high, Math.max(low, value))
  return String(Math.round(((high - bounded) / (high - low)) * 10_000) / 10)
}

/** `isBroken`: nothing leads into the column from the one before. */
export const stepPath = (values: Float64Array, isBroken: Uint8Array, scale: Scale): string => {
  let path = ''
  let isOpen = false
  values.forEach((value, column) => {
    if (Number.isNaN(value)) {
      isOpen = false
      return
    }
    const y = height(scale, value)
    path += isOpen && isBroken[column] !== 1 ? `V${y}h1` : `M${String(column)} ${y}h1`
    isOpen = true
  })
  return path
}

/** The area between the lowest and the highest of each column. */
export const bandPath = (lows: Float64Array, highs: Float64Array, scale: Scale): string => {
  let path = ''
  lows.forEach((low, column) => {
    const high = highs[column] ?? NaN
    const from = Number.isNaN(low) ? high : low
    const to = Number.isNaN(high) ? low : high
    if (Number.isNaN(from) || Number.isNaN(to)) return
    path += `M${String(column)} ${height(scale, to)}h1V${height(scale, from)}h-1z`
  })
  return path
}

/** What an axis shows, and whether some values lie outside. */
export interface Limits extends Scale {
  readonly isCut: boolean
}

const CORE = 0.01
/** An axis that is longer than the usual values by this factor tells of outliers alone. */
const FAR = 5
const PADDING = 0.06

/** An axis for all these values; where a few of them lie far off, for the others. Undefined: there is no value. */
export const limitsOf = (...columns: readonly Float64Array[]): Limits | undefined => {
  const known = columns.flatMap((values) => [...values].filter((value) => !Number.isNaN(value)))
  const sorted = Float64Array.from(known).sort()
  const low = sorted[0]
  const high = sorted.at(-1)
  if (low === undefined || high === undefined) return undefined
  const cut = Math.floor(sorted.length * CORE)
  const coreLow = sorted[cut] ?? low
  const coreHigh = sorted[sorted.length - 1 - cut] ?? high
  const core = coreHigh - coreLow
  const isCut = core > 0 && high - low > FAR * core
  const [from, to] = isCut ? [coreLow - core, coreHigh + core] : [low, high]
  const padding = to > from ? (to - from) * PADDING : Math.max(Math.abs(to) * 1e-4, 1e-9)
  return { low: Math.max(from - padding, Math.min(from, 0)), high: to + padding, isCut }
}
