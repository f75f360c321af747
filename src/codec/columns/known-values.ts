/** What groups are known to say of ids while rows are read: a price, a size. Laid out flat, group behind group. */
import { isRunning } from './running-values.ts'
import { knownDigits, knownNumbers } from './scratch.ts'

/** How a value is written is not known. */
const UNKNOWN = 255

export class KnownValues {
  static readonly UNKNOWN = UNKNOWN
  /** By place; NaN: nothing known. */
  readonly values: Float64Array
  /** By place: digits behind the point when the value is written without zeros at its end; UNKNOWN: not known. */
  readonly digits: Uint8Array
  private readonly ids: number

  /** `ids`: how many ids a group has at most. */
  constructor(groups: number, ids: number) {
    this.ids = ids
    const places = (groups + 1) * ids
    this.values = knownNumbers.take(places).fill(Number.NaN)
    this.digits = knownDigits.take(places).fill(UNKNOWN)
  }

  place(group: number, id: number): number {
    return group * this.ids + id
  }

  /** The smallest value known of one or two ids (-1: none); NaN when none is. */
  known(group: number, first: number, second: number): number {
    const one = first < 0 ? Number.NaN : (this.values[this.place(group, first)] ?? Number.NaN)
    if (second < 0) return one
    const other = this.values[this.place(group, second)] ?? Number.NaN
    if (one !== one) return other
    return other < one ? other : one
  }

  /** `digits`: UNKNOWN where it is not known how the value is written without zeros at its end. */
  tell(place: number, value: number, digits: number): void {
    this.values[place] = value
    this.digits[place] = digits
  }

  take(group: number, id: number, value: number): void {
    if (id < 0) return
    const place = this.place(group, id)
    this.digits[place] = UNKNOWN
    const left = (this.values[place] ?? Number.NaN) - value
    this.values[place] = isRunning(left) ? left : Number.NaN
  }
}
