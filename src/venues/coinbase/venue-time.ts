/** Times as Coinbase writes them. */
import { type Micros, microsFromIso } from '../../market/time.ts'

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
