/** Simple conditions on rows: `price > 100 and side = bid`. Owns their words; rows without the value do not meet one. */
import { scaleDecimal } from '../../market/decimal.ts'
import { parsePosition } from '../../replay/position.ts'
import { ExportProblem } from '../export-problem.ts'
import type { CellValue } from './columns.ts'
import type { ColumnShape } from './definition.ts'

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

/** One comparison of a column with a constant. */
export interface Condition {
  readonly column: string
  readonly comparison: Comparison
  readonly text: string
}

const CONDITION = /^\s*([a-z][a-z0-9_]*)\s*(<=|>=|!=|<>|==|=|<|>)\s*('[^']*'|"[^"]*"|[^\s'"]+)\s*$/
const SPELLINGS: Readonly<Record<string, Comparison>> = { '<>': '!=', '==': '=' }

/** Reads conditions joined by `and`. Throws ExportProblem. */
export const parseWhere = (text: string): readonly Condition[] =>
  text.split(/\s+and\s+/i).map((part) => {
    const [, column, comparison, constant] = CONDITION.exec(part) ?? []
    if (column === undefined || comparison === undefined || constant === undefined)
      throw new ExportProblem(
        `--where "${part.trim()}" is no condition: write COLUMN, one of = != < <= > >=, and a value, joined by and: price > 100 and side = bid.`,
      )
    const bare = /^['"]/.test(constant) ? constant.slice(1, -1) : constant
    return { column, comparison: SPELLINGS[comparison] ?? (comparison as Comparison), text: bare }
  })

const wholeOf = (text: string): number | undefined => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined)

const numberOf = (text: string): number | undefined =>
  text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined

const timeOf = (text: string): number | undefined => {
  const position = parsePosition(text)
  return position?.kind === 'time' ? position.time : undefined
}

const constantOf = (shape: ColumnShape, text: string): CellValue => {
  switch (shape.kind) {
    case 'integer':
      return wholeOf(text)
    case 'time':
      return timeOf(text)
    case 'decimal':
    case 'total':
      return scaleDecimal(text, shape.scale)
    case 'number':
      return numberOf(text)
    case 'flag':
      return text === 'true' ? 1 : text === 'false' ? 0 : undefined
    case 'category':
      return shape.values.includes(text) ? text : undefined
    case 'text':
      return text
  }
}

const WANTED: Readonly<Record<ColumnShape['kind'], string>> = {
  integer: 'a whole number',
  time: 'an instant (ISO-8601 or microseconds)',
  decimal: 'a decimal',
  total: 'a decimal',
  number: 'a number',
  flag: 'true or false',
  category: 'one of its words',
  text: 'a text',
}

const isMet = (value: CellValue, comparison: Comparison, constant: CellValue): boolean => {
  if (value === undefined || constant === undefined) return false
  switch (comparison) {
    case '=':
      return !(value < constant) && !(value > constant)
    case '!=':
      return value < constant || value > constant
    case '<':
      return value < constant
    case '<=':
      return value <= constant
    case '>':
      return value > constant
    case '>=':
      return value >= constant
  }
}

interface ReadableColumn {
  readonly shape: ColumnShape
  readonly valueAt: (row: number) => CellValue
}

/** A test of rows for all the conditions together. Throws ExportProblem for columns and values that are none. */
export const newRowTest = (
  conditions: readonly Condition[],
  columnOf: (name: string) => ReadableColumn | undefined,
  names: readonly string[],
): ((row: number) => boolean) => {
  const tests = conditions.map(({ column: name, comparison, text }) => {
    const column = columnOf(name)
    if (column === undefined)
      throw new ExportProblem(`--where: there is no column "${name}"; there are ${names.join(', ')}.`)
    const { shape } = column
    const constant = constantOf(shape, text)
    const words = shape.kind === 'category' ? ` (${shape.values.join(', ')})` : ''
    if (constant === undefined)
      throw new ExportProblem(
        `--where: "${text}" does not fit column ${name}, which takes ${WANTED[shape.kind]}${words}.`,
      )
    if ((shape.kind === 'category' || shape.kind === 'text') && comparison !== '=' && comparison !== '!=')
      throw new ExportProblem(`--where: column ${name} holds words: compare it with = or !=.`)
    return { column, comparison, constant }
  })
  return (row) => {
    for (const { column, comparison, constant } of tests)
      if (!isMet(column.valueAt(row), comparison, constant)) return false
    return true
  }
}
