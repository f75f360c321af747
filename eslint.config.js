/**
 * Lint rules. A later block replaces a rule of an earlier one whole, so the lists of the `no-restricted-*` rules are
 * composed here and each block is given a complete one. test/rules/ proves that every rule still bites.
 */
import { builtinModules } from 'node:module'

import { defineConfig } from 'eslint/config'
import simpleImportSort from 'eslint-plugin-simple-import-sort'
import tseslint from 'typescript-eslint'

/** Folders where the same input must give the same output on any machine. */
const DETERMINISTIC = ['market', 'book', 'replay', 'codec', 'venues', 'report']
  .map((folder) => `src/${folder}/**/*.ts`)
  .concat('simulator/engine/**/*.ts')

const BRANDED = 'TSTypeReference[typeName.name=/^(Price|Size|Micros)$/]'

const SYNTAX = [
  { selector: 'TSEnumDeclaration', message: 'No enums: take a union of literals.' },
  {
    selector: 'CallExpression[callee.property.name=/^(push|unshift)$/] > SpreadElement.arguments',
    message: 'Spreading into push overflows the stack on long lists: loop.',
  },
]
const NO_DEFAULT_EXPORT = [
  {
    selector: "ExportDefaultDeclaration, ExportSpecifier[exported.name='default']",
    message: 'No default exports: name what the file is named after.',
  },
]
const NO_BRAND_CASTS = [
  {
    selector: ['TSAsExpression', 'TSTypeAssertion']
      .flatMap((cast) => [`${cast} > ${BRANDED}.typeAnnotation`, `${cast} > .typeAnnotation ${BRANDED}`])
      .join(', '),
    message: 'Only src/market casts to Price, Size and Micros: take priceOf, sizeOf, microsOf.',
  },
]
const NO_SURPRISES = [
  {
    selector: 'MemberExpression[property.name=/^(toLocale[A-Z].*|localeCompare)$/]',
    message: 'Depends on the locale of the machine.',
  },
  { selector: 'ImportExpression', message: 'Deterministic code loads nothing at run time.' },
]

const PACKAGE_FORMS = [
  {
    regex: '^fp-ts(?!/lib/(Either|TaskEither|function|ReadonlyArray)\\.js$)(/|$)',
    message: "Import 'fp-ts/lib/Either.js' (TaskEither, function, ReadonlyArray): other forms fail in Node.",
  },
  {
    regex: '^io-ts/(?!lib/.+\\.js$)',
    message: "Import 'io-ts' or 'io-ts/lib/….js': other forms fail in Node.",
  },
  {
    regex: `^(${builtinModules.filter((name) => !name.startsWith('node:') && !name.startsWith('_')).join('|')})$`,
    message: 'Write the node: prefix.',
  },
]
const NO_ORDERED_MAP = [
  { regex: '^@js-sdsl/ordered-map', message: 'Only src/book/price-levels.ts knows the ordered map.' },
]
const PURE_NODE_ONLY = [
  {
    regex: '^node:(?!(zlib|buffer|crypto)$)',
    message: 'Deterministic code takes no module of node but zlib, buffer and the hashes of crypto.',
  },
  {
    regex: '^node:crypto$',
    allowImportNames: ['createHash', 'createHmac', 'Hash', 'Hmac'],
    message: 'Only the hashes of node:crypto are deterministic.',
  },
]

const restrictSyntax = (...lists) => ({ 'no-restricted-syntax': ['error', ...lists.flat()] })
const restrictImports = (...lists) => ({ 'no-restricted-imports': ['error', { patterns: lists.flat() }] })

const SURPRISING_GLOBALS = [
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
  'console',
  'crypto',
  'fetch',
  'Intl',
]

export default defineConfig(
  {
    ignores: [
      'dist',
      '.bench',
      '.docs',
      '.test-output',
      'bookreel-data',
      'bookreel-demo',
      'fixtures',
      'python/.venv',
    ],
  },
  // The preset names **/*.ts: without such a pattern ESLint would read none of our sources and pass.
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'simple-import-sort': simpleImportSort },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/return-await': ['error', 'always'],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A port may be asynchronous where one of its implementations need not wait.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      'simple-import-sort/imports': 'error',
      'simple-import-sort/exports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', { max: 300 }],
      ...restrictSyntax(SYNTAX, NO_DEFAULT_EXPORT, NO_BRAND_CASTS),
      ...restrictImports(PACKAGE_FORMS, NO_ORDERED_MAP),
    },
  },
  {
    files: ['src/**/*.ts', 'simulator/**/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }] },
  },
  { files: ['test/**/*.ts'], rules: { 'max-lines': ['error', { max: 400 }] } },
  { files: ['src/cli/**/*.ts', 'test/bench/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: DETERMINISTIC,
    rules: {
      'no-restricted-globals': ['error', { globals: SURPRISING_GLOBALS, checkGlobalObject: true }],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Take a seed.' }],
      ...restrictSyntax(SYNTAX, NO_DEFAULT_EXPORT, NO_BRAND_CASTS, NO_SURPRISES),
      ...restrictImports(PACKAGE_FORMS, NO_ORDERED_MAP, PURE_NODE_ONLY),
    },
  },
  { files: ['src/market/**/*.ts'], rules: restrictSyntax(SYNTAX, NO_DEFAULT_EXPORT, NO_SURPRISES) },
  // Calendar arithmetic on instants it is given; it never asks what time it is.
  { files: ['src/market/time.ts'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['src/book/price-levels.ts'], rules: restrictImports(PACKAGE_FORMS, PURE_NODE_ONLY) },
  // Books and orders of levels to compare ours with.
  { files: ['test/bench/{level-orders,naive-book}.ts'], rules: restrictImports(PACKAGE_FORMS) },
  { files: ['**/*.config.{js,ts}'], rules: restrictSyntax(SYNTAX) },
  { files: ['**/*.{js,cjs,mjs}'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
)
