/**
 * The passes that undo predictions of numbers and times. Slots that rest on nothing but themselves are done one by one,
 * in tight loops; all others field by field, with the groups that tie fields together, in the order of the rows.
 */
import type { ColumnSet } from './column-set.ts'
import { followingSlots } from './following-slots.ts'
import type { Layout } from './layout.ts'
import { type RowArrays, runLean } from './lean-pass.ts'
import {
  CONSTANT,
  EFFECTS,
  FIELD_NUMBER,
  FIRST_COLUMN,
  FIRST_ID,
  FORM,
  GROUP_NUMBER,
  IS_SIMPLE,
  IS_TIME,
  MOVES_FIELD,
  MOVES_LAG,
  OPERATION,
  OWN_COLUMN,
  POSITION,
  type RowProgram,
  SCALE,
  SECOND_ID,
  STEP,
  TAKES,
  TELLS,
} from './row-program.ts'
import { occurrencesOf, type RowStructure } from './row-structure.ts'
import { GroupValues, NO_DIGITS } from './running-values.ts'
import type { SegmentSlots } from './segment-slots.ts'
import { slotComponents } from './slot-components.ts'
import { CLOCK, FIELD, GROUP, OWN, RAW, SLOPE, SLOT, TRIMMED } from './slot-family.ts'
import { POWERS_OF_TEN } from './token-table.ts'
import { timeDigits, trimmedDigits } from './trimmed-digits.ts'

export class NumberPasses {
  private readonly program: RowProgram
  private readonly steps: Int32Array
  private readonly columns: ColumnSet
  private readonly rows: RowArrays
  private readonly values: Float64Array
  private readonly scales: Uint8Array
  private readonly receiveTimes: Float64Array
  private receiveTime = 0.5
  private readonly last: Float64Array
  private readonly slopes: Float64Array
  private readonly fieldLast: Float64Array
  private readonly fieldLags: Float64Array
  private readonly groups: readonly GroupValues[]

  /** `idCount`: the most ids that a table has. Rows are written into `values` and `scales`, where ids stand already. */
  constructor(layout: Layout, program: RowProgram, columns: ColumnSet, rows: RowArrays, idCount: number) {
    this.program = program
    this.steps = program.steps
    this.columns = columns
    this.rows = rows
    this.values = rows.values
    this.scales = rows.scales
    this.receiveTimes = rows.receiveTimes
    this.last = new Float64Array(program.slotCount)
    this.slopes = new Float64Array(program.slotCount)
    this.fieldLast = new Float64Array(layout.fieldCount)
    this.fieldLags = new Float64Array(layout.fieldCount)
    this.groups = Array.from({ length: layout.groupCount + 1 }, () => new GroupValues(idCount))
  }

  run(structure: RowStructure): void {
    const { alone, components } = slotComponents(this.program)
    this.runAlone(structure, alone)
    const { program, columns } = this
    for (const component of components)
      if (!runLean(program, structure, component, columns, this.rows)) this.runTogether(structure, component)
  }

  /** Constants and slots whose columns and running values are theirs alone. */
  private runAlone(structure: RowStructure, alone: SegmentSlots): void {
    const { first, slots } = alone
    const { segmentCount } = this.program
    const sorted = occurrencesOf(structure, segmentCount)
    for (let segment = 0; segment < segmentCount; segment++) {
      const { starts, entries } = sorted(segment)
      const end = first[segment + 1] ?? 0
      for (let place = first[segment] ?? 0; place < end; place++)
        this.slot(slots[place] ?? 0, starts, entries)
    }
  }

  /** All occurrences of one slot, at these starts of its segment. */
  private slot(slot: number, starts: Int32Array, entries: Int32Array): void {
    const step = slot * STEP
    const { steps, values, scales } = this
    const position = steps[step + POSITION] ?? 0
    const operation = steps[step + OPERATION] ?? CONSTANT
    if (operation === CONSTANT) {
      const value = this.program.bases[slot] ?? 0
      const digits = steps[step + SCALE] ?? 0
      for (let index = 0; index < starts.length; index++) {
        const at = (starts[index] ?? 0) + position
        values[at] = value
        scales[at] = digits
      }
      return
    }
    if (operation === RAW) {
      this.rawAlone(step, starts)
      return
    }
    for (let index = 0; index < starts.length; index++) {
      this.receiveTime = this.receiveTimes[entries[index] ?? 0] ?? 0
      this.predicted(slot, step, operation, (starts[index] ?? 0) + position)
    }
  }

  private rawAlone(step: number, starts: Int32Array): void {
    const { steps, values, scales } = this
    const position = steps[step + POSITION] ?? 0
    const column = steps[step + FIRST_COLUMN] ?? 0
    const { values: numbers, scales: digits, cursors, strides } = this.columns
    const stride = strides[column] ?? 0
    let cursor = cursors[column] ?? 0
    for (let index = 0; index < starts.length; index++) {
      const at = (starts[index] ?? 0) + position
      values[at] = numbers[cursor] ?? Number.NaN
      scales[at] = digits[cursor] ?? 0
      cursor += stride
    }
    cursors[column] = cursor
  }

  /** Slots that share running values, in the order of the rows. */
  private runTogether({ count, segments, starts, entries }: RowStructure, together: SegmentSlots): void {
    const { first } = together
    const { receiveTimes, values, scales } = this
    const { cursors, strides, values: numbers } = this.columns
    const { positions, columns, ids, fields, repeats, groupOf } = followingSlots(this.program, together)
    const { groups } = this
    for (let index = 0; index < count; index++) {
      const segment = segments[index] ?? 0
      let place = first[segment] ?? 0
      const end = first[segment + 1] ?? 0
      if (place === end) continue
      const start = starts[index] ?? 0
      this.receiveTime = receiveTimes[entries[index] ?? 0] ?? 0
      for (; place < end; place++) {
        const at = start + (positions[place] ?? 0)
        // The commonest case: what one id is known to have, unchanged.
        if (repeats[place] === 1) {
          const group = groups[groupOf[place] ?? 0]
          const id = values[start + (ids[place] ?? 0)] ?? 0
          const column = columns[place] ?? 0
          const cursor = cursors[column] ?? 0
          if (group !== undefined && numbers[cursor] === 0 && group.digits[id] !== NO_DIGITS) {
            cursors[column] = cursor + (strides[column] ?? 0)
            values[at] = group.shown[id] ?? 0
            scales[at] = group.digits[id] ?? 0
            const field = fields[place] ?? -1
            if (field >= 0) this.fieldLast[field] = group.values[id] ?? 0
            continue
          }
        }
        this.one(together.slots[place] ?? 0, at, start)
      }
    }
  }

  private one(slot: number, at: number, start: number): void {
    const step = slot * STEP
    const operation = this.steps[step + OPERATION] ?? 0
    if (operation === GROUP) this.followed(slot, step, at, start)
    else if (operation === RAW) this.raw(slot, step, at, start)
    else this.predicted(slot, step, operation, at, start)
  }

  private predicted(slot: number, step: number, operation: number, at: number, start = 0): void {
    const { steps, columns } = this
    const { cursors, strides } = columns
    const column = steps[step + FIRST_COLUMN] ?? 0
    const cursor = cursors[column] ?? 0
    cursors[column] = cursor + (strides[column] ?? 0)
    const number = columns.values[cursor] ?? Number.NaN
    const field = steps[step + FIELD_NUMBER] ?? 0
    let value: number
    if (operation === FIELD) value = (this.fieldLast[field] ?? 0) + number
    else if (operation === SLOT) value = (this.last[slot] ?? 0) + number
    else value = this.farther(slot, operation, field) + number
    // Neither 0 nor the zero apart.
    if (steps[step + IS_SIMPLE] === 1 && operation !== SLOPE && value < 0 !== value > 0) {
      this.values[at] = value
      this.scales[at] = steps[step + SCALE] ?? 0
      if (operation === SLOT) this.last[slot] = value
      const effects = steps[step + EFFECTS] ?? 0
      if ((effects & MOVES_FIELD) > 0) this.fieldLast[field] = value
      if ((effects & MOVES_LAG) > 0) this.fieldLags[field] = value - this.clock(slot)
    } else this.settle(slot, step, at, start, number === number ? value : 0)
  }

  private farther(slot: number, operation: number, field: number): number {
    if (operation === SLOPE) return (this.last[slot] ?? 0) + (this.slopes[slot] ?? 0)
    if (operation === CLOCK) return this.clock(slot) + (this.program.bases[slot] ?? 0)
    return this.clock(slot) + (this.fieldLags[field] ?? 0)
  }

  private clock(slot: number): number {
    const unit = this.program.units[slot] ?? 1
    return unit === 1 ? this.receiveTime : Math.floor(this.receiveTime / unit)
  }

  /** The id in this place of the segment; -1: no place. */
  private idAt(start: number, position: number): number {
    return position < 0 ? -1 : (this.values[start + position] ?? -1)
  }

  private followed(slot: number, step: number, at: number, start: number): void {
    const { steps, columns } = this
    const group = this.groups[steps[step + GROUP_NUMBER] ?? 0]
    const first = this.idAt(start, steps[step + FIRST_ID] ?? -1)
    const second = this.idAt(start, steps[step + SECOND_ID] ?? -1)
    const known = group === undefined ? Number.NaN : group.known(first, second)
    const column = steps[step + FIRST_COLUMN] ?? 0
    const isKnown = known === known
    const number = columns.next(isKnown ? column : column + 1)
    const prediction = isKnown ? known : (this.fieldLast[steps[step + FIELD_NUMBER] ?? 0] ?? 0)
    this.settle(slot, step, at, start, number === number ? prediction + number : 0)
  }

  /** Writes a number told at the slot's scale with the digits that its form says, and moves what it moves. */
  private settle(slot: number, step: number, at: number, start: number, value: number): void {
    const { steps } = this
    const form = steps[step + FORM] ?? 0
    const scale = steps[step + SCALE] ?? 0
    let digits = scale
    let shown = value
    if (form === TRIMMED) {
      if (steps[step + IS_TIME] === 1) digits = timeDigits(value)
      else {
        digits = trimmedDigits(value, scale)
        if (digits !== scale) shown = value / (POWERS_OF_TEN[scale - digits] ?? 1)
      }
    } else if (form === OWN) {
      digits = this.columns.next(steps[step + OWN_COLUMN] ?? 0)
      if (steps[step + IS_TIME] !== 1) shown = value / (POWERS_OF_TEN[scale - digits] ?? Number.NaN)
    }
    this.values[at] = shown
    this.scales[at] = digits
    if (value === 0) return
    this.slopes[slot] = value - (this.last[slot] ?? 0)
    this.last[slot] = value
    const effects = steps[step + EFFECTS] ?? 0
    if (effects > 0) this.move(slot, step, start, value)
    if (form === TRIMMED && (effects & TELLS) > 0) this.note(step, start, shown, digits)
  }

  /** A number that stands for itself, digits included. */
  private raw(slot: number, step: number, at: number, start: number): void {
    const { steps, columns } = this
    const column = steps[step + FIRST_COLUMN] ?? 0
    const cursor = columns.cursors[column] ?? 0
    const number = columns.next(column)
    const digits = columns.scales[cursor] ?? 0
    this.values[at] = number
    this.scales[at] = digits
    if (number === 0) return
    const scale = steps[step + SCALE] ?? 0
    const isNormal = digits === scale || steps[step + IS_TIME] === 1
    this.move(slot, step, start, isNormal ? number : number * (POWERS_OF_TEN[scale - digits] ?? 1))
    const tells = ((steps[step + EFFECTS] ?? 0) & TELLS) > 0
    if (tells && trimmedDigits(number, digits) === digits) this.note(step, start, number, digits)
  }

  /** Remembers how the value that a group was just told is written without zeros at its end. */
  private note(step: number, start: number, shown: number, digits: number): void {
    const { steps } = this
    const id = this.idAt(start, steps[step + FIRST_ID] ?? -1)
    this.groups[steps[step + GROUP_NUMBER] ?? 0]?.note(id, shown, digits)
  }

  /** Moves the running values that a number moves. */
  private move(slot: number, step: number, start: number, value: number): void {
    const { steps } = this
    const effects = steps[step + EFFECTS] ?? 0
    const field = steps[step + FIELD_NUMBER] ?? 0
    if ((effects & MOVES_FIELD) > 0) this.fieldLast[field] = value
    if ((effects & MOVES_LAG) > 0) this.fieldLags[field] = value - this.clock(slot)
    if (effects < TELLS) return
    const group = this.groups[steps[step + GROUP_NUMBER] ?? 0]
    const first = this.idAt(start, steps[step + FIRST_ID] ?? -1)
    if (effects < TAKES) {
      group?.tell(first, value)
      return
    }
    group?.take(first, value)
    group?.take(this.idAt(start, steps[step + SECOND_ID] ?? -1), value)
  }
}
