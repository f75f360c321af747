/** Values of a batch as text: how CSV and JSON lines spell them. */
import { Buffer } from 'node:buffer'

import { scaledText } from '../../market/decimal.ts'
import { microsOf, microsToIso } from '../../market/time.ts'
import type { ColumnData } from './column-data.ts'
import type { ColumnShape } from './definition.ts'

/** The text of the value in a row; undefined: it has none. */
export type CellText = (row: number) => string | undefined

/**
 * How values are spelled. Times: ISO-8601, whole microseconds, or seconds since a midnight (UTC) in microseconds. Decimals: with all
 * digits of their scale, without zeros at the end, or in whole units of their scale.
 */
export interface Spelling {
  readonly times: 'iso' | 'micros' | { readonly midnight: number }
  readonly decimals: 'exact' | 'shortest' | 'units'
}

const HALF = 4_294_967_296

/** Two words as a whole number; exact below 2^53. */
export const numberAt = (words: Int32Array, row: number): number =>
  (words[2 * row + 1] ?? 0) * HALF + ((words[2 * row] ?? 0) >>> 0)

/** Two or four words as a whole number. */
export const wholeAt = (words: Int32Array, row: number, width: 2 | 4): bigint => {
  let value = BigInt(words[width * row + width - 1] ?? 0)
  for (let word = width - 2; word >= 0; word--)
    value = (value << 32n) | BigInt((words[width * row + word] ?? 0) >>> 0)
  return value
}

const wholeText = (value: bigint, scale: number): string => {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const point = digits.length - scale
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
  return value < 0n ? `-${text}` : text
}

const decimalCell = (words: Int32Array, scale: number, spelling: Spelling['decimals']): CellText => {
  const shown = spelling === 'units' ? 0 : scale
  const exact: CellText = (row) => {
    const value = numberAt(words, row)
    return Number.isSafeInteger(value) ? scaledText(value, shown) : wholeText(wholeAt(words, row, 2), shown)
  }
  if (spelling !== 'shortest' || scale === 0) return exact
  return (row) => exact(row)?.replace(/\.?0+$/, '')
}

const newTimeCell = (words: Int32Array, spelling: Spelling['times']): CellText => {
  if (spelling === 'micros') return (row) => String(numberAt(words, row))
  if (spelling !== 'iso') return (row) => scaledText(numberAt(words, row) - spelling.midnight, 6)
  let second = NaN
  let head = ''
  return (row) => {
    const micros = numberAt(words, row)
    const own = Math.floor(micros / 1_000_000)
    if (own !== second) {
      second = own
      head = microsToIso(microsOf(own * 1_000_000)).slice(0, 20)
    }
    return `${head}${String(micros - own * 1_000_000).padStart(6, '0')}Z`
  }
}

const textCell = ({ indexes, texts, textStarts }: ColumnData): CellText => {
  const bytes = Buffer.from(texts?.buffer ?? new ArrayBuffer(0), texts?.byteOffset, texts?.length)
  return (row) => {
    const place = indexes?.[row] ?? 0
    return bytes.toString('utf8', textStarts?.[place], textStarts?.[place + 1])
  }
}

const presentCell = (shape: ColumnShape, data: ColumnData, spelling: Spelling): CellText => {
  const { words = new Int32Array(0), doubles, bytes } = data
  switch (shape.kind) {
    case 'integer':
      return (row) => String(numberAt(words, row))
    case 'time':
      return newTimeCell(words, spelling.times)
    case 'decimal':
      return decimalCell(words, shape.scale, spelling.decimals)
    case 'total':
      return (row) => wholeText(wholeAt(words, row, 4), shape.scale)
    case 'number':
      return (row) => String(doubles?.[row])
    case 'flag':
      return (row) => (bytes?.[row] === 1 ? 'true' : 'false')
    case 'category':
      return (row) => shape.values[bytes?.[row] ?? 0]
    case 'text':
      return textCell(data)
  }
}

/** The values of one column of a batch. */
export const cellText = (shape: ColumnShape, data: ColumnData, spelling: Spelling): CellText => {
  const cell = presentCell(shape, data, spelling)
  const { present } = data
  return present === undefined ? cell : (row) => (present[row] === 1 ? cell(row) : undefined)
}
