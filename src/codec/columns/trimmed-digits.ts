/** How many digits stand behind the point of a number that is written without zeros at its end. */

/** Of a whole number of 10^-scale units. */
export const trimmedDigits = (value: number, scale: number): number => {
  let digits = scale
  const small = value | 0
  if (small === value) {
    for (let rest = small; digits > 0; digits--) {
      const tenth = (rest / 10) | 0
      if (tenth * 10 !== rest) return digits
      rest = tenth
    }
    return 0
  }
  for (let rest = value; digits > 0 && rest % 10 === 0; digits--) rest /= 10
  return digits
}

/** Of an instant in microseconds. */
export const timeDigits = (micros: number): number => trimmedDigits(micros, 6)
