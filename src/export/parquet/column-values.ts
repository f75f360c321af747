/** The values of a column without the absent ones, as Parquet's pages hold them, and their least and greatest. */
import type { ColumnData } from '../columns/column-data.ts'

/** How many rows have a value. */
export const presentCount = (present: Uint8Array | undefined, rows: number): number => {
  if (present === undefined) return rows
  let count = 0
  for (let row = 0; row < rows; row++) count += present[row] ?? 0
  return count
}

/** Words of `width` each, of the rows that have a value. */
export const denseWords = (
  words: Int32Array,
  present: Uint8Array | undefined,
  rows: number,
  values: number,
  width: number,
): Int32Array => {
  if (values === rows || present === undefined) return words
  const dense = new Int32Array(width * values)
  let at = 0
  for (let row = 0; row < rows; row++) {
    if (present[row] !== 1) continue
    for (let word = 0; word < width; word++) dense[at++] = words[width * row + word] ?? 0
  }
  return dense
}

/** Bytes, indexes or doubles of the rows that have a value. */
export const denseValues = <Values extends Uint8Array | Int32Array | Float64Array>(
  values: Values,
  { present }: ColumnData,
  rows: number,
  count: number,
  make: (length: number) => Values,
): Values => {
  if (count === rows || present === undefined) return values
  const dense = make(count)
  let at = 0
  for (let row = 0; row < rows; row++) if (present[row] === 1) dense[at++] = values[row] ?? 0
  return dense
}

/** Words as numbers; undefined where one is not below 2^51 either way. */
export const numbersOf = (words: Int32Array, count: number): Float64Array | undefined => {
  const numbers = new Float64Array(count)
  for (let index = 0; index < count; index++) {
    const high = words[2 * index + 1] ?? 0
    if (high >= 524_288 || high < -524_288) return undefined
    numbers[index] = high * 4_294_967_296 + ((words[2 * index] ?? 0) >>> 0)
  }
  return numbers
}

/** The places of the least and the greatest of numbers. */
export const placesOfExtremes = (numbers: Float64Array): readonly [number, number] => {
  let least = 0
  let greatest = 0
  let low = numbers[0] ?? 0
  let high = low
  for (let index = 1; index < numbers.length; index++) {
    const value = numbers[index] ?? 0
    if (value < low) {
      low = value
      least = index
    } else if (value > high) {
      high = value
      greatest = index
    }
  }
  return [least, greatest]
}

/** The places of the least and the greatest of 64-bit values. */
export const extremesOf = (words: Int32Array, count: number): readonly [number, number] => {
  let least = 0
  let greatest = 0
  for (let index = 1; index < count; index++) {
    const high = words[2 * index + 1] ?? 0
    const low = (words[2 * index] ?? 0) >>> 0
    const leastHigh = words[2 * least + 1] ?? 0
    const greatestHigh = words[2 * greatest + 1] ?? 0
    if (high < leastHigh || (high === leastHigh && low < (words[2 * least] ?? 0) >>> 0)) least = index
    if (high > greatestHigh || (high === greatestHigh && low > (words[2 * greatest] ?? 0) >>> 0))
      greatest = index
  }
  return [least, greatest]
}
