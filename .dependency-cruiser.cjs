/**
 * Who may import whom: the import table of docs/architecture.md as rules. A rule is named after the part it binds;
 * test/rules/boundaries.test.ts proves that each still bites.
 */

const folder = (name) => `^${name}/`
const PURE_PACKAGES = ['fp-ts', 'io-ts', '@js-sdsl/ordered-map']
const PORTS = '^src/venues/venue\\.ts$'
const REPLAY_AND_BELOW = ['src/market', 'src/book', 'src/log', 'src/codec', 'src/replay'].map(folder)

/** Files of ours that each part may import beside its own folder. */
const MAY_IMPORT = {
  'src/market': [],
  'src/book': [folder('src/market')],
  'src/log': [folder('src/market')],
  'src/codec': [folder('src/market'), folder('src/log')],
  'src/venues': [folder('src/market'), folder('src/log')],
  'src/replay': [...['src/market', 'src/book', 'src/log', 'src/codec'].map(folder), PORTS],
  'src/transport': [folder('src/market')],
  'src/storage': [folder('src/market'), folder('src/log'), folder('src/codec')],
  'src/recorder': [...REPLAY_AND_BELOW, folder('src/transport'), PORTS],
  'src/export': [...REPLAY_AND_BELOW, PORTS],
  'src/report': [...REPLAY_AND_BELOW],
  'src/app': ['^src/(?!cli/|index\\.ts$)'],
  'src/cli': [
    ...['src/app', 'src/export', 'src/log', 'src/market', 'src/recorder', 'src/replay', 'simulator'].map(
      folder,
    ),
    PORTS,
  ],
  simulator: ['^src/index\\.ts$'],
}

/** Packages that only one place may know. */
const PACKAGE_OWNERS = {
  '@js-sdsl/ordered-map': ['^src/book/price-levels\\.ts$'],
  lmdb: [folder('src/storage/(lmdb|journal)')],
  mongodb: [folder('src/storage/mongo'), folder('test')],
  ws: [folder('src/transport'), folder('simulator')],
  yargs: [folder('src/cli')],
  'cli-progress': [folder('src/cli')],
  'apache-arrow': ['^src/export/formats/arrow-encoder\\.ts$', folder('test')],
  '@bokuweb/zstd-wasm': ['^src/export/parquet/compressor\\.ts$'],
}

const ownership = (name, owners) => ({
  name: `package-${name.replace(/^@/, '').replace('/', '-')}`,
  comment: `Only its owner imports ${name}.`,
  from: { pathNot: owners },
  to: { path: `node_modules/(@types/)?${name}/` },
})

const layer = ([part, allowed]) => ({
  name: part.replace('/', '-'),
  comment: `${part} imports its own folder and the parts named in MAY_IMPORT, nothing else of ours.`,
  from: { path: folder(part) },
  to: { path: '^(src|simulator)/', pathNot: [folder(part), ...allowed] },
})

const rules = [
  ...Object.entries(MAY_IMPORT).map(layer),
  {
    name: 'venues-apart',
    comment: 'A venue imports nothing of another venue; only the registry names venues.',
    from: { path: '^src/venues/([^/]+)/' },
    to: { path: '^src/venues/([^/]+/|registry\\.ts$)', pathNot: '^src/venues/$1/' },
  },
  {
    name: 'venue-port',
    comment: 'The port knows no venue.',
    from: { path: '^src/venues/[^/]+\\.ts$', pathNot: '^src/venues/registry\\.ts$' },
    to: { path: '^src/venues/([^/]+/|registry\\.ts$)' },
  },
  {
    name: 'backends-apart',
    comment: 'A backend imports nothing of another backend; only open-store names backends.',
    from: { path: '^src/storage/([^/]+)/' },
    to: { path: '^src/storage/([^/]+/|open-store\\.ts$)', pathNot: '^src/storage/$1/' },
  },
  {
    name: 'pure-packages',
    comment: 'The part that must be the same everywhere takes few packages.',
    from: { path: '^(src/(market|book|log|codec|venues|replay|export|report)|simulator/engine)/' },
    to: {
      path: 'node_modules/',
      // The two of exports belong to one file each.
      pathNot: `node_modules/(${[...PURE_PACKAGES, 'apache-arrow', '@bokuweb/zstd-wasm'].join('|')})/`,
    },
  },
  {
    name: 'public-api-is-an-end',
    comment: 'index.ts is for users of the package; inside src a file imports from where a name is defined.',
    from: { path: '^src/' },
    to: { path: '^src/index\\.ts$' },
  },
  {
    name: 'public-api-below-command-line',
    comment: 'The public API offers nothing of the command line or the simulator.',
    from: { path: '^src/index\\.ts$' },
    to: { path: '^(src/cli|simulator)/' },
  },
  {
    name: 'no-circular',
    comment: 'Types included: a cycle means that two files are one.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-test',
    comment: 'What is shipped imports no test.',
    from: { path: '^(src|simulator)/' },
    to: { path: '^test/' },
  },
  {
    name: 'no-generic-name',
    comment: 'A file is named after what it owns.',
    from: {},
    to: { path: '(^|/)(utils?|helpers?|common|handy|types|misc)(\\.ts$|/)', pathNot: 'node_modules/' },
  },
  {
    name: 'no-development-package',
    comment: 'What is shipped runs on dependencies alone.',
    from: { path: '^(src|simulator)/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
  },
  {
    name: 'no-unresolvable',
    comment: 'An import that leads nowhere escapes every other rule.',
    from: {},
    to: { couldNotResolve: true },
  },
  ...Object.entries(PACKAGE_OWNERS).map(([name, owners]) => ownership(name, owners)),
]

module.exports = {
  forbidden: rules.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json', '.d.ts'],
    },
  },
}
