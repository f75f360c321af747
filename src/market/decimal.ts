/**
 * Exact decimals as whole numbers of 10^-scale. Owns text <-> scaled integer; knows nothing of prices or sizes.
 * Integers past 2^53 are refused, never rounded.
 */

const POWERS = Array.from({ length: 16 }, (_, exponent) => Number(`1e${String(exponent)}`))
const ZERO = 48
const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/

/** The largest scale an instrument may have: 10^15 still leaves a whole number below 2^53. */
export const MAX_SCALE = 15

/**
 * Scales decimal text to a whole number of 10^-scale. Accepts a sign, a fraction and an exponent.
 * Undefined when the text is no decimal, is finer than the scale, or passes 2^53.
 */
export const scaleDecimal = (text: string, scale: number): number | undefined => {
  // Fast way: plain digits with at most one point, which is what venues send almost always.
  const length = text.length
  let index = 0
  let isNegative = false
  if (text.charCodeAt(0) === 45) {
    isNegative = true
    index = 1
  }
  if (index === length) return undefined
  let value = 0
  let fractionDigits = -1
  let kept = 0
  for (; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 48 && code <= 57) {
      if (fractionDigits >= 0) {
        fractionDigits++
        if (fractionDigits > scale) {
          if (code !== 48) return scaleSlowly(text, scale)
          continue
        }
      }
      value = value * 10 + (code - 48)
      kept++
    } else if (code === 46 && fractionDigits < 0 && kept > 0) {
      fractionDigits = 0
    } else {
      return scaleSlowly(text, scale)
    }
  }
  if (kept === 0 || fractionDigits === 0) return undefined
  const missing = scale - Math.max(0, Math.min(fractionDigits, scale))
  const power = POWERS[missing]
  if (power === undefined) return scaleSlowly(text, scale)
  value *= power
  if (value > Number.MAX_SAFE_INTEGER) return undefined
  return isNegative && value !== 0 ? -value : value
}

const scaleSlowly = (text: string, scale: number): number | undefined => {
  const parts = splitDecimal(text)
  if (parts === undefined) return undefined
  const shift = scale + parts.exponent
  if (parts.digits === '') return 0
  if (shift < 0 || shift + parts.digits.length > 17) return undefined
  const value = Number(parts.digits + '0'.repeat(shift))
  if (value > Number.MAX_SAFE_INTEGER) return undefined
  return parts.isNegative ? -value : value
}

interface DecimalParts {
  readonly isNegative: boolean
  /** No zeros at either end; '' is zero. */
  readonly digits: string
  /** The value is digits * 10^exponent. */
  readonly exponent: number
}

const splitDecimal = (text: string): DecimalParts | undefined => {
  if (!DECIMAL.test(text)) return undefined
  const [mantissa = '', exponentText = '0'] = text.toLowerCase().split('e')
  const isNegative = mantissa.startsWith('-')
  const [whole = '', fraction = ''] = (isNegative ? mantissa.slice(1) : mantissa).split('.')
  const digits = whole + fraction
  // By hand: a pattern for zeros at the end takes quadratic time on long hostile text.
  let start = 0
  let end = digits.length
  while (start < end && digits.charCodeAt(start) === ZERO) start++
  while (end > start && digits.charCodeAt(end - 1) === ZERO) end--
  const exponent = Number(exponentText) - fraction.length + digits.length - end
  return { isNegative, digits: digits.slice(start, end), exponent }
}

/** How many fraction digits the value needs, zeros at the end not counted. Undefined when the text is no decimal. */
export const neededScale = (text: string): number | undefined => {
  const parts = splitDecimal(text)
  return parts === undefined ? undefined : Math.max(0, parts.digits === '' ? 0 : -parts.exponent)
}

// More zeros than any double has, and few enough to write out.
const MAX_ZEROS = 400

/**
 * Respells decimal text in the shortest plain way, as `decimalText` does, whatever its number of digits. Undefined when
 * the text is no decimal, or its exponent asks for more than 400 zeros.
 */
export const shortestDecimal = (text: string): string | undefined => {
  const parts = splitDecimal(text)
  if (parts === undefined) return undefined
  const { digits, exponent, isNegative } = parts
  if (digits === '') return '0'
  if (exponent > MAX_ZEROS || -exponent > digits.length + MAX_ZEROS) return undefined
  const sign = isNegative ? '-' : ''
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent)
  const padded = digits.padStart(1 - exponent, '0')
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}

/** Renders a scaled integer in the shortest plain decimal: no exponent, no zeros at the end. */
export const decimalText = (value: number | bigint, scale: number): string => {
  const isNegative = value < 0
  let digits = String(isNegative ? -value : value)
  if (scale > 0) {
    digits = digits.padStart(scale + 1, '0')
    const point = digits.length - scale
    let end = digits.length
    while (end > point && digits.charCodeAt(end - 1) === 48) end--
    digits = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`
  }
  return isNegative ? `-${digits}` : digits
}

/**
 * The double nearest to a scaled integer: where exactness ends, for arithmetic that may round. NaN for scales beyond
 * MAX_SCALE.
 */
export const decimalNumber = (value: number, scale: number): number => value / (POWERS[scale] ?? NaN)

/** Renders a scaled integer with all its fraction digits, zeros at the end included. */
export const scaledText = (value: number, scale: number): string => {
  const digits = String(Math.abs(value)).padStart(scale + 1, '0')
  const point = digits.length - scale
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
  return value < 0 ? `-${text}` : text
}

/**
 * Moves a scaled integer to another scale. Undefined past 2^53, where a digit would be lost, and for scales more than
 * 15 apart.
 */
export const convertScale = (value: number, fromScale: number, toScale: number): number | undefined => {
  if (fromScale <= toScale) return rescale(value, fromScale, toScale)
  const power = POWERS[fromScale - toScale]
  return power === undefined || value % power !== 0 ? undefined : value / power
}

/** Moves a scaled integer to a finer scale. Undefined past 2^53, and when the scale is not finer by 0 to 15 digits. */
export const rescale = (value: number, fromScale: number, toScale: number): number | undefined => {
  const power = POWERS[toScale - fromScale]
  if (power === undefined) return undefined
  const scaled = value * power
  return Number.isSafeInteger(scaled) ? scaled : undefined
}
