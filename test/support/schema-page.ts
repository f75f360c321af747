/** The page of the schema, docs/export-schema.md, made of the tables themselves. */
import { type ColumnDefinition, type ColumnType } from '../../src/export/columns/definition.ts'
import { framesTable } from '../../src/export/tables/frames-table.ts'
import { TABLES } from '../../src/export/tables/tables.ts'

const typeText = (type: ColumnType): string => {
  switch (type.kind) {
    case 'integer':
      return 'int64'
    case 'time':
      return 'timestamp[µs, UTC]'
    case 'decimal':
      return `decimal(18, ${type.of} scale)`
    case 'total':
      return `decimal(38, ${type.of === 'size' ? 'size scale' : 'price scale + size scale'})`
    case 'number':
      return 'float64'
    case 'flag':
      return 'bool'
    case 'category':
      return 'category'
    case 'text':
      return 'string'
  }
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const lineOf = ({ name, type, unit, isOptional, doc }: ColumnDefinition): string => {
  const words = type.kind === 'category' && name !== 'stream' ? ` One of ${type.values.join(', ')}.` : ''
  const optional = isOptional ? 'yes' : ''
  return `| \`${name}\` | ${typeText(type)} | ${optional} | ${cell(unit)} | ${cell(doc + words)} |`
}

const tableLines = (title: string, doc: string, columns: readonly ColumnDefinition[]): readonly string[] => [
  `## ${title}`,
  '',
  doc,
  '',
  '| column | type | may be absent | unit | meaning |',
  '| --- | --- | --- | --- | --- |',
  ...columns.map(lineOf),
  '',
]

/** Markdown, before it is laid out. */
export const schemaPage = (): string => {
  const lines = [
    '# Columns of exports',
    '',
    'Every table that `bookreel export` writes; this page is made of the code. The scales are 8 digits behind the point unless `--price-scale`',
    'and `--size-scale` say otherwise; with `--floats` every decimal is a float64. A category is a dictionary in Arrow and in Parquet, and',
    'a word in CSV and JSON lines. See [export.md](export.md).',
    '',
  ]
  for (const [kind, table] of [['frames', framesTable], ...TABLES] as const)
    for (const layout of kind === 'books' ? (['wide', 'long'] as const) : (['wide'] as const)) {
      const { doc, columns } = table.define({ streams: [], levels: 1, layout })
      const title = kind === 'books' ? `books, ${layout}` : kind
      const more = layout === 'wide' && kind === 'books' ? ' The columns of level 1 come again for each level, `--levels` of them.' : '' // prettier-ignore
      for (const line of tableLines(title, doc + more, columns)) lines.push(line)
    }
  return `${lines.join('\n').trimEnd()}\n`
}
