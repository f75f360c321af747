/** Undoes references: ids, texts, numbers that are ids. Hostile references are refused. */
import { MalformedColumns } from './byte-stream.ts'
import type { ColumnSet } from './column-set.ts'
import type { Layout } from './layout.ts'
import type { RowArrays } from './row-arrays.ts'
import type { SegmentSteps } from './row-passes.ts'
import { COLUMN, POSITION, TABLE, TEXTUAL } from './row-program.ts'
import type { RowStructure } from './row-structure.ts'
import { IdUses } from './running-values.ts'
import { columnsOf, NUMBER_ID } from './slot-family.ts'

const NO_ID = 'a scalar names an id that is none'

export class ReferenceReader {
  /** By table: how many ids it comes to hold; 0: UUIDs. */
  readonly sizes: readonly number[]
  private readonly steps: Int32Array
  private readonly columns: ColumnSet
  private readonly values: Float64Array
  private readonly scales: Uint8Array
  private readonly idCount: number
  private readonly textCount: number
  private texts = 0
  private readonly uuids = new IdUses()
  /** By table. */
  private readonly uses: readonly IdUses[]
  private readonly numbers: readonly Float64Array[]
  private readonly lastNumbers: Float64Array
  /** By position in the segment at hand: the reference of the id there. */
  private readonly rowIds: Int32Array

  constructor(layout: Layout, steps: Int32Array, columns: ColumnSet, { values, scales }: RowArrays) {
    this.steps = steps
    this.columns = columns
    this.values = values
    this.scales = scales
    this.idCount = layout.idCount
    this.textCount = layout.textCount
    this.sizes = tableSizes(layout)
    this.uses = this.sizes.map((_, table) => (table === 0 ? this.uuids : new IdUses()))
    this.numbers = this.sizes.map((size, table) => new Float64Array(table === 0 ? 0 : size))
    this.lastNumbers = new Float64Array(this.sizes.length)
    this.rowIds = new Int32Array(layout.places.reduce((most, { slots }) => Math.max(most, slots.length), 1))
  }

  /** The reference of the number at this position of the segment at hand. */
  numbered(position: number): number {
    return this.rowIds[position] ?? -1
  }

  /** Fills the UUIDs of all segments of the structure. */
  run({ count, segments, starts }: RowStructure, { first, list }: SegmentSteps): void {
    const { steps, values, scales, uuids, idCount } = this
    const { columns } = this
    for (let index = 0; index < count; index++) {
      const segment = segments[index] ?? 0
      const end = first[segment + 1] ?? 0
      for (let place = first[segment] ?? 0; place < end; place++) {
        const step = list[place] ?? 0
        const reference = uuids.referenceOf(columns.next(steps[step + COLUMN] ?? 0))
        if (!(reference >= 0 && reference < idCount)) throw new MalformedColumns(NO_ID)
        const at = (starts[index] ?? 0) + (steps[step + POSITION] ?? 0)
        values[at] = reference
        scales[at] = 0
      }
    }
  }

  /** A text or a number that is an id. */
  other(code: number, step: number, at: number): void {
    const { steps, columns } = this
    const column = steps[step + COLUMN] ?? 0
    const stored = columns.next(column)
    this.scales[at] = 0
    if (code === TEXTUAL) {
      const reference = this.texts - stored
      if (stored === 0) this.texts++
      if (!(reference >= 0 && reference < this.textCount))
        throw new MalformedColumns('a scalar names a text that is none')
      this.values[at] = reference
      return
    }
    const table = steps[step + TABLE] ?? 0
    const numbers = this.numbers[table]
    const reference = this.uses[table]?.referenceOf(stored) ?? -1
    if (numbers === undefined || !(reference >= 0 && reference < numbers.length))
      throw new MalformedColumns(NO_ID)
    if (stored === 0) {
      const number = (this.lastNumbers[table] ?? 0) + columns.next(column + 1)
      if (!(number <= Number.MAX_SAFE_INTEGER && number >= -Number.MAX_SAFE_INTEGER))
        throw new MalformedColumns('a scalar is larger than it may be')
      this.lastNumbers[table] = number
      numbers[reference] = number
    }
    this.rowIds[steps[step + POSITION] ?? 0] = reference
    this.values[at] = numbers[reference] ?? Number.NaN
  }

  /** Whether all ids and texts came. */
  isComplete(): boolean {
    return this.uuids.count === this.idCount && this.texts === this.textCount
  }
}

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
