/** Where an axis has its marks, and how numbers and times are written there. */
import { DAY, HOUR, type Micros, microsOf, microsToIso, MINUTE, SECOND } from '../../market/time.ts'

/** From, to, and the space between two marks. */
export interface Scale {
  readonly low: number
  readonly high: number
}

/** Steps of 1, 2 and 5 times a power of ten: the least that is not below. */
export const niceStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10
  return factor >= 1 && power < 1 ? factor / Math.round(1 / power) : factor * power
}

/** Digits behind the point that a step needs. */
export const digitsOf = (step: number): number =>
  Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))

/** `60,000.5` with so many digits behind the point. */
export const numberText = (value: number, digits: number): string => {
  const [whole = '', fraction] = Math.abs(value).toFixed(digits).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text
}

/** A number with about so many digits that count. */
export const shortNumber = (value: number, digits = 4): string => {
  if (!Number.isFinite(value)) return '–'
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  const text = numberText(value, Math.min(12, Math.max(0, digits - 1 - magnitude)))
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

export interface Tick {
  readonly value: number
  readonly text: string
}

export const numberTicks = ({ low, high }: Scale, wanted: number): readonly Tick[] => {
  const step = niceStep((high - low) / wanted)
  const digits = digitsOf(step)
  const ticks: Tick[] = []
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high * (1 + 1e-12); index++)
    ticks.push({ value: index * step, text: numberText(index * step, digits) })
  return ticks
}

const TIME_STEPS = [
  ...[1, 10, 100, 1_000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * DAY),
]

/** `2026-01-31 12:00:00.250` without what the step makes needless. */
const timeTickText = (time: Micros, step: number): string => {
  const iso = microsToIso(time)
  if (step >= DAY) return iso.slice(0, 10)
  if (time % DAY === 0) return iso.slice(5, 10)
  if (step >= MINUTE) return iso.slice(11, 16)
  if (step >= SECOND) return iso.slice(11, 19)
  return iso.slice(11, 19) + (step >= 1000 ? iso.slice(19, 23) : iso.slice(19, 26)).replace('Z', '')
}

/** Marks at round times of the day, UTC. */
export const timeTicks = ({ low, high }: Scale, wanted: number): readonly Tick[] => {
  const least = (high - low) / wanted
  const step = TIME_STEPS.find((one) => one >= least) ?? niceStep(least / DAY) * DAY
  const ticks: Tick[] = []
  for (let time = Math.ceil(low / step) * step; time <= high; time += step)
    ticks.push({ value: time, text: timeTickText(microsOf(time), step) })
  return ticks
}

/** `2026-01-31 12:00:00.250000` */
export const timeText = (time: Micros): string => microsToIso(time).replace('T', ' ').replace('Z', '')

/** `1 h 2 min`, `12.3 s`, `250 ms`: microseconds, two units at most. */
export const durationText = (micros: number): string => {
  if (micros < 1000) return `${String(micros)} µs`
  if (micros < SECOND) return `${shortNumber(micros / 1000, 3)} ms`
  if (micros < MINUTE) return `${shortNumber(micros / SECOND, 3)} s`
  const units = [
    [DAY, 'd', HOUR, 'h'],
    [HOUR, 'h', MINUTE, 'min'],
    [MINUTE, 'min', SECOND, 's'],
  ] as const
  const [large, largeName, small, smallName] = units.find(([unit]) => micros >= unit) ?? units[2]
  const rest = Math.floor((micros % large) / small)
  const text = `${String(Math.floor(micros / large))} ${largeName}`
  return rest === 0 ? text : `${text} ${String(rest)} ${smallName}`
}

/** `97.3 %`; never 100 % of what is not whole, nor 0 % of what is there. */
export const percentText = (share: number): string => {
  if (share >= 1) return '100 %'
  if (share <= 0) return '0 %'
  if (share > 0.999) return '> 99.9 %'
  return share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`
}
