/** The `--config` file of `record`: JSON that holds what the flags hold, under the flags' names, and settings of single pairs. */
import { type Either, left } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'

import { isPair } from '../../market/instrument.ts'
import { venues } from '../production.ts'
import {
  FlagSetting,
  ListSetting,
  oneOf,
  readSettings,
  type Schema,
  type SettingProblem,
  SettingsObject,
  ShortOrLongSetting,
  textOf,
  TextSetting,
} from './setting-codecs.ts'

const VENUES = venues.map(({ id }) => id)
const ANY_VENUE = `(${VENUES.join('|')})`

const pair = new TextSetting('a pair', { pattern: '^[A-Z0-9]+-[A-Z0-9]+$', examples: ['BTC-USD'] }, (text) =>
  isPair(text) ? undefined : 'must be a pair like BTC-USD',
)
const duration = textOf('a duration', /^(?=.*[1-9])\d+(\.\d+)?(ms|s|m|h|d)$/, '10s')
const size = textOf('a size', /^(?=.*[1-9])\d+(\.\d+)?(MB|GB|TB)$/, '20GB')
const port = textOf('a port, as a text,', /^\d{1,5}$/, '9464')
const text = textOf('a text', /./, './folder')
const flag = new FlagSetting()

/** `user:password@` of an address, or a bare `user@`. */
const SECRET = /^[a-z+]+:\/\/[^/?]*@/i
const store = new TextSetting('an address', { examples: ['file:./bookreel-data'] }, (address) =>
  SECRET.test(address)
    ? 'must hold no user and no password: give such an address by BOOKREEL_STORE, in the environment or in --secrets'
    : undefined,
)

const PAIR_SETTINGS = {
  venue: {
    codec: new ListSetting('a list of texts', oneOf('a venue', VENUES)),
    about: 'Venues to record; all where it is left out.',
  },
  endpoint: {
    codec: new ListSetting(
      'a list of texts',
      textOf('an endpoint', new RegExp(`^${ANY_VENUE}\\.(ws|rest)=.+$`), 'coinbase.ws=wss://host'),
    ),
    about: 'Where a venue is reached instead of its usual place.',
  },
  symbol: {
    codec: new ListSetting(
      'a list of texts',
      textOf('a symbol', new RegExp(`^${ANY_VENUE}=.+$`), 'bitfinex=tBTCUSD'),
    ),
    about: "A venue's own symbol of a pair.",
  },
  feed: {
    codec: new ListSetting(
      'a list of texts',
      textOf('a feed', new RegExp(`^${ANY_VENUE}=.+$`), 'coinbase=full'),
    ),
    about: 'Which feed of a venue is recorded.',
  },
} as const

const PairSettings = new SettingsObject(
  'the settings of a pair',
  { pair: { codec: pair, about: 'The pair that these settings are for.' }, ...PAIR_SETTINGS },
  ['pair'],
)

const RecordConfig = new SettingsObject('the settings of a recorder', {
  pairs: {
    codec: new ListSetting('a list of pairs', new ShortOrLongSetting(pair, PairSettings)),
    about: 'What is recorded: pairs, or objects with a pair and what is different for it.',
  },
  ...PAIR_SETTINGS,
  mode: { codec: oneOf('a mode', ['full', 'light', 'snapshot']), about: 'How much is kept.' },
  interval: { codec: duration, about: 'With mode snapshot: time between two samples.' },
  depth: {
    codec: textOf('a number of levels, as a text,', /^[1-9]\d{0,3}$/, '10'),
    about: 'With mode snapshot: levels a side.',
  },
  for: { codec: duration, about: 'Stop so long after the start, the time until venues deliver included.' },
  store: {
    codec: store,
    about: 'Where recordings are kept: file:DIR or mongodb://HOST/DATABASE, without a password.',
  },
  spool: { codec: text, about: 'Folder where entries wait for a store on a server; for no other store.' },
  'spool-limit': { codec: size, about: 'What may wait there for each stream.' },
  'min-free': { codec: size, about: 'Stop cleanly when less is free on the disk of the journal.' },
  'resume-at': { codec: size, about: 'With min-free: wait, and go on when so much is free again.' },
  connections: {
    codec: textOf('a number of connections, as a text,', /^[1-4]$/, '2'),
    about: 'Redundant connections of each stream.',
  },
  'renew-after': {
    codec: textOf('a duration or "never"', /^(never|(?=.*[1-9])\d+(\.\d+)?(ms|s|m|h|d))$/, '12h'),
    about: 'Age at which a connection is replaced, the new one up first.',
  },
  durability: { codec: duration, about: 'Time until entries are on disk.' },
  'metrics-port': { codec: port, about: 'Port for /metrics, /health and /status.' },
  'metrics-host': { codec: text, about: 'Address of that port.' },
  standby: { codec: flag, about: 'Wait while another recorder has the streams.' },
  'take-over': { codec: flag, about: 'Connect first, then take the streams over on this machine.' },
  'takeover-after': { codec: duration, about: 'With standby: how long another recorder must be silent.' },
  json: { codec: flag, about: 'One line of status a second on stdout.' },
  $schema: { codec: text, about: 'Where this schema is, for editors.' },
})

export type RecordConfig = t.TypeOf<typeof RecordConfig>

/** The JSON Schema of the file: docs/config.schema.json. */
export const recordConfigSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'bookreel record --config',
  ...RecordConfig.schema,
}

/** Left: every problem of the text. */
export const parseRecordConfig = (json: string): Either<readonly SettingProblem[], RecordConfig> => {
  let value: unknown
  try {
    // Some editors begin a file with a byte order mark.
    value = JSON.parse(json.replace(/^\uFEFF/, ''))
  } catch (error) {
    return left([
      { path: '', problem: `is not JSON (${error instanceof Error ? error.message : String(error)})` },
    ])
  }
  return readSettings(RecordConfig, value)
}
