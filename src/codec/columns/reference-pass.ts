/** The pass that undoes references: ids, texts, numbers that are ids. Hostile references are refused. */
import { MalformedColumns } from './byte-stream.ts'
import type { ColumnSet } from './column-set.ts'
import type { Layout } from './layout.ts'
import { FIRST_COLUMN, OPERATION, POSITION, type RowProgram, STEP, TABLE } from './row-program.ts'
import type { RowStructure } from './row-structure.ts'
import { IdUses } from './running-values.ts'
import { slotsBySegment } from './segment-slots.ts'
import { columnsOf, ID, NUMBER_ID, TEXT } from './slot-family.ts'

export class ReferencePass {
  private readonly layout: Layout
  private readonly program: RowProgram
  private readonly columns: ColumnSet
  private readonly values: Float64Array
  private textCount = 0
  /** By table; 0: UUIDs. */
  private readonly uses: readonly IdUses[]
  private readonly numberIds: readonly Float64Array[]
  private readonly lastNumbers: Float64Array
  /** How many ids a table has at the end, at most. */
  readonly sizes: readonly number[]

  constructor(layout: Layout, program: RowProgram, columns: ColumnSet, values: Float64Array) {
    this.layout = layout
    this.program = program
    this.columns = columns
    this.values = values
    this.sizes = tableSizes(layout)
    this.uses = this.sizes.map(() => new IdUses())
    this.numberIds = this.sizes.map((size, table) => new Float64Array(table === 0 ? 0 : size))
    this.lastNumbers = new Float64Array(this.sizes.length)
  }

  /** Writes references of ids (of numbers, too) and texts. */
  run({ count, segments, starts }: RowStructure): void {
    const { steps } = this.program
    const { first, slots } = slotsBySegment(this.program, isReference)
    const [uuids = new IdUses()] = this.uses
    const { values, columns } = this
    const { idCount } = this.layout
    for (let index = 0; index < count; index++) {
      const segment = segments[index] ?? 0
      const end = first[segment + 1] ?? 0
      for (let place = first[segment] ?? 0; place < end; place++) {
        const step = (slots[place] ?? 0) * STEP
        const at = (starts[index] ?? 0) + (steps[step + POSITION] ?? 0)
        const code = columns.next(steps[step + FIRST_COLUMN] ?? 0)
        if (steps[step + OPERATION] !== ID) {
          this.other(step, at, code)
          continue
        }
        const reference = uuids.referenceOf(code)
        if (!(reference >= 0 && reference < idCount)) throw new MalformedColumns(NO_ID)
        values[at] = reference
      }
    }
  }

  private other(step: number, at: number, code: number): void {
    const { steps } = this.program
    if (steps[step + OPERATION] === TEXT) {
      const reference = this.textCount - code
      if (code === 0) this.textCount++
      if (!(reference >= 0 && reference < this.layout.textCount))
        throw new MalformedColumns('a scalar names a text that is none')
      this.values[at] = reference
      return
    }
    const table = steps[step + TABLE] ?? 0
    const numbers = this.numberIds[table]
    const reference = this.uses[table]?.referenceOf(code) ?? -1
    if (numbers === undefined || !(reference >= 0 && reference < numbers.length))
      throw new MalformedColumns(NO_ID)
    this.values[at] = reference
    if (code !== 0) return
    const number = (this.lastNumbers[table] ?? 0) + this.columns.next((steps[step + FIRST_COLUMN] ?? 0) + 1)
    this.lastNumbers[table] = number
    numbers[reference] = number
  }

  /** Puts the numbers in the places of their references, once nothing needs these any more. */
  showNumbers({ count, segments, starts }: RowStructure): void {
    if (this.layout.tableCount === 0) return
    const { steps } = this.program
    const { first, slots } = slotsBySegment(this.program, (operation) => operation === NUMBER_ID)
    for (let index = 0; index < count; index++) {
      const segment = segments[index] ?? 0
      const end = first[segment + 1] ?? 0
      for (let place = first[segment] ?? 0; place < end; place++) {
        const step = (slots[place] ?? 0) * STEP
        const at = (starts[index] ?? 0) + (steps[step + POSITION] ?? 0)
        this.values[at] = this.numberIds[steps[step + TABLE] ?? 0]?.[this.values[at] ?? 0] ?? Number.NaN
      }
    }
  }

  /** Whether all ids and texts came. */
  isComplete(): boolean {
    return this.uses[0]?.count === this.layout.idCount && this.textCount === this.layout.textCount
  }
}

const NO_ID = 'a scalar names an id that is none'

const isReference = (operation: number): boolean =>
  operation === ID || operation === TEXT || operation === NUMBER_ID

/** By table, UUIDs first: how many ids it comes to hold. */
const tableSizes = ({ families, columns, tableCount, idCount }: Layout): readonly number[] => {
  const sizes = new Array<number>(tableCount + 1).fill(0)
  let column = 0
  for (const family of families) {
    if (family.predictor === NUMBER_ID)
      sizes[family.table] = (sizes[family.table] ?? 0) + (columns[column + 1]?.length ?? 0)
    column += columnsOf(family)
  }
  sizes[0] = idCount
  return sizes
}
