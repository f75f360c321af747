/** The options of `record`; what they mean together is record-wish's. */
import type { Argv } from 'yargs'

import { DEFAULT_STORE_TEXT } from '../options.ts'
import type { RecordFlags } from './record-wish.ts'

export interface RecordArguments extends RecordFlags {
  readonly secrets?: string | undefined
}

/** Options of one text each, and options that may be given again and again. */
const SINGLE = {
  mode: 'full (default): frames and a live book; light: frames, least work; snapshot: samples of the book',
  interval: 'With --mode snapshot: time from one sample to the next (default: 1s)',
  depth: 'With --mode snapshot: levels a side (default: 10)',
  for: 'Stop so long after the start, the time until venues deliver included: 30s, 10m, 2h',
  store: `Where recordings are kept (default: ${DEFAULT_STORE_TEXT})`,
  spool: 'Folder where entries wait for a store on a server, no other (default: ./bookreel-spool/DATABASE)',
  'spool-limit': 'What may wait there for each stream (default: 20GB)',
  'min-free': 'Stop cleanly (exit code 4) when less is free on the disk of the journal: 5GB',
  'resume-at': 'With --min-free: pause instead, and go on when so much is free again',
  'takeover-after': 'With --standby: how long another recorder must be silent (default: 15s)',
  connections: 'Redundant connections of each stream, 1 to 4 (default: 1)',
  'renew-after': 'Age at which a connection is replaced, the new one up first, or never (default: 12h)',
  durability: 'Time until entries are on disk (default: 200ms)',
  'metrics-port': 'Port for Prometheus (/metrics) and /health; 0: any free one',
  'metrics-host': 'Address of that port (default: 127.0.0.1)',
  config: 'JSON file that holds what the flags hold; read again at SIGHUP and when it changes',
  secrets: 'File (or number of an open descriptor) with lines COINBASE_API_KEY=…, BOOKREEL_STORE=…',
} as const
const REPEATABLE = {
  venue: 'Venue to record (default: all)',
  endpoint: 'coinbase.ws=URL, coinbase.rest=URL, bitfinex.ws=URL, bitfinex.rest=URL',
  symbol: "The venue's own symbol: bitfinex=tBTCUSD",
  feed: 'coinbase=full|level3|level2_batch, bitfinex=R0|P0|P1|P2|P3|P4',
} as const

export const withRecordOptions = (command: Argv): Argv<RecordArguments> => {
  let built: Argv = command
    .positional('pairs', { type: 'string', array: true, describe: 'Pairs such as BTC-USD' })
    .option('json', { type: 'boolean', describe: 'One line of status a second on stdout, for machines' })
    .option('standby', {
      type: 'boolean',
      describe: 'Wait while another recorder has the streams; take over when it is gone',
    })
    .option('take-over', {
      type: 'boolean',
      describe: 'Connect first, then take the streams over from the recorder that has them on this machine',
    })
    .example('$0 record BTC-USD', 'both venues, into ./bookreel-data, until Ctrl-C')
    .example('$0 record BTC-USD ETH-USD --venue bitfinex --for 10m', 'ten minutes of one venue')
  for (const [name, describe] of Object.entries(SINGLE))
    built = built.option(name, { type: 'string', requiresArg: true, describe })
  for (const [name, describe] of Object.entries(REPEATABLE))
    built = built.option(name, { type: 'string', array: true, nargs: 1, describe: `${describe}; repeatable` })
  return built
}
