import { describe, expect, it } from 'vitest'

import { columnNotes } from '../../src/export/columns/column-notes.ts'
import { shapeOf } from '../../src/export/columns/definition.ts'
import { TABLES } from '../../src/export/tables/tables.ts'

const OPTIONS = { streams: ['coinbase:BTC-USD'], levels: 1, layout: 'wide' } as const
const KNOWN = /^(int64|timestamp|decimal\((18|38), \d+\)|double|bool|category|string)$/

describe('columnNotes', () => {
  it.each([...TABLES])('names a type for every column of %s, in order', (_kind, table) => {
    for (const asFloats of [false, true]) {
      const { columns } = table.define(OPTIONS)
      const notes = columnNotes(columns.map((column) => shapeOf(column, { price: 8, size: 6, asFloats })))
      expect(Object.keys(notes)).toEqual(columns.map(({ name }) => name))
      expect(Object.values(notes).map(({ optional }) => optional)).toEqual(
        columns.map(({ isOptional }) => isOptional),
      )
      for (const { type } of Object.values(notes)) expect(type).toMatch(KNOWN)
    }
  })

  it('tells the digits of decimals', () => {
    const trades = TABLES.get('trades')?.define(OPTIONS).columns ?? []
    const notes = columnNotes(trades.map((column) => shapeOf(column, { price: 2, size: 6, asFloats: false })))
    expect(notes['price']).toEqual({ type: 'decimal(18, 2)', optional: false })
    expect(notes['size']).toEqual({ type: 'decimal(18, 6)', optional: false })
    expect(notes['aggressor']).toEqual({ type: 'category', optional: false })
  })
})
