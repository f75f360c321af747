/** A batch of one table while it is filled in, row by row. Owns when a batch is complete and which rows are kept. */
import { ExportProblem } from '../export-problem.ts'
import type { Batch } from './column-data.ts'
import {
  ByteColumn,
  DecimalColumn,
  IntegerColumn,
  NumberColumn,
  type ScaledColumn,
  TextColumn,
  TotalColumn,
  TotalNumberColumn,
} from './columns.ts'
import { type ColumnScales, type ColumnShape, shapeOf, type TableDefinition } from './definition.ts'
import { type Condition, newRowTest } from './where.ts'

/** Rows of a batch, and of a row group: enough that texts of one batch are told once, few enough to stay small. */
const MOST_ROWS = 1 << 18
/** Of all columns of a batch together: what wide tables have in rows is less, that memory stays bounded. */
const MOST_VALUES = 1 << 22

type AnyColumn =
  ByteColumn | DecimalColumn | IntegerColumn | NumberColumn | TextColumn | TotalColumn | TotalNumberColumn

const newColumn = (shape: ColumnShape, capacity: number, isTotal: boolean): AnyColumn => {
  switch (shape.kind) {
    case 'integer':
    case 'time':
      return new IntegerColumn(shape, capacity)
    case 'decimal':
      return new DecimalColumn(shape, capacity)
    case 'total':
      return new TotalColumn(shape, capacity)
    case 'number':
      return isTotal ? new TotalNumberColumn(shape, capacity) : new NumberColumn(shape, capacity)
    case 'flag':
    case 'category':
      return new ByteColumn(shape, capacity)
    case 'text':
      return new TextColumn(shape, capacity)
  }
}

/** What is to become of the rows. */
export interface RowBufferOptions {
  readonly scales: ColumnScales
  /** Names of the columns to hand on, in that order; left out: all. */
  readonly selected?: readonly string[] | undefined
  /** Conditions on the rows to keep; left out: every one is kept. */
  readonly where?: readonly Condition[] | undefined
  readonly onBatch: (batch: Batch) => void
  readonly capacity?: number | undefined
}

export class RowBuffer {
  /** The row to be filled in. */
  row = 0
  /** Rows whose time lies outside are not wanted: microseconds, the second one excluded. */
  from = -Infinity
  until = Infinity
  private readonly isKept: ((row: number) => boolean) | undefined
  private readonly columns = new Map<string, AnyColumn>()
  private readonly handedOn: readonly AnyColumn[]
  private readonly capacity: number
  private readonly onBatch: (batch: Batch) => void

  constructor(table: TableDefinition, options: RowBufferOptions) {
    this.capacity = options.capacity ?? Math.min(MOST_ROWS, Math.ceil(MOST_VALUES / table.columns.length))
    this.onBatch = options.onBatch
    for (const column of table.columns) {
      const shape = shapeOf(column, options.scales)
      this.columns.set(column.name, newColumn(shape, this.capacity, column.type.kind === 'total'))
    }
    const names = [...this.columns.keys()]
    const { selected = names, where } = options
    for (const name of selected)
      if (!this.columns.has(name))
        throw new ExportProblem(`--columns: there is no column "${name}"; there are ${names.join(', ')}.`)
    this.handedOn = selected.map((name) => this.column(name))
    this.isKept = where && newRowTest(where, (name) => this.columns.get(name), names)
  }

  /** As they are written. */
  shapes(): readonly ColumnShape[] {
    return this.handedOn.map(({ shape }) => shape)
  }

  column(name: string): AnyColumn {
    const column = this.columns.get(name)
    if (column === undefined) throw new Error(`the table has no column ${name}`)
    return column
  }

  private columnOf<Wanted extends AnyColumn>(
    name: string,
    type: abstract new (...args: never[]) => Wanted,
  ): Wanted {
    const column = this.column(name)
    if (column instanceof type) return column
    throw new Error(`column ${name} is of another type`)
  }

  integers(name: string): IntegerColumn {
    return this.columnOf(name, IntegerColumn)
  }

  bytes(name: string): ByteColumn {
    return this.columnOf(name, ByteColumn)
  }

  texts(name: string): TextColumn {
    return this.columnOf(name, TextColumn)
  }

  doubles(name: string): NumberColumn {
    return this.columnOf(name, NumberColumn)
  }

  /** Prices and sizes, whatever they are written as. */
  scaled(name: string): ScaledColumn {
    const column = this.column(name)
    if (column instanceof DecimalColumn || column instanceof NumberColumn) return column
    throw new Error(`column ${name} is of another type`)
  }

  totals(name: string): TotalColumn | TotalNumberColumn {
    const column = this.column(name)
    if (column instanceof TotalColumn || column instanceof TotalNumberColumn) return column
    throw new Error(`column ${name} is of another type`)
  }

  /** Whether a row of this time is wanted; there is room for one then, whose columns have no values yet. */
  begin(time: number): boolean {
    if (time < this.from || time >= this.until) return false
    if (this.row === this.capacity) this.flush()
    return true
  }

  /** The row is filled in. */
  end(): void {
    if (this.isKept === undefined || this.isKept(this.row)) this.row++
    else this.clearRow()
  }

  /** The next row begins without values, as every row does. */
  private clearRow(): void {
    for (const column of this.columns.values()) column.clear(this.row)
  }

  /** Hands on what there is. */
  flush(): void {
    const rows = this.row
    const taken = [...this.columns.values()].map((column) => [column, column.take(rows)] as const)
    const data = new Map(taken)
    this.row = 0
    if (rows === 0) return
    const columns = this.handedOn.map((column) => {
      const held = data.get(column)
      if (held === undefined) throw new Error('every column hands on its data')
      return held
    })
    this.onBatch({ rows, columns })
  }
}
