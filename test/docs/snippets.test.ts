/**
 * Code shown in README.md and docs/cookbook.md is code that runs: each block stands under a comment that names a region of
 * a file which test/docs/cookbook.test.ts runs, and equals it. `npx vitest run --project unit test/docs/snippets.test.ts -u`
 * writes the regions into the pages.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const SNIPPETS = 'test/docs/cookbook'

/** A block and what stands before it: the name of its region. */
const BLOCK = /<!-- region ([a-z0-9-]+) -->\n\n```ts\n([\s\S]*?)```\n/g

const REGION = /^ *\/\/ region ([a-z0-9-]+)\n([\s\S]*?)\n *\/\/ endregion$/gm

const withoutIndent = (lines: readonly string[]): string => {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const indent = Math.min(...indents)
  return lines.map((line) => line.slice(indent)).join('\n')
}

/** Every region by name; those of one name in one file are one. Imports are those of a user of the package. */
const regions = new Map<string, string>()
for (const file of readdirSync(join(root, SNIPPETS)).filter((name) => name.endsWith('.ts'))) {
  const text = readFileSync(join(root, SNIPPETS, file), 'utf8')
  for (const [, name = '', body = ''] of text.matchAll(REGION)) {
    const before = regions.get(name)
    const own = withoutIndent(body.split('\n')).replace("'../../../src/index.ts'", "'bookreel'")
    regions.set(name, before === undefined ? own : `${before}\n\n${own}`)
  }
}

describe.each(['README.md', 'docs/cookbook.md'])('%s', (page) => {
  const file = join(root, page)
  const text = readFileSync(file, 'utf8')
  const blocks = [...text.matchAll(BLOCK)]

  it('shows regions that are there, and no code that is none', () => {
    expect(blocks.length).toBeGreaterThan(0)
    expect(blocks.map(([, name = '']) => name).filter((name) => !regions.has(name))).toEqual([])
    expect(text.match(/```(ts|js)/g)).toHaveLength(blocks.length)
  })

  it('shows them as they are; if not: run this file with -u', async () => {
    const rendered = text.replace(BLOCK, (_block, name: string) => {
      const region = regions.get(name) ?? ''
      return `<!-- region ${name} -->\n\n\`\`\`ts\n${region}\n\`\`\`\n`
    })
    await expect(rendered).toMatchFileSnapshot(file)
  })
})

it('every region is shown somewhere', () => {
  const pages = ['README.md', 'docs/cookbook.md'].map((page) => readFileSync(join(root, page), 'utf8')).join()
  expect([...regions.keys()].filter((name) => !pages.includes(`<!-- region ${name} -->`))).toEqual([])
})
