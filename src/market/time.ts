/** Instants as whole microseconds since the Unix epoch. The one place that may use Date, for calendar arithmetic only. */

declare const brand: unique symbol

/** Microseconds since 1970-01-01T00:00:00Z; exact in a number from the year 1684 to 2255. */
export type Micros = number & { readonly [brand]: 'Micros' }

/** Takes whole microseconds read from our own state or a venue's integer. */
export const microsOf = (value: number): Micros => value as Micros

/** Lengths of time in microseconds, as intervals are given. */
export const SECOND = 1_000_000
/** 60 seconds, in microseconds. */
export const MINUTE = 60 * SECOND
/** 60 minutes, in microseconds. */
export const HOUR = 60 * MINUTE
/** 24 hours, in microseconds. */
export const DAY = 24 * HOUR

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))$/
const ZERO_DATE = -62_135_596_800_000_000

/**
 * Parses ISO-8601 with 0 to 9 fraction digits and `Z` or an offset; digits past the microsecond are cut.
 * Undefined when the text is none, and for instants that are not exact in a number, but for one: the zero date of Go
 * (`0001-01-01T00:00:00Z`) is a valid text, below every other result: callers decide what it means.
 */
export const microsFromIso = (text: string): Micros | undefined => {
  const fast = fastMicros(text)
  return fast ?? slowMicros(text)
}

// Venues send exactly `YYYY-MM-DDThh:mm:ss.ffffffZ`; the day part is cached because it changes once a day.
let cachedDay = ''
let cachedDayMicros = 0

const digitsAt = (text: string, start: number, end: number): number => {
  let value = 0
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

const fastMicros = (text: string): Micros | undefined => {
  if (text.length !== 27 || text.charCodeAt(26) !== 90 || text.charCodeAt(19) !== 46) return undefined
  if (text.charCodeAt(10) !== 84 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined
  if (cachedDay === '' || !text.startsWith(cachedDay)) {
    const day = slowMicros(`${text.slice(0, 10)}T00:00:00Z`)
    if (day === undefined) return undefined
    cachedDay = text.slice(0, 10)
    cachedDayMicros = day
  }
  const hours = digitsAt(text, 11, 13)
  const minutes = digitsAt(text, 14, 16)
  const seconds = digitsAt(text, 17, 19)
  const fraction = digitsAt(text, 20, 26)
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59 || fraction < 0)
    return undefined
  const micros = cachedDayMicros + ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction
  return Number.isSafeInteger(micros) ? (micros as Micros) : undefined
}

const slowMicros = (text: string): Micros | undefined => {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  // Second 60 is a leap second; it counts as the next minute's first.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  if (sign !== undefined && (Number(offsetHour) > 23 || Number(offsetMinute) > 59)) return undefined
  const offset =
    sign === undefined ? 0 : Number(`${sign}1`) * (Number(offsetHour) * 60 + Number(offsetMinute))
  const seconds =
    date.getTime() / 1000 + Number(hour) * 3600 + (Number(minute) - offset) * 60 + Number(second)
  const whole = seconds * 1_000_000
  const part = Number(fraction.slice(0, 6).padEnd(6, '0'))
  return Number.isSafeInteger(whole + part) || (whole === ZERO_DATE && part === 0)
    ? ((whole + part) as Micros)
    : undefined
}

/** Renders an instant as `YYYY-MM-DDThh:mm:ss.ffffffZ`. Throws RangeError when it is no number. */
export const microsToIso = (micros: Micros): string => {
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = String(micros - seconds * 1_000_000).padStart(6, '0')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`
}
