/**
 * Fills the rows that a structure names: every number follows from its column and from what stood before it. Owns the
 * running values; hostile references and numbers are refused, rows stay inside what the structure found.
 */
import { MalformedColumns } from './byte-stream.ts'
import type { ColumnSet } from './column-set.ts'
import { KnownValues } from './known-values.ts'
import type { Layout } from './layout.ts'
import { ReferenceReader } from './reference-reader.ts'
import type { RowArrays } from './row-arrays.ts'
import { type RowPasses, rowPasses, type SegmentSteps } from './row-passes.ts'
import {
  ALSO_TO,
  CODE,
  COLUMN,
  EFFECT,
  FIRST_ID,
  FIRST_NUMBERED,
  FOLLOWED,
  FORM,
  FROM,
  GROUP_NUMBER,
  IS_TIME,
  LAG_TO,
  LEAN,
  LEAN_CLOCK,
  MOVING,
  OWN_COLUMN,
  POSITION,
  PREDICTED,
  PREDICTED_CLOCK,
  REPEATED,
  type RowProgram,
  SCALE,
  SECOND_ID,
  SECOND_NUMBERED,
  SLOPED,
  STANDING,
  STEP,
  TABLE,
  TELLS,
  TO,
} from './row-program.ts'
import type { RowStructure } from './row-structure.ts'
import { OWN, TRIMMED } from './slot-family.ts'
import { runTight, type TightArrays } from './tight-pass.ts'
import { POWERS_OF_TEN } from './token-table.ts'
import { timeDigits, trimmedDigits } from './trimmed-digits.ts'

const MOST = Number.MAX_SAFE_INTEGER
const TOO_LARGE = 'a scalar is larger than it may be'

export class RowReader {
  private readonly passes: RowPasses
  private readonly steps: Int32Array
  private readonly units: Float64Array
  private readonly registers: Float64Array
  private readonly slopes: Float64Array
  private readonly columns: ColumnSet
  private readonly inner: TightArrays
  private readonly values: Float64Array
  private readonly scales: Uint8Array
  private readonly references: ReferenceReader
  private readonly known: KnownValues
  private receiveTime = 0.5
  /** Where the segment at hand begins. */
  private start = 0

  constructor(layout: Layout, program: RowProgram, columns: ColumnSet, rows: RowArrays) {
    const { steps, units, registers } = program
    this.passes = rowPasses(program)
    this.steps = steps
    this.units = units
    this.registers = registers
    this.inner = { steps, registers, columns, values: rows.values, scales: rows.scales }
    this.slopes = new Float64Array(units.length)
    this.columns = columns
    this.values = rows.values
    this.scales = rows.scales
    this.references = new ReferenceReader(layout, steps, columns, rows)
    this.known = new KnownValues(layout.groupCount, Math.max(...this.references.sizes))
  }

  /** Whether all ids and texts came. */
  isComplete(): boolean {
    return this.references.isComplete()
  }

  /** Fills all segments of the structure. */
  run(structure: RowStructure): void {
    const { tight, ids, others } = this.passes
    for (const pass of tight) runTight(this.inner, structure, pass)
    if (ids.list.length > 0) this.references.run(structure, ids)
    if (others.list.length > 0) this.runOthers(structure, others)
  }

  private runOthers({ count, segments, starts, times }: RowStructure, { first, list }: SegmentSteps): void {
    const { steps } = this
    for (let index = 0; index < count; index++) {
      const segment = segments[index] ?? 0
      const end = first[segment + 1] ?? 0
      let place = first[segment] ?? 0
      if (place === end) continue
      const start = starts[index] ?? 0
      this.start = start
      this.receiveTime = times[index] ?? 0
      for (; place < end; place++) {
        const step = list[place] ?? 0
        const code = steps[step + CODE] ?? 0
        const at = start + (steps[step + POSITION] ?? 0)
        if (code === REPEATED) this.repeated(step, at)
        else this.other(code, step, at)
      }
    }
  }

  private other(code: number, step: number, at: number): void {
    if (code === PREDICTED || code === LEAN) this.predicted(step, at, 0)
    else if (code === MOVING) this.moving(step, at)
    else if (code === STANDING) this.standing(step, at)
    else if (code === FOLLOWED) this.followed(step, at)
    else if (code === PREDICTED_CLOCK || code === LEAN_CLOCK) this.predicted(step, at, this.clock(step))
    else if (code === SLOPED) this.predicted(step, at, this.slopes[step / STEP] ?? 0)
    else this.references.other(code, step, at)
  }

  /** References of the ids that a number follows; -1: there is none. */
  private firstId(step: number): number {
    const position = this.steps[step + FIRST_ID] ?? -1
    return this.idAt(position, (this.steps[step + TABLE] ?? 0) & FIRST_NUMBERED)
  }

  private secondId(step: number): number {
    const position = this.steps[step + SECOND_ID] ?? -1
    return this.idAt(position, (this.steps[step + TABLE] ?? 0) & SECOND_NUMBERED)
  }

  private idAt(position: number, numbered: number): number {
    if (position < 0) return -1
    return numbered === 0 ? (this.values[this.start + position] ?? -1) : this.references.numbered(position)
  }

  private standing(step: number, at: number): void {
    const column = this.steps[step + COLUMN] ?? 0
    this.scales[at] = this.columns.nextScale(column)
    const value = this.columns.next(column)
    this.values[at] = value > 0 && value <= MOST ? value : standingValue(value)
  }

  private predicted(step: number, at: number, more: number): void {
    const { steps } = this
    const number = this.columns.next(steps[step + COLUMN] ?? 0)
    this.settle(step, at, (this.registers[steps[step + FROM] ?? 0] ?? 0) + more + number)
  }

  private clock(step: number): number {
    const unit = this.units[step / STEP] ?? 1
    return unit === 1 ? this.receiveTime : Math.floor(this.receiveTime / unit)
  }

  /** The value of one id, which mostly comes back as the group knows it. */
  private repeated(step: number, at: number): void {
    const { steps, columns, known } = this
    const place = known.place(steps[step + GROUP_NUMBER] ?? 0, this.firstId(step))
    const digits = known.digits[place] ?? KnownValues.UNKNOWN
    const column = steps[step + COLUMN] ?? 0
    const cursor = columns.cursors[column] ?? 0
    if (digits === KnownValues.UNKNOWN || columns.values[cursor] !== 0) {
      this.followed(step, at)
      return
    }
    columns.cursors[column] = cursor + (columns.strides[column] ?? 0)
    const value = known.values[place] ?? 0
    const scale = steps[step + SCALE] ?? 0
    this.values[at] = digits === scale ? value : value / (POWERS_OF_TEN[scale - digits] ?? 1)
    this.scales[at] = digits
    this.registers[steps[step + ALSO_TO] ?? 0] = value
  }

  private followed(step: number, at: number): void {
    const { steps, columns } = this
    const first = this.firstId(step)
    const second = this.secondId(step)
    const known = this.known.known(steps[step + GROUP_NUMBER] ?? 0, first, second)
    const column = steps[step + COLUMN] ?? 0
    if (known === known) this.settle(step, at, known + columns.next(column))
    else this.settle(step, at, (this.registers[steps[step + FROM] ?? 0] ?? 0) + columns.next(column + 1))
  }

  /** Writes a number told at the slot's scale with the digits that its form says, and moves what it moves. */
  private settle(step: number, at: number, told: number): void {
    const { steps } = this
    const form = steps[step + FORM] ?? 0
    const scale = steps[step + SCALE] ?? 0
    const value = told > 0 && told <= MOST ? told : settled(told)
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
      if (!(digits >= 0 && digits <= scale) && steps[step + IS_TIME] !== 1)
        throw new MalformedColumns('a scalar has more digits than it may have')
      if (steps[step + IS_TIME] !== 1) shown = value / (POWERS_OF_TEN[scale - digits] ?? Number.NaN)
    }
    this.values[at] = shown
    this.scales[at] = digits
    if (value === 0) return
    const own = steps[step + TO] ?? 0
    if (own > 0) this.slopes[step / STEP] = value - (this.registers[own] ?? 0)
    this.registers[own] = value
    this.move(step, value, form === TRIMMED ? digits : KnownValues.UNKNOWN)
  }

  /** A number that stands for itself, digits included, and moves what it moves. */
  private moving(step: number, at: number): void {
    const { steps } = this
    this.standing(step, at)
    const number = this.values[at] ?? 0
    const digits = this.scales[at] ?? 0
    if (number === 0) return
    const scale = steps[step + SCALE] ?? 0
    const isNormal = digits === scale || steps[step + IS_TIME] === 1
    const value = isNormal ? number : number * (POWERS_OF_TEN[scale - digits] ?? 1)
    const isTrimmed = trimmedDigits(number, digits) === digits
    this.move(step, value, isTrimmed ? digits : KnownValues.UNKNOWN)
  }

  /** Moves the running values that a number moves, but its own; `digits`: see KnownValues. */
  private move(step: number, value: number, digits: number): void {
    const { steps, registers, known } = this
    registers[steps[step + ALSO_TO] ?? 0] = value
    const lag = steps[step + LAG_TO] ?? 0
    if (lag > 0) registers[lag] = value - this.clock(step)
    const effect = steps[step + EFFECT] ?? 0
    if (effect === 0) return
    const group = steps[step + GROUP_NUMBER] ?? 0
    const first = this.firstId(step)
    if (effect === TELLS) {
      known.tell(known.place(group, first), value, digits)
      return
    }
    known.take(group, first, value)
    known.take(group, this.secondId(step), value)
  }
}

/** A number that is not above 0: the zero apart as 0. Throws MalformedColumns for one that is larger than it may be. */
const settled = (value: number): number => (value === value ? standingValue(value) : 0)

const standingValue = (value: number): number => {
  if (value >= -MOST && value <= MOST) return value
  throw new MalformedColumns(TOO_LARGE)
}
