/**
 * Every import rule still bites: a small tree with one bad import a rule, and the nearest allowed ones, is cruised
 * with the project's own rules.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'

import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Configuration {
  readonly forbidden: NonNullable<IFlattenedRuleSet['forbidden']>
  readonly options: {
    readonly tsPreCompilationDeps: boolean
    readonly enhancedResolveOptions: { readonly conditionNames: string[]; readonly extensions: string[] }
  }
}

const root = resolve(import.meta.dirname, '../..')
const configuration = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as Configuration

/** [importing file, what it imports, the rules that must refuse it]; a file imports once, so cases do not mix. */
type Case = readonly [from: string, to: string, ...rules: string[]]

const refused: readonly Case[] = [
  ['src/market/bad.ts', 'src/log/free.ts', 'src-market'],
  ['src/book/bad.ts', 'src/log/free.ts', 'src-book'],
  ['src/log/bad.ts', 'src/codec/free.ts', 'src-log'],
  ['src/codec/bad.ts', 'src/book/free.ts', 'src-codec'],
  ['src/venues/coinbase/bad.ts', 'src/book/free.ts', 'src-venues'],
  ['src/replay/bad.ts', 'src/storage/free.ts', 'src-replay'],
  ['src/replay/bad-venue.ts', 'src/venues/bitfinex/free.ts', 'src-replay'],
  ['src/replay/bad-registry.ts', 'src/venues/registry.ts', 'src-replay'],
  ['src/transport/bad.ts', 'src/log/free.ts', 'src-transport'],
  ['src/storage/lmdb/bad.ts', 'src/replay/free.ts', 'src-storage'],
  ['src/recorder/bad.ts', 'src/storage/lmdb/free.ts', 'src-recorder'],
  ['src/recorder/bad-venue.ts', 'src/venues/coinbase/free.ts', 'src-recorder'],
  ['src/export/bad.ts', 'src/recorder/free.ts', 'src-export'],
  ['src/report/bad.ts', 'src/export/free.ts', 'src-report'],
  ['src/app/bad.ts', 'src/cli/free.ts', 'src-app'],
  ['src/app/bad-simulator.ts', 'simulator/engine/free.ts', 'src-app'],
  ['src/cli/bad.ts', 'src/storage/lmdb/free.ts', 'src-cli'],
  ['simulator/engine/bad.ts', 'src/market/free.ts', 'simulator'],
  ['src/log/bad-simulator.ts', 'simulator/engine/free.ts', 'src-log'],
  ['src/venues/bitfinex/bad.ts', 'src/venues/coinbase/free.ts', 'venues-apart'],
  ['src/venues/bitfinex/bad-registry.ts', 'src/venues/registry.ts', 'venues-apart'],
  ['src/venues/venue-bad.ts', 'src/venues/coinbase/free.ts', 'venue-port'],
  ['src/storage/lmdb/bad-backend.ts', 'src/storage/memory/free.ts', 'backends-apart'],
  ['src/book/bad-package.ts', 'pino', 'pure-packages'],
  ['simulator/engine/bad-package.ts', 'pino', 'pure-packages'],
  ['src/app/bad-index.ts', 'src/index.ts', 'public-api-is-an-end', 'src-app'],
  ['src/index.ts', 'simulator/engine/free.ts', 'public-api-below-command-line'],
  ['src/log/bad-test.ts', 'test/support/free.ts', 'no-test'],
  ['simulator/venues/bad-test.ts', 'test/support/free.ts', 'no-test'],
  ...['utils', 'helpers', 'common', 'handy', 'types'].map((name): Case => [
    `src/log/uses-${name}.ts`,
    `src/log/${name}.ts`,
    'no-generic-name',
  ]),
  ['src/log/uses-folder.ts', 'src/log/utils/free.ts', 'no-generic-name'],
  ['src/recorder/bad-development.ts', 'fast-check', 'no-development-package'],
  ['src/log/nowhere.ts', './missing.ts', 'no-unresolvable'],
  ['src/book/bad-levels.ts', '@js-sdsl/ordered-map', 'package-js-sdsl-ordered-map'],
  ['src/storage/memory/bad-lmdb.ts', 'lmdb', 'package-lmdb'],
  ['src/storage/lmdb/bad-mongodb.ts', 'mongodb', 'package-mongodb'],
  ['src/recorder/bad-ws.ts', 'ws', 'package-ws'],
  ['src/app/bad-yargs.ts', 'yargs', 'package-yargs'],
  ['src/app/bad-bars.ts', 'cli-progress', 'package-cli-progress'],
  ['src/app/bad-arrow.ts', 'apache-arrow', 'package-apache-arrow'],
  ['src/app/bad-zstd.ts', '@bokuweb/zstd-wasm', 'package-bokuweb-zstd-wasm'],
  ['src/log/circle-one.ts', 'src/log/circle-two.ts', 'no-circular'],
]

/** Closes the circle, which is reported once, where it is entered. */
const companions: readonly Case[] = [['src/log/circle-two.ts', 'src/log/circle-one.ts']]

const allowed: readonly Case[] = [
  ['src/market/good.ts', 'src/market/free.ts'],
  ['src/book/good.ts', 'src/market/free.ts'],
  ['src/book/price-levels.ts', '@js-sdsl/ordered-map'],
  ['src/log/good.ts', 'src/market/free.ts'],
  ['src/codec/good.ts', 'src/log/free.ts'],
  ['src/codec/good-package.ts', 'io-ts'],
  ['src/venues/coinbase/good.ts', 'src/venues/venue.ts'],
  ['src/venues/coinbase/good-log.ts', 'src/log/free.ts'],
  ['src/venues/registry.ts', 'src/venues/coinbase/free.ts'],
  ['src/replay/good.ts', 'src/venues/venue.ts'],
  ['src/transport/good.ts', 'ws'],
  ['src/storage/lmdb/good.ts', 'lmdb'],
  ['src/storage/mongo/good.ts', 'mongodb'],
  ['src/storage/open-store.ts', 'src/storage/memory/free.ts'],
  ['src/recorder/good.ts', 'src/replay/free.ts'],
  ['src/recorder/good-port.ts', 'src/venues/venue.ts'],
  ['src/export/good.ts', 'src/replay/free.ts'],
  ['src/export/formats/arrow-encoder.ts', 'apache-arrow'],
  ['src/export/parquet/compressor.ts', '@bokuweb/zstd-wasm'],
  ['src/app/good.ts', 'src/venues/registry.ts'],
  ['src/app/good-store.ts', 'src/storage/open-store.ts'],
  ['src/cli/good.ts', 'simulator/venues/free.ts'],
  ['src/cli/good-app.ts', 'src/app/free.ts'],
  ['src/cli/good-yargs.ts', 'yargs'],
  ['simulator/playback/good.ts', 'src/index.ts'],
  ['simulator/venues/good.ts', 'simulator/engine/free.ts'],
  ['simulator/venues/good-ws.ts', 'ws'],
]

const isPackage = (to: string): boolean => !to.endsWith('.ts')

const specifier = (from: string, to: string): string => {
  if (isPackage(to) || to.startsWith('.')) return to
  const relative = posix.relative(posix.dirname(from), to)
  return relative.startsWith('.') ? relative : `./${relative}`
}

const put = (tree: string, path: string, text: string): void => {
  mkdirSync(dirname(join(tree, path)), { recursive: true })
  writeFileSync(join(tree, path), text)
}

const growTree = (tree: string): void => {
  const cases = [...refused, ...allowed, ...companions]
  for (const [, to] of cases) {
    if (!isPackage(to)) {
      if (!to.startsWith('.')) put(tree, to, 'export const value = 1\n')
      continue
    }
    put(
      tree,
      `node_modules/${to}/package.json`,
      JSON.stringify({ name: to, version: '1.0.0', main: 'index.js' }),
    )
    put(tree, `node_modules/${to}/index.js`, 'exports.value = 1\n')
  }
  for (const [from, to] of cases)
    put(
      tree,
      from,
      `import type { value } from '${specifier(from, to)}'\n\nexport type Value = typeof value\n`,
    )
  const packages = [...new Set(cases.map(([, to]) => to).filter(isPackage))]
  const versions = (names: readonly string[]): object =>
    Object.fromEntries(names.map((name) => [name, '1.0.0']))
  put(
    tree,
    'package.json',
    JSON.stringify({
      type: 'module',
      dependencies: versions(packages.filter((name) => name !== 'fast-check')),
      devDependencies: versions(['fast-check']),
    }),
  )
  put(
    tree,
    'tsconfig.json',
    '{ "compilerOptions": { "module": "NodeNext" }, "include": ["src", "simulator"] }',
  )
}

const cruiseTree = async (tree: string): Promise<ICruiseResult> => {
  const { output } = await cruise(
    ['src', 'simulator'],
    {
      baseDir: tree,
      validate: true,
      ruleSet: { forbidden: configuration.forbidden },
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: configuration.options.tsPreCompilationDeps,
    },
    { exportsFields: ['exports'], ...configuration.options.enhancedResolveOptions },
    { tsConfig: extractTSConfig(join(tree, 'tsconfig.json')) },
  )
  if (typeof output === 'string') throw new Error('the cruise answered with text')
  return output
}

describe('boundaries', () => {
  const tree = mkdtempSync(join(tmpdir(), 'bookreel-boundaries-'))
  const found = new Map<string, readonly string[]>()

  beforeAll(async () => {
    growTree(tree)
    const { summary } = await cruiseTree(tree)
    for (const { from, rule } of summary.violations) {
      expect(rule.severity).toBe('error')
      found.set(from, [...(found.get(from) ?? []), rule.name].sort())
    }
  })
  afterAll(() => {
    rmSync(tree, { recursive: true, force: true })
  })

  it.each(refused)('%s may not import %s', (from, _to, ...rules) => {
    expect(found.get(from)).toEqual(rules)
  })

  it.each(allowed)('%s may import %s', (from) => {
    expect(found.get(from)).toBeUndefined()
  })

  it('has a bad import for every rule', () => {
    const proven = new Set(refused.flatMap(([, , ...rules]) => rules))
    expect(
      configuration.forbidden.map((rule) => rule.name).filter((name) => !proven.has(name ?? '')),
    ).toEqual([])
  })
})
