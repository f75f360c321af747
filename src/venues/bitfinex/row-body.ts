/** The body of a frame read by position from its row: nothing is parsed, nothing is made but the numbers asked for. */
import type { FrameRow } from '../../log/frame-row.ts'
import type { RowBindings } from '../row-bindings.ts'
import { numberOfDigits } from './digits.ts'
import type { RowCells } from './exact-cell.ts'
import type { FrameBody } from './frame-body.ts'
import type { BoundElement, BoundFrame, Unbound } from './frame-template.ts'
import type { RowShape } from './frames.ts'

/** One object for every frame of a decoder: it is valid only while its frame is decoded. */
export class RowBody implements FrameBody {
  readonly isKnown = true
  name: string | undefined
  isList = false
  rowCount = 1
  private values = new Float64Array(0)
  private scales = new Uint8Array(0)
  private first = 0
  private hasArgument = false
  /** The fewest numbers that any row begins with. */
  private columns = 0
  /** Where the rows of a list begin. */
  private readonly starts: number[] = []
  private readonly elements: RowBindings<BoundElement | Unbound>

  constructor(elements: RowBindings<BoundElement | Unbound>) {
    this.elements = elements
  }

  /** `end`: items before the tail. False when the frame must take the way of the text. */
  take(row: FrameRow, bound: BoundFrame, end: number): boolean {
    if (end < (bound.name !== undefined && bound.columns > 0 ? 3 : 2)) return false
    this.values = row.values as Float64Array<ArrayBuffer>
    this.scales = row.scales as Uint8Array<ArrayBuffer>
    this.first = row.start + 1
    this.name = bound.name
    this.hasArgument = bound.hasArgument && end > 2
    this.columns = bound.columns
    this.isList = bound.isList
    this.rowCount = 1
    return !bound.isList || this.takeList(row, bound)
  }

  private takeList({ scope, values }: FrameRow, bound: BoundFrame): boolean {
    const { elements, starts } = this
    const count = bound.hasCount ? (values[this.first] ?? 0) : 0
    let at = this.first + 1
    let columns = Number.POSITIVE_INFINITY
    for (let index = 0; index < count; index++) {
      const element = elements.of(scope, values[at] ?? -1)
      if (element.kind === 'unbound') return false
      starts[index] = at + 1
      at += 1 + element.scalars
      if (element.columns < columns) columns = element.columns
    }
    this.columns = columns
    this.rowCount = count
    return true
  }

  get argument(): number | undefined {
    return this.hasArgument
      ? numberOfDigits(this.values[this.first] ?? 0, this.scales[this.first] ?? 0)
      : undefined
  }

  /** The template has shown which columns are numbers. A book's rows always have enough of them. */
  refusalOf(shape: RowShape): string | undefined {
    return this.columns < shape.columns ? `fewer than ${String(shape.columns)} numbers` : undefined
  }

  load(index: number, cells: RowCells): void {
    const at = this.isList ? (this.starts[index] ?? 0) : this.first
    const { values, scales } = this
    cells.first.setDigits(values[at] ?? 0, scales[at] ?? 0)
    cells.second.setDigits(values[at + 1] ?? 0, scales[at + 1] ?? 0)
    cells.third.setDigits(values[at + 2] ?? 0, scales[at + 2] ?? 0)
    if (this.columns > 3) cells.fourth.setDigits(values[at + 3] ?? 0, scales[at + 3] ?? 0)
  }
}
