/** Instants as `2024-01-31T23:59:59.123456Z`, from bytes and into bytes. Owns the calendar of this text; no zone. */

const MINUTE = 60_000_000
const DAY = 86_400_000_000
/** Instants farther from the epoch than this are none: 2^53 microseconds, less a day. */
const LAST_DAY = Number.MAX_SAFE_INTEGER - DAY
/** Bytes that an hour's minutes share: `2024-01-31T23:59:`. */
const PREFIX = 17
/** No instant takes more bytes. */
export const TIME_ROOM = 28

/** Days since 1970-01-01 of a date of the Gregorian calendar; counts years from March, 400 at a time. */
const daysOf = (year: number, month: number, day: number): number => {
  const marchYear = month <= 2 ? year - 1 : year
  const era = Math.floor(marchYear / 400)
  const ofEra = marchYear - era * 400
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

const daysInMonth = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const twoDigits = (bytes: Uint8Array, at: number): number => {
  const tens = (bytes[at] ?? 0) - 48
  const ones = (bytes[at + 1] ?? 0) - 48
  return tens >>> 0 < 10 && ones >>> 0 < 10 ? tens * 10 + ones : -1
}

const writeTwo = (value: number, target: Uint8Array, at: number): void => {
  const tens = (value / 10) | 0
  target[at] = 48 + tens
  target[at + 1] = 48 + value - tens * 10
}

/** Microseconds of the minute that the first 17 bytes name; NaN when they name none or one beyond 2^53. */
const minuteAt = (bytes: Uint8Array, at: number): number => {
  if (bytes[at + 4] !== 45 || bytes[at + 7] !== 45 || bytes[at + 10] !== 84) return NaN
  if (bytes[at + 13] !== 58 || bytes[at + 16] !== 58) return NaN
  const century = twoDigits(bytes, at)
  const ofCentury = twoDigits(bytes, at + 2)
  const month = twoDigits(bytes, at + 5)
  const day = twoDigits(bytes, at + 8)
  const hour = twoDigits(bytes, at + 11)
  const minute = twoDigits(bytes, at + 14)
  if (century < 0 || ofCentury < 0 || month < 1 || month > 12 || hour < 0 || hour > 23) return NaN
  const year = century * 100 + ofCentury
  if (day < 1 || day > daysInMonth(year, month) || minute < 0 || minute > 59) return NaN
  const start = daysOf(year, month, day) * DAY + (hour * 60 + minute) * MINUTE
  // All of it: an instant is written as long as it lies within.
  return start > -LAST_DAY && start + MINUTE <= LAST_DAY ? start : NaN
}

/** Where the last digit of a second stands behind its instant's first byte, and where a fraction begins. */
const SECONDS = 17
const FRACTION = 20
const FRACTION_UNITS = new Int32Array([1_000_000, 100_000, 10_000, 1000, 100, 10, 1])

/** Remembers the last minute, which most instants share with the one before. */
export class TimeText {
  private readonly prefix = new Uint8Array(PREFIX + 3)
  private readonly prefixView = new DataView(this.prefix.buffer)
  /** Microseconds of the minute in `prefix`. */
  private minute = NaN

  constructor() {
    this.setMinute(0)
  }

  /**
   * Reads the instant at `at` into `place` of `values` and `scales`. Returns where it ends, or -1: there is none that
   * `write` would write so.
   */
  read(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    end: number,
    values: Float64Array,
    scales: Uint8Array,
    place: number,
  ): number {
    if (at + FRACTION > end || (!this.hasPrefix(bytes, view, at) && !this.findMinute(bytes, at))) return -1
    const seconds = twoDigits(bytes, at + SECONDS)
    if (seconds < 0 || seconds > 59) return -1
    let stop = at + FRACTION - 1
    let fraction = 0
    if (bytes[stop] === 46) {
      const most = Math.min(end, at + FRACTION + 6)
      let digit = 0
      stop++
      while (stop < most && (digit = (bytes[stop] ?? 0) - 48) >>> 0 < 10) {
        fraction = fraction * 10 + digit
        stop++
      }
      if (stop === at + FRACTION) return -1
    }
    if (stop >= end || bytes[stop] !== 90) return -1
    const scale = Math.max(0, stop - at - FRACTION)
    values[place] = this.minute + (seconds * 1_000_000 + fraction * (FRACTION_UNITS[scale] ?? 0))
    scales[place] = scale
    return stop + 1
  }

  /**
   * Writes the instant at `place` of `values` with `scale` digits behind the point (0: no point, at most 6). Returns
   * where it ends; -1 for what is no safe whole number. There are TIME_ROOM bytes of room.
   */
  write(values: Float64Array, place: number, scale: number, target: Uint8Array, at: number): number {
    const micros = values[place] ?? NaN
    let past = micros - this.minute
    if (!(past >= 0 && past < MINUTE)) {
      if (!Number.isSafeInteger(micros) || Math.abs(micros) > LAST_DAY) return -1
      this.setMinute(Math.floor(micros / MINUTE) * MINUTE)
      past = micros - this.minute
    }
    const { prefix } = this
    const rest = past | 0
    for (let index = 0; index < PREFIX; index++) target[at + index] = prefix[index] ?? 0
    const seconds = (rest / 1_000_000) | 0
    writeTwo(seconds, target, at + SECONDS)
    let end = at + FRACTION - 1
    if (scale > 0) {
      target[end] = 46
      let fraction = rest - seconds * 1_000_000
      for (let digit = end + 6; digit > end; digit--) {
        const tens = (fraction / 10) | 0
        target[digit] = 48 + fraction - tens * 10
        fraction = tens
      }
      end += scale + 1
    }
    target[end] = 90
    return end + 1
  }

  private hasPrefix(bytes: Uint8Array, view: DataView, at: number): boolean {
    const { prefixView } = this
    return (
      view.getInt32(at + 12, true) === prefixView.getInt32(12, true) &&
      view.getInt32(at + 8, true) === prefixView.getInt32(8, true) &&
      view.getInt32(at + 4, true) === prefixView.getInt32(4, true) &&
      view.getInt32(at, true) === prefixView.getInt32(0, true) &&
      bytes[at + 16] === 58
    )
  }

  private findMinute(bytes: Uint8Array, at: number): boolean {
    const minute = minuteAt(bytes, at)
    if (Number.isNaN(minute)) return false
    this.setMinute(minute)
    const { prefix } = this
    for (let index = 0; index < PREFIX; index++) if (prefix[index] !== bytes[at + index]) return false
    return true
  }

  private setMinute(minute: number): void {
    this.minute = minute
    const { prefix } = this
    const days = Math.floor(minute / DAY)
    const minutes = (minute - days * DAY) / MINUTE
    // The inverse of daysOf.
    const shifted = days + 719_468
    const era = Math.floor(shifted / 146_097)
    const ofEra = shifted - era * 146_097
    const yearOfEra = Math.floor(
      (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
    )
    const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
    const marchMonth = Math.floor((5 * ofYear + 2) / 153)
    const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    writeTwo(Math.floor(year / 100), prefix, 0)
    writeTwo(year % 100, prefix, 2)
    writeTwo(month, prefix, 5)
    writeTwo(ofYear - Math.floor((153 * marchMonth + 2) / 5) + 1, prefix, 8)
    writeTwo(Math.floor(minutes / 60), prefix, 11)
    writeTwo(minutes % 60, prefix, 14)
    prefix[4] = prefix[7] = 45
    prefix[10] = 84
    prefix[13] = prefix[16] = 58
  }
}
