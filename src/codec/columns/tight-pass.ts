/**
 * The commonest operations on rows in one loop: constants, numbers as they are stored, and numbers that rest on a register.
 * Nothing is called inside it, so that all arrays stay at hand.
 */
import { MalformedColumns } from './byte-stream.ts'
import type { ColumnSet } from './column-set.ts'
import type { RowArrays } from './row-arrays.ts'
import {
  ALSO_TO,
  CODE,
  COLUMN,
  CONSTANT,
  FROM,
  LAG_TO,
  LEAN_CLOCK,
  POSITION,
  SCALE,
  STANDING,
  TO,
} from './row-program.ts'
import type { RowStructure } from './row-structure.ts'

const MOST = Number.MAX_SAFE_INTEGER

/** What a pass reads and writes. */
export interface TightArrays extends RowArrays {
  readonly steps: Int32Array
  readonly registers: Float64Array
  readonly columns: ColumnSet
}

/** `pass`: by segment, where its operation stands in `steps`; -1: none. Throws MalformedColumns. */
export const runTight = (
  { steps, registers, columns, values, scales }: TightArrays,
  { count, segments, starts, times }: RowStructure,
  pass: Int32Array,
): void => {
  const { cursors, strides, values: numbers, scales: digits } = columns
  for (let index = 0; index < count; index++) {
    const step = pass[segments[index] ?? 0] ?? -1
    if (step < 0) continue
    const code = steps[step + CODE] ?? 0
    const at = (starts[index] ?? 0) + (steps[step + POSITION] ?? 0)
    let value = registers[steps[step + FROM] ?? 0] ?? 0
    if (code === CONSTANT) {
      scales[at] = steps[step + SCALE] ?? 0
      values[at] = value
      continue
    }
    const column = steps[step + COLUMN] ?? 0
    const cursor = cursors[column] ?? 0
    cursors[column] = cursor + (strides[column] ?? 0)
    const number = numbers[cursor] ?? Number.NaN
    scales[at] = code === STANDING ? (digits[cursor] ?? 0) : (steps[step + SCALE] ?? 0)
    value = code === STANDING ? number : value + (code === LEAN_CLOCK ? (times[index] ?? 0) : 0) + number
    if (!(value > 0 && value <= MOST)) {
      if (value < -MOST || value > MOST || (code === STANDING && value !== value))
        throw new MalformedColumns('a scalar is larger than it may be')
      // Zero and the zero apart move nothing.
      if (!(value < 0)) {
        values[at] = 0
        continue
      }
    }
    values[at] = value
    registers[steps[step + TO] ?? 0] = value
    registers[steps[step + ALSO_TO] ?? 0] = value
    const lag = steps[step + LAG_TO] ?? 0
    if (lag > 0) registers[lag] = value - (times[index] ?? 0)
  }
}
