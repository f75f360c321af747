/** ccxt on Bitfinex: `watchOrderBook` with its checksums on. Arguments: the precision, then those of the simulator. */
import ccxt from 'ccxt'

import { watch } from './ccxt-watch.mjs'
import { prove } from './proof.mjs'

const [precision = 'P0', ...flow] = process.argv.slice(2)
const unit = precision === 'R0' ? 'orders' : 'prices'

/** Its verbose output is the only place where ccxt tells of a checksum that was right. */
let checksums = 0
const print = (...parts) => {
  if (parts.some((part) => Array.isArray(part) && part[1] === 'cs')) checksums++
}

await prove(
  // It tells once of all that arrived together, so once a burst.
  {
    ...{ client: 'ccxt', venue: 'bitfinex', reads: `${precision}, 25 ${unit} a side` },
    ...{ compare: precision === 'R0' ? 'orders' : 'rows', flow, enough: 25 },
  },
  (venue, note) => {
    const exchange = new ccxt.pro.bitfinex({
      urls: { api: { public: venue.rest, ws: { public: `${venue.ws}/ws/2` } } },
    })
    Object.assign(console, { log: print })
    exchange.verbose = true
    return { ...watch(exchange, note, precision === 'R0', { prec: precision }), checksums: () => checksums }
  },
)
