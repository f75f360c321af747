/** What a table's columns are: names, types, units and meaning, told once for every format. Owns no data. */

/**
 * `integer`: whole numbers below 2^53. `time`: microseconds since the Unix epoch, UTC. `decimal`: an exact decimal of 18 digits.
 * `total`: an exact decimal of 38 digits, for sums. `number`: a double. `category`: one of a few words. `text`: any text.
 */
export type ColumnType =
  | { readonly kind: 'integer' }
  | { readonly kind: 'time' }
  | { readonly kind: 'decimal'; readonly of: 'price' | 'size' }
  | { readonly kind: 'total'; readonly of: 'size' | 'turnover' }
  | { readonly kind: 'number' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'category'; readonly values: readonly string[] }
  | { readonly kind: 'text' }

/** One column of a table. */
export interface ColumnDefinition {
  readonly name: string
  readonly type: ColumnType
  /** What one unit of it is; empty where there is none. */
  readonly unit: string
  /** It may be absent (null) in a row. */
  readonly isOptional: boolean
  /** One line for readers of the schema. */
  readonly doc: string
}

/** A kind of export: what its rows are. */
export interface TableDefinition {
  readonly kind: string
  readonly doc: string
  readonly columns: readonly ColumnDefinition[]
}

/** Digits behind the point of every price, of every size, and whether doubles take the place of decimals. */
export interface ColumnScales {
  readonly price: number
  readonly size: number
  readonly asFloats: boolean
}

/** A column as it is written: what is optional, with its scale known. */
export interface ColumnShape {
  readonly name: string
  readonly kind: ColumnType['kind']
  readonly isOptional: boolean
  /** Of decimals and totals, else 0. */
  readonly scale: number
  /** Of categories, else empty. */
  readonly values: readonly string[]
  readonly doc: string
  readonly unit: string
}

const scaleOf = (type: ColumnType, scales: ColumnScales): number => {
  if (type.kind === 'decimal') return type.of === 'price' ? scales.price : scales.size
  if (type.kind === 'total') return type.of === 'size' ? scales.size : scales.price + scales.size
  return 0
}

/** How a column is written with these scales. */
export const shapeOf = (column: ColumnDefinition, scales: ColumnScales): ColumnShape => {
  const { name, type, isOptional, doc, unit } = column
  const isDecimal = type.kind === 'decimal' || type.kind === 'total'
  return {
    name,
    kind: isDecimal && scales.asFloats ? 'number' : type.kind,
    isOptional,
    scale: scales.asFloats ? 0 : scaleOf(type, scales),
    values: type.kind === 'category' ? type.values : [],
    doc,
    unit,
  }
}
