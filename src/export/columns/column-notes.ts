/** What a file's note tells of its columns: readers of CSV and JSON lines cannot see types. */
import type { ColumnShape } from './definition.ts'

/** `type`: `int64`, `timestamp` (microseconds, UTC), `decimal(18, 8)`, `double`, `bool`, `category` or `string`. */
export interface ColumnNote {
  readonly type: string
  readonly optional: boolean
}

const TYPE_NAMES = {
  integer: 'int64',
  time: 'timestamp',
  number: 'double',
  flag: 'bool',
  category: 'category',
  text: 'string',
} as const

const typeName = ({ kind, scale }: ColumnShape): string => {
  if (kind === 'decimal') return `decimal(18, ${String(scale)})`
  return kind === 'total' ? `decimal(38, ${String(scale)})` : TYPE_NAMES[kind]
}

/** By name, in order. */
export const columnNotes = (shapes: readonly ColumnShape[]): Readonly<Record<string, ColumnNote>> =>
  Object.fromEntries(
    shapes.map((shape) => [shape.name, { type: typeName(shape), optional: shape.isOptional }]),
  )
