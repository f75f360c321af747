/**
 * Every lint rule still bites: a bad snippet is linted by the project's own configuration in place of a real file of
 * each folder, so type information, file patterns and overrides are those of `npm run lint`.
 */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const typed = new ESLint({ cwd: root })
// Without type information a snippet takes milliseconds; all that is asked folder by folder needs none.
const untyped = new ESLint({
  cwd: root,
  overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
})

/** The path of a file as given, or of some source of the folder: typed rules read only files the project has. */
const fileFor = (place: string): string => {
  if (place.endsWith('.ts')) return join(root, place)
  const names = readdirSync(join(root, place), { recursive: true, encoding: 'utf8' }).sort()
  const name = names.find((candidate) => candidate.endsWith('.ts') && !candidate.endsWith('price-levels.ts'))
  if (name === undefined) throw new Error(`no source in ${place}`)
  return join(root, place, name)
}

const rulesBroken = async (place: string, code: string, eslint = untyped): Promise<readonly string[]> => {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: fileFor(place) })
  if (result === undefined) throw new Error(`nothing was linted for ${place}`)
  return result.messages.map((message) => message.ruleId ?? `not linted: ${message.message}`)
}

const lines = (count: number, line: string): string => Array.from({ length: count }, () => line).join('\n')
const longFunction = `export const long = (): void => {\n${lines(60, '  void 0')}\n}`

/** Rules of the whole tree; `good` is the nearest thing that is allowed. */
const everywhere: readonly { rule: string; bad: string; good: string }[] = [
  {
    rule: '@typescript-eslint/switch-exhaustiveness-check',
    bad: "export const f = (x: 'a' | 'b'): number => {\n  switch (x) {\n    case 'a':\n      return 1\n  }\n  return 2\n}",
    good: "export const f = (x: 'a' | 'b'): number => {\n  switch (x) {\n    case 'a':\n      return 1\n    case 'b':\n      return 2\n  }\n}",
  },
  {
    rule: '@typescript-eslint/no-floating-promises',
    bad: 'export const f = (work: Promise<void>): void => {\n  work\n}'.replace(
      '  work',
      '  work.finally(() => 1)',
    ),
    good: 'export const f = async (work: Promise<void>): Promise<void> => {\n  await work\n}',
  },
  {
    rule: '@typescript-eslint/return-await',
    bad: 'export const f = async (work: Promise<void>): Promise<void> => {\n  return work\n}',
    good: 'export const f = async (work: Promise<void>): Promise<void> => {\n  return await work\n}',
  },
  {
    rule: '@typescript-eslint/consistent-type-imports',
    bad: "import { Either } from 'fp-ts/lib/Either.js'\nexport type Result = Either<string, number>",
    good: "import type { Either } from 'fp-ts/lib/Either.js'\nexport type Result = Either<string, number>",
  },
  {
    rule: 'simple-import-sort/imports',
    bad: "import { pipe } from 'fp-ts/lib/function.js'\nimport { left } from 'fp-ts/lib/Either.js'\n\nexport const both = [pipe, left]",
    good: "import { left } from 'fp-ts/lib/Either.js'\nimport { pipe } from 'fp-ts/lib/function.js'\n\nexport const both = [pipe, left]",
  },
  {
    rule: 'simple-import-sort/exports',
    bad: "export { right, left } from 'fp-ts/lib/Either.js'",
    good: "export { left, right } from 'fp-ts/lib/Either.js'",
  },
  {
    rule: 'eqeqeq',
    bad: 'export const f = (x: number): boolean => x == 1',
    good: 'export const f = (x: number): boolean => x === 1',
  },
  {
    rule: '@typescript-eslint/no-explicit-any',
    bad: 'export const f = (x: any): void => void x',
    good: 'export const f = (x: unknown): void => void x',
  },
  {
    rule: '@typescript-eslint/no-unsafe-assignment',
    bad: "export const f = (): void => {\n  const value = JSON.parse('1')\n  void value\n}",
    good: "export const f = (): void => {\n  const value: unknown = JSON.parse('1')\n  void value\n}",
  },
  { rule: 'no-restricted-syntax', bad: 'export enum Side {\n  bid,\n}', good: "export type Side = 'bid'" },
  { rule: 'no-restricted-syntax', bad: 'export default 1', good: 'export const one = 1' },
  {
    rule: 'no-restricted-syntax',
    bad: 'const one = 1\nexport { one as default }',
    good: 'const one = 1\nexport { one }',
  },
  {
    rule: 'no-restricted-syntax',
    bad: 'export const f = (a: number[], b: number[]): void => {\n  a.push(...b)\n}',
    good: 'export const f = (a: number[], b: number[]): void => {\n  for (const item of b) a.push(item)\n}',
  },
  {
    rule: 'no-restricted-imports',
    bad: "import { left } from 'fp-ts/Either'\n\nexport const f = left",
    good: "import { left } from 'fp-ts/lib/Either.js'\n\nexport const f = left",
  },
  {
    rule: 'no-restricted-imports',
    bad: "import { some } from 'fp-ts/lib/Option.js'\n\nexport const f = some",
    good: "import { tryCatch } from 'fp-ts/lib/TaskEither.js'\n\nexport const f = tryCatch",
  },
  {
    rule: 'no-restricted-imports',
    bad: "import { PathReporter } from 'io-ts/PathReporter'\n\nexport const f = PathReporter",
    good: "import { PathReporter } from 'io-ts/lib/PathReporter.js'\n\nexport const f = PathReporter",
  },
  {
    rule: 'no-restricted-imports',
    bad: "import { Buffer } from 'buffer'\n\nexport const f = Buffer",
    good: "import * as t from 'io-ts'\n\nexport const f = t.string",
  },
  {
    rule: 'no-restricted-imports',
    bad: "import { OrderedMap } from '@js-sdsl/ordered-map'\n\nexport const f = new OrderedMap<number, number>()",
    good: "import { Buffer } from 'node:buffer'\n\nexport const f = Buffer.alloc(1)",
  },
  { rule: 'max-lines', bad: lines(402, '//'), good: lines(299, '//') },
]

/** What deterministic folders forbid on top. */
const surprises: readonly { rule: string; bad: string }[] = [
  { rule: 'no-restricted-globals', bad: 'export const f = Date.now()' },
  { rule: 'no-restricted-globals', bad: 'export const f = globalThis.Date' },
  { rule: 'no-restricted-globals', bad: 'export const f = performance.now()' },
  { rule: 'no-restricted-globals', bad: 'setTimeout(() => 1, 1)' },
  { rule: 'no-restricted-globals', bad: 'setInterval(() => 1, 1)' },
  { rule: 'no-restricted-globals', bad: 'setImmediate(() => 1)' },
  { rule: 'no-restricted-globals', bad: 'queueMicrotask(() => 1)' },
  { rule: 'no-restricted-globals', bad: 'export const f = process.pid' },
  { rule: 'no-restricted-globals', bad: 'export const f = crypto.randomUUID()' },
  { rule: 'no-restricted-globals', bad: "export const f = new Intl.NumberFormat('en')" },
  { rule: 'no-restricted-properties', bad: 'export const f = Math.random()' },
  { rule: 'no-restricted-properties', bad: 'export const { random } = Math' },
  { rule: 'no-restricted-syntax', bad: "export const f = 'a'.localeCompare('b')" },
  { rule: 'no-restricted-syntax', bad: 'export const f = (1).toLocaleString()' },
  { rule: 'no-restricted-syntax', bad: "export const f = import('node:zlib')" },
  {
    rule: 'no-restricted-imports',
    bad: "import { readFileSync } from 'node:fs'\n\nexport const f = readFileSync",
  },
  {
    rule: 'no-restricted-imports',
    bad: "import { randomUUID } from 'node:crypto'\n\nexport const f = randomUUID",
  },
  { rule: 'no-restricted-imports', bad: "import * as crypto from 'node:crypto'\n\nexport const f = crypto" },
  {
    rule: 'no-restricted-imports',
    bad: "import { setTimeout } from 'node:timers/promises'\n\nexport const f = setTimeout",
  },
]

const allowedSurprises: readonly string[] = [
  "import { createHash, createHmac } from 'node:crypto'\nimport { gunzipSync } from 'node:zlib'\n\nexport const f = [createHash, createHmac, gunzipSync]",
  'export const f = Math.floor(1.5)',
]

const brandCasts: readonly string[] = [
  "import type { Price } from '../market/price.ts'\n\nexport const f = 1 as Price",
  "import type { Size } from '../market/price.ts'\n\nexport const f = (x: number): Size | undefined => x as Size | undefined",
  "import type { Micros } from '../market/time.ts'\n\nexport const f = 1 as Micros",
].map((code) => code.replace("'../market/", `'${join(root, 'src/market')}/`))

const deterministicFolders = [
  'src/market',
  'src/book',
  'src/replay',
  'src/codec',
  'src/venues',
  'src/venues/bitfinex',
  'src/venues/coinbase',
  'simulator/engine',
]

const otherFolders = ['src/log', 'src/recorder', 'simulator/venues', 'test/rules']

describe('lint', () => {
  beforeAll(async () => {
    // The first one waits for the types of the whole project.
    expect(await rulesBroken('src/market', 'export const f = 1', typed)).toEqual([])
  }, 240_000)

  it.each(everywhere)('$rule refuses $bad', async ({ rule, bad, good }) => {
    expect(await rulesBroken('src/cli', bad, typed)).toEqual([rule])
    expect(await rulesBroken('src/cli', good, typed)).toEqual([])
  })

  // An override that redefined one of the composed rules would lose the others: every folder is asked.
  describe.each([...deterministicFolders, 'src/book/price-levels.ts', ...otherFolders])('in %s', (place) => {
    const composed = everywhere.filter(
      ({ rule, bad }) => rule.startsWith('no-restricted') && !bad.includes('sdsl'),
    )

    it('every rule of the whole tree still holds', async () => {
      for (const { rule, bad } of composed)
        expect([bad, await rulesBroken(place, bad)]).toEqual([bad, [rule]])
    })

    it('casts to branded numbers belong to src/market', async () => {
      const expected = place === 'src/market' ? [] : ['no-restricted-syntax']
      for (const code of brandCasts) expect([code, await rulesBroken(place, code)]).toEqual([code, expected])
    })
  })

  it.each([...deterministicFolders, 'src/book/price-levels.ts'])('%s is deterministic', async (place) => {
    for (const { rule, bad } of surprises) expect([bad, await rulesBroken(place, bad)]).toEqual([bad, [rule]])
    for (const code of allowedSurprises) expect([code, await rulesBroken(place, code)]).toEqual([code, []])
  })

  it('lets only time.ts name Date, for calendar arithmetic', async () => {
    expect(await rulesBroken('src/market/time.ts', 'export const f = new Date(0)')).toEqual([])
    expect(await rulesBroken('src/market/price.ts', 'export const f = new Date(0)')).toEqual([
      'no-restricted-globals',
    ])
  })

  it('leaves clocks to the parts that record', async () => {
    for (const { bad } of surprises.slice(0, 4)) expect(await rulesBroken('src/cli', bad)).toEqual([])
  })

  it('lets only price-levels.ts import the ordered map', async () => {
    const code =
      "import { OrderedMap } from '@js-sdsl/ordered-map'\n\nexport const f = new OrderedMap<number, number>()"
    expect(await rulesBroken('src/book/price-levels.ts', code)).toEqual([])
    for (const place of [...deterministicFolders, ...otherFolders])
      expect([place, await rulesBroken(place, code)]).toEqual([place, ['no-restricted-imports']])
  })

  it('keeps functions short in what is shipped, not in tests', async () => {
    for (const place of ['src/cli', 'src/market', 'simulator/venues'])
      expect(await rulesBroken(place, longFunction)).toEqual(['max-lines-per-function'])
    expect(await rulesBroken('test/rules', longFunction)).toEqual([])
  })

  it('gives tests 400 lines, sources 300', async () => {
    expect(await rulesBroken('test/rules', lines(350, '//'))).toEqual([])
    expect(await rulesBroken('test/rules', lines(402, '//'))).toEqual(['max-lines'])
    expect(await rulesBroken('src/cli', lines(350, '//'))).toEqual(['max-lines'])
  })

  it('keeps the console for the command line', async () => {
    const code = 'console.log(1)'
    expect(await rulesBroken('src/cli', code)).toEqual([])
    expect(await rulesBroken('src/log', code)).toEqual(['no-console'])
    expect(await rulesBroken('test/rules', code)).toEqual(['no-console'])
    expect(await rulesBroken('src/market', code)).toEqual(['no-restricted-globals', 'no-console'])
  })

  it('lets tool configurations export a default', async () => {
    expect(await rulesBroken('vitest.config.ts', 'export default 1')).toEqual([])
    expect(await rulesBroken('vitest.config.ts', 'export enum Side {\n  bid,\n}')).toEqual([
      'no-restricted-syntax',
    ])
  })
})
