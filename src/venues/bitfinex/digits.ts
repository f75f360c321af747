/** Numbers as rows give them: a whole number of digits, and how many of them stand behind the point. */

/** Powers of ten that a double holds exactly: dividing by one is rounded once, as parsing the text is. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${String(exponent)}`))

/** Two decimals of at most 15 digits are never one double, so that its shortest text is theirs. */
const PROVABLE = 1e15

/** Digits behind the point down to which JavaScript writes no exponent: a millionth. */
const PLAIN_SCALE = 6

/** The number's text in its frame: zeros at the end too. */
export const textOfDigits = (digits: number, scale: number): string => {
  if (scale === 0) return String(digits)
  const text = String(Math.abs(digits)).padStart(scale + 1, '0')
  const point = text.length - scale
  return `${digits < 0 ? '-' : ''}${text.slice(0, point)}.${text.slice(point)}`
}

/** What JSON.parse makes of the number's text. */
export const numberOfDigits = (digits: number, scale: number): number => {
  if (scale === 0) return digits
  const power = POWERS[scale]
  return power === undefined ? Number(textOfDigits(digits, scale)) : digits / power
}

/** Whether JavaScript would write the number as its frame does. */
export const isPlain = (digits: number, scale: number): boolean => {
  if (scale === 0) return true
  const size = digits < 0 ? -digits : digits
  // `%` of doubles is slow; a tenth of a whole number below 2^53 is precise to an eighth.
  if (Math.floor(size / 10) * 10 === size) return false
  if (size < PROVABLE && (scale <= PLAIN_SCALE || size >= (POWERS[scale - PLAIN_SCALE] ?? PROVABLE)))
    return true
  return String(numberOfDigits(digits, scale)) === textOfDigits(digits, scale)
}

/** The same number with so many digits behind the point; undefined when it is finer, or passes 2^53. */
export const rescaled = (digits: number, scale: number, target: number): number | undefined => {
  if (target >= scale) {
    const units = digits * (POWERS[target - scale] ?? Number.NaN)
    return units <= Number.MAX_SAFE_INTEGER && units >= -Number.MAX_SAFE_INTEGER ? units : undefined
  }
  const power = POWERS[scale - target]
  if (power === undefined) return digits === 0 ? 0 : undefined
  const units = Math.trunc(digits / power)
  return units * power === digits ? units : undefined
}
