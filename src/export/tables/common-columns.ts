/** The columns that every table begins with: of which stream a row is, by which entry, and when. */
import { INVALID_REASONS } from '../../market/event.ts'
import type { StreamState } from '../../replay/stream-state.ts'
import type { ByteColumn, IntegerColumn } from '../columns/columns.ts'
import type { ColumnDefinition, ColumnType } from '../columns/definition.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'

export const SIDES = ['bid', 'ask'] as const

/** Why a book may not be used. */
export const REASONS = Object.keys(INVALID_REASONS)

const defined =
  (isOptional: boolean) =>
  (name: string, type: ColumnType, unit: string, doc: string): ColumnDefinition => ({
    name,
    type,
    unit,
    isOptional,
    doc,
  })

/** A column with a value in every row. */
export const column = defined(false)
/** A column that may be absent in a row. */
export const optionalColumn = defined(true)

export const INTEGER: ColumnType = { kind: 'integer' }
export const TIME: ColumnType = { kind: 'time' }
export const PRICE: ColumnType = { kind: 'decimal', of: 'price' }
export const SIZE: ColumnType = { kind: 'decimal', of: 'size' }
export const FLAG: ColumnType = { kind: 'flag' }
export const TEXT: ColumnType = { kind: 'text' }
export const categoryOf = (values: readonly string[]): ColumnType => ({ kind: 'category', values })

/** Name of the column that names the stream, left out where the path of the file does. */
export const STREAM = 'stream'

/** `streams`: of the export, in order. */
export const commonColumns = (streams: readonly string[]): readonly ColumnDefinition[] => [
  column(STREAM, categoryOf(streams), '', 'The stream, VENUE:PAIR; in a partitioned export its name is in the path.'),
  column('seq', INTEGER, 'entry', 'The entry that told it: numbers count entries of the stream without holes and are the replay order.'),
  column('receive_time', TIME, 'µs UTC', 'When that entry reached the recorder.'),
  optionalColumn('exchange_time', TIME, 'µs UTC', 'When it happened by the clock of the venue; absent where it tells none.'),
  column('valid', FLAG, '', 'Whether the book could be used after that.'),
] // prettier-ignore

/** Fills them in for one stream. */
export class CommonColumns {
  private readonly stream: ByteColumn
  private readonly seq: IntegerColumn
  private readonly receiveTime: IntegerColumn
  private readonly exchangeTime: IntegerColumn
  private readonly valid: ByteColumn
  private readonly place: number
  private readonly state: StreamState

  constructor(rows: RowBuffer, state: StreamState) {
    this.state = state
    this.stream = rows.bytes(STREAM)
    this.seq = rows.integers('seq')
    this.receiveTime = rows.integers('receive_time')
    this.exchangeTime = rows.integers('exchange_time')
    this.valid = rows.bytes('valid')
    this.place = this.stream.shape.values.indexOf(state.stream)
  }

  /** As the stream stands. */
  put(row: number): void {
    const { state } = this
    this.putTold(row, state.seq, state.receiveTime, state.exchangeTime, state.isValid)
  }

  putTold(
    row: number,
    seq: number,
    receiveTime: number,
    exchangeTime: number | undefined,
    isValid: boolean,
  ): void {
    this.stream.put(row, this.place)
    this.seq.put(row, seq)
    this.receiveTime.put(row, receiveTime)
    this.exchangeTime.put(row, exchangeTime)
    this.valid.put(row, isValid ? 1 : 0)
  }
}
