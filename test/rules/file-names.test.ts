/** Files are kebab-case and named after what they own; suffixes of tests are the ones that the runner knows. */
import { readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

const sources = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name))

const isGeneric = (path: string): boolean =>
  path.split('/').some((part) => /^(utils?|helpers?|common|handy|types|misc|tools)(\.|$)/.test(part))

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/
const isWellNamed = (path: string): boolean => {
  const name = basename(path, '.ts')
  const bare = path.startsWith('test/')
    ? name.replace(/(\.(property|integration))?\.test$|\.(contract|bench)$/, '')
    : name
  return KEBAB.test(bare) && !isGeneric(path)
}

describe('file names', () => {
  it.each(['src', 'simulator', 'test'])('are well chosen in %s', (folder) => {
    const files = sources(folder)
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((path) => !isWellNamed(path))).toEqual([])
  })

  it.each([
    'src/utils.ts',
    'src/log/helpers.ts',
    'src/common/entry.ts',
    'test/support/handy.ts',
    'src/types.ts',
    'src/log/orderBook.ts',
    'src/log/entry.test.ts',
  ])('refuse %s', (path) => {
    expect(isWellNamed(path)).toBe(false)
  })

  it.each(['src/log/event-store.ts', 'test/log/entry.property.test.ts', 'test/contract/venue.contract.ts'])(
    'allow %s',
    (path) => {
      expect(isWellNamed(path)).toBe(true)
    },
  )
})
