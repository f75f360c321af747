/** docs/architecture.md tells the truth about folders, imports and determinism. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

/** The rows of the folder table: `| \`src/market/\` | owns | imports |`. */
const rows = page
  .split('\n')
  .map((line) => /^\| `((?:src|simulator)\/[a-z]+)\/` +\| (.+?) +\| (.+?) +\|$/.exec(line))
  .flatMap((match) => (match === null ? [] : [{ folder: match[1] ?? '', imports: match[3] ?? '' }]))

const realFolders = ['src', 'simulator'].flatMap((parent) =>
  readdirSync(join(root, parent), { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map((item) => `${parent}/${item.name}`),
)

interface Rule {
  readonly name: string
  readonly to: { readonly pathNot?: string | readonly string[] }
}

const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
  readonly forbidden: readonly Rule[]
}

/** The parts that a rule lets a folder import beside itself: `market`, `simulator` … */
const allowedParts = (folder: string): readonly string[] => {
  const rule = forbidden.find(({ name }) => name === folder.replace('/', '-'))
  if (rule === undefined) throw new Error(`no import rule binds ${folder}`)
  const [, ...allowed] = [rule.to.pathNot ?? []].flat()
  return allowed.flatMap((path) => /^\^(?:src\/)?([a-z]+)\/$/.exec(path)?.[1] ?? [])
}

describe('docs/architecture.md', () => {
  it('lists every folder of src and simulator, and no other', () => {
    expect(rows.map(({ folder }) => folder).sort()).toEqual([...realFolders].sort())
  })

  it.each(rows.filter(({ folder }) => folder.startsWith('src/') && folder !== 'src/app'))(
    'tells what $folder may import',
    ({ folder, imports }) => {
      const told = imports.startsWith('nothing')
        ? []
        : imports.includes('replay and below')
          ? ['market', 'book', 'log', 'codec', 'replay', ...imports.split(', ').slice(1)]
          : imports.split(', ')
      const parts = told.filter((part) => /^[a-z]+$/.test(part))
      expect([...parts].sort()).toEqual([...allowedParts(folder)].sort())
    },
  )

  it('names the folders that lint keeps deterministic', () => {
    const lint = readFileSync(join(root, 'eslint.config.js'), 'utf8')
    const listed = /const DETERMINISTIC = \[(.+)\]/.exec(lint)?.[1] ?? ''
    const folders = [...listed.matchAll(/'([a-z]+)'/g)].map((match) => `src/${match[1] ?? ''}`)
    expect(folders.length).toBeGreaterThan(0)
    const sentence = /Lint enforces it in ([^:]+):/.exec(page)?.[1] ?? ''
    const told = [...sentence.matchAll(/`([^`]+)`/g)].map((match) => match[1])
    expect(told).toEqual([...folders, 'simulator/engine'])
  })

  it.each(['docs/architecture.md', 'docs/add-a-venue.md', 'CONTRIBUTING.md'])(
    'the links of %s lead somewhere',
    (document) => {
      const text = readFileSync(join(root, document), 'utf8')
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '')
      expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([])
    },
  )
})
