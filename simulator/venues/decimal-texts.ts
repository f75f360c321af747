/** Renders scaled integers of one scale, plain or padded, from tables: a feed does little else. */
import { decimalText } from '../../src/index.ts'

const GROUP = 4
const GROUP_UNITS = 10 ** GROUP
/** Four digits; and the same without the zeros at their end. */
const PADDED = Array.from({ length: GROUP_UNITS }, (_, value) => String(value).padStart(GROUP, '0'))
const TRIMMED = PADDED.map((digits) => digits.replace(/0+$/, ''))

export class DecimalTexts {
  private readonly scale: number
  private readonly unit: number
  private readonly isPadded: boolean

  /** `isPadded`: with all zeros behind the point; without any when false. */
  constructor(scale: number, isPadded = false) {
    this.scale = scale
    this.unit = 10 ** scale
    this.isPadded = isPadded
  }

  /** `value` is not negative. */
  of(value: number): string {
    const { scale, unit } = this
    if (scale > 2 * GROUP) return this.slowly(value)
    const whole = Math.floor(value / unit)
    const rest = value - whole * unit
    if (rest === 0 && (scale === 0 || !this.isPadded)) return String(whole)
    // The fraction, filled up with zeros to eight digits.
    const fraction = rest * (100_000_000 / unit)
    const high = Math.floor(fraction / GROUP_UNITS)
    const low = fraction - high * GROUP_UNITS
    if (this.isPadded) {
      const digits = `${PADDED[high] ?? ''}${PADDED[low] ?? ''}`
      return `${String(whole)}.${scale === 2 * GROUP ? digits : digits.slice(0, scale)}`
    }
    return low === 0
      ? `${String(whole)}.${TRIMMED[high] ?? ''}`
      : `${String(whole)}.${PADDED[high] ?? ''}${TRIMMED[low] ?? ''}`
  }

  private slowly(value: number): string {
    if (!this.isPadded) return decimalText(value, this.scale)
    const digits = String(value).padStart(this.scale + 1, '0')
    return `${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`
  }
}
