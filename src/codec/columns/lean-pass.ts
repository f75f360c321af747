/**
 * The commonest pass, in one tight loop: one field whose slots, at most one in a segment, have numbers of a fixed scale
 * that no group is told of. Its running values are local variables here.
 */
import type { ColumnSet } from './column-set.ts'
import {
  EFFECTS,
  FIRST_COLUMN,
  IS_SIMPLE,
  MOVES_FIELD,
  MOVES_LAG,
  OPERATION,
  POSITION,
  type RowProgram,
  SCALE,
  STEP,
} from './row-program.ts'
import type { RowStructure } from './row-structure.ts'
import type { SegmentSlots } from './segment-slots.ts'
import { CLOCK, CLOCK_STEP, FIELD, SLOT } from './slot-family.ts'

/** Where rows are written, and when their entries came. */
export interface RowArrays {
  readonly values: Float64Array
  readonly scales: Uint8Array
  readonly receiveTimes: Float64Array
}

/** The slots of one pass by segment: typed arrays without a detour. */
interface LeanSlots {
  /** -1: the segment has none. */
  readonly positions: Int32Array
  readonly operations: Uint8Array
  readonly columns: Int32Array
  readonly scales: Uint8Array
  readonly movesField: Uint8Array
  readonly movesLag: Uint8Array
  readonly bases: Float64Array
}

const isLean = (operation: number): boolean =>
  operation === FIELD || operation === SLOT || operation === CLOCK || operation === CLOCK_STEP

/** Undefined where the slots need more than the loop does. */
const leanSlots = (program: RowProgram, { first, slots }: SegmentSlots): LeanSlots | undefined => {
  const { steps, segmentCount, bases, units } = program
  const lean: LeanSlots = {
    positions: new Int32Array(segmentCount).fill(-1),
    operations: new Uint8Array(segmentCount),
    columns: new Int32Array(segmentCount),
    scales: new Uint8Array(segmentCount),
    movesField: new Uint8Array(segmentCount),
    movesLag: new Uint8Array(segmentCount),
    bases: new Float64Array(segmentCount),
  }
  for (let segment = 0; segment < segmentCount; segment++) {
    const from = first[segment] ?? 0
    const count = (first[segment + 1] ?? 0) - from
    if (count === 0) continue
    const slot = slots[from] ?? 0
    const step = slot * STEP
    const operation = steps[step + OPERATION] ?? 0
    if (count > 1 || !isLean(operation) || steps[step + IS_SIMPLE] !== 1 || units[slot] !== 1)
      return undefined
    const effects = steps[step + EFFECTS] ?? 0
    lean.positions[segment] = steps[step + POSITION] ?? 0
    lean.operations[segment] = operation
    lean.columns[segment] = steps[step + FIRST_COLUMN] ?? 0
    lean.scales[segment] = steps[step + SCALE] ?? 0
    lean.movesField[segment] = effects & MOVES_FIELD
    lean.movesLag[segment] = effects & MOVES_LAG
    lean.bases[segment] = bases[slot] ?? 0
  }
  return lean
}

/** False: nothing was done, the pass needs more than this loop does. */
export const runLean = (
  program: RowProgram,
  { count, segments, starts, entries }: RowStructure,
  chosen: SegmentSlots,
  { cursors, strides, values: numbers }: ColumnSet,
  { values, scales, receiveTimes }: RowArrays,
): boolean => {
  const lean = leanSlots(program, chosen)
  if (lean === undefined) return false
  const { positions, operations, columns, scales: digits, movesField, movesLag, bases } = lean
  // By segment: the last value of its slot.
  const last = new Float64Array(program.segmentCount)
  let fieldLast = 0
  let fieldLag = 0
  for (let index = 0; index < count; index++) {
    const segment = segments[index] ?? 0
    const position = positions[segment] ?? -1
    if (position < 0) continue
    const column = columns[segment] ?? 0
    const cursor = cursors[column] ?? 0
    cursors[column] = cursor + (strides[column] ?? 0)
    const operation = operations[segment] ?? 0
    const receiveTime = receiveTimes[entries[index] ?? 0] ?? 0
    let value = numbers[cursor] ?? Number.NaN
    if (operation === FIELD) value += fieldLast
    else if (operation === CLOCK_STEP) value += receiveTime + fieldLag
    else value += operation === SLOT ? (last[segment] ?? 0) : receiveTime + (bases[segment] ?? 0)
    const at = (starts[index] ?? 0) + position
    scales[at] = digits[segment] ?? 0
    // Neither 0 nor the zero apart, which move nothing.
    if (value < 0 === value > 0) {
      values[at] = 0
      continue
    }
    values[at] = value
    last[segment] = value
    if (movesField[segment] !== 0) fieldLast = value
    if (movesLag[segment] !== 0) fieldLag = value - receiveTime
  }
  return true
}
