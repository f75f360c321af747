/** Typed arrays of another length with the same beginning. */

type Doubles = Float64Array<ArrayBuffer>
type Integers = Int32Array<ArrayBuffer>

/** The first `kept` numbers, and zeros behind them. */
export const resizedDoubles = (column: Doubles, length: number, kept: number): Doubles => {
  const resized = new Float64Array(length)
  resized.set(column.subarray(0, kept))
  return resized
}

/** The first `kept` numbers, and zeros behind them. */
export const resizedIntegers = (column: Integers, length: number, kept: number): Integers => {
  const resized = new Int32Array(length)
  resized.set(column.subarray(0, kept))
  return resized
}
