/** The page of the schema is the one that the code makes. `UPDATE_PAGES=1` writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { format } from 'prettier'
import { expect, it } from 'vitest'

import { schemaPage } from '../support/schema-page.ts'

const PAGE = path.resolve(import.meta.dirname, '../../docs/export-schema.md')

it('docs/export-schema.md is what the tables say of themselves', async () => {
  const page = await format(schemaPage(), { parser: 'markdown', printWidth: 110 })
  if (process.env['UPDATE_PAGES'] === '1') writeFileSync(PAGE, page)
  expect(readFileSync(PAGE, 'utf8')).toBe(page)
})
