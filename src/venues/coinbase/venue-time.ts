/** Times as Coinbase writes them. */
import { type Micros, microsFromIso, microsOf, microsToIso } from '../../market/time.ts'

// Messages of one engine step share their time.
let lastText = ''
let lastTime: Micros | undefined

/** Undefined where the text is no time, or one of the zero dates that stand for none (`0001-01-01…`). */
export const exchangeTimeOf = (text: string | null | undefined): Micros | undefined => {
  if (text === undefined || text === null) return undefined
  if (text === lastText) return lastTime
  const micros = microsFromIso(text)
  lastText = text
  lastTime = micros !== undefined && micros > 0 ? micros : undefined
  return lastTime
}

/** As `exchangeTimeOf`, of a time that stands as microseconds in a row. */
export const exchangeTimeAt = (micros: number): Micros | undefined =>
  micros > 0 && micros <= Number.MAX_SAFE_INTEGER ? microsOf(micros) : undefined

/** How a row's time is written: with so many digits of a second, without a point where there are none. */
export const timeText = (micros: number, digits: number): string => {
  const text = microsToIso(microsOf(micros))
  return `${text.slice(0, digits === 0 ? 19 : 20 + digits)}Z`
}
