/** The last walk over a chunk's rows: every scalar becomes what its family's prediction leaves of it. */
import type { RowSurvey, ScannedRows } from './row-survey.ts'
import { RowWalk, type SlotState } from './row-walk.ts'
import { CLOCK, CLOCK_STEP, columnsOf, type Family, GROUP, OWN, RAW, SLOPE, SLOT } from './slot-family.ts'
import { type NumberColumn } from './token-writer.ts'

/** A column that grows. */
export class ColumnBuffer implements NumberColumn {
  values: Float64Array
  scales: Uint8Array | undefined
  length = 0

  /** `size`: how many numbers are expected. */
  constructor(isScaled: boolean, size = 64) {
    this.values = new Float64Array(Math.max(16, size))
    this.scales = isScaled ? new Uint8Array(this.values.length) : undefined
  }

  push(value: number, scale = 0): void {
    if (this.length === this.values.length) this.grow()
    this.values[this.length] = value
    if (this.scales !== undefined) this.scales[this.length] = scale
    this.length++
  }

  private grow(): void {
    const values = new Float64Array(this.length * 2)
    values.set(this.values)
    this.values = values
    if (this.scales === undefined) return
    const scales = new Uint8Array(this.length * 2)
    scales.set(this.scales)
    this.scales = scales
  }
}

/** Where the numbers of a slot go. */
class SlotColumns {
  readonly predictor: number
  readonly unit: number
  readonly base: number
  readonly main: ColumnBuffer
  /** The family's second column, where it has one. */
  readonly second: ColumnBuffer
  /** That of digits, where it has one. */
  readonly digits: ColumnBuffer | undefined

  constructor(family: Family, columns: readonly ColumnBuffer[]) {
    const [main, second = main] = columns
    if (main === undefined || second === undefined) throw new Error('a family without columns')
    this.predictor = family.predictor
    this.unit = family.unit
    this.base = family.base
    this.main = main
    this.second = second
    this.digits = family.form === OWN ? columns.at(-1) : undefined
  }
}

export class RowWriter extends RowWalk {
  /** The columns of all families, family by family. */
  readonly columns: readonly ColumnBuffer[]
  /** By slot; of a constant: none. */
  private readonly slotColumns: readonly (SlotColumns | undefined)[]
  private textCount = 0

  constructor(rows: ScannedRows, survey: RowSurvey, families: readonly Family[]) {
    super(rows, survey)
    const counts = new Map<Family, number>()
    for (const { slot } of this.states)
      if (slot.family !== undefined) counts.set(slot.family, (counts.get(slot.family) ?? 0) + slot.count)
    const columns = new Map<Family, readonly ColumnBuffer[]>()
    for (const family of families) {
      const of = Array.from(
        { length: columnsOf(family) },
        (_, index) =>
          new ColumnBuffer(
            index === 0 && family.predictor === RAW,
            index === 0 ? counts.get(family) : undefined,
          ),
      )
      columns.set(family, of)
    }
    this.columns = [...columns.values()].flat()
    this.slotColumns = this.states.map(({ slot: { family } }) =>
      family === undefined ? undefined : new SlotColumns(family, columns.get(family) ?? []),
    )
    for (const state of this.states) state.unit = state.slot.family?.unit ?? 1
    this.run(survey.entryPlaces.length)
  }

  private columnsFor(state: SlotState): SlotColumns {
    const columns = this.slotColumns[state.index]
    if (columns === undefined) throw new Error('a scalar has no column')
    return columns
  }

  protected number(state: SlotState, value: number, scale: number, normal: number, known: number): void {
    const columns = this.columnsFor(state)
    const { predictor } = columns
    if (predictor === RAW) {
      columns.main.push(value, scale)
      return
    }
    const isUnknown = predictor === GROUP && known !== known
    const residual =
      predictor === GROUP && !isUnknown ? normal - known : normal - this.prediction(state, columns)
    const left = normal === 0 && residual !== 0 ? Number.NaN : residual
    if (isUnknown) columns.second.push(left)
    else columns.main.push(left)
    columns.digits?.push(scale)
  }

  private prediction(state: SlotState, { predictor, unit, base }: SlotColumns): number {
    switch (predictor) {
      case SLOT:
        return state.last
      case SLOPE:
        return state.last + state.step
      case CLOCK:
        return Math.floor(this.receiveTime / unit) + base
      case CLOCK_STEP:
        return Math.floor(this.receiveTime / unit) + state.field.lag
      default:
        return state.field.last
    }
  }

  protected id(state: SlotState, code: number): void {
    this.columnsFor(state).main.push(code)
  }

  protected newNumberId(state: SlotState, residual: number): void {
    this.columnsFor(state).second.push(residual)
  }

  protected text(state: SlotState, reference: number): void {
    this.columnsFor(state).main.push(this.textCount - reference)
    if (reference === this.textCount) this.textCount++
  }

  protected list(state: SlotState, count: number): void {
    this.columnsFor(state).main.push(count)
  }

  protected child(state: SlotState, child: number): void {
    this.columnsFor(state).second.push(child)
  }
}
