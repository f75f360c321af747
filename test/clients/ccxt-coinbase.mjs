/** ccxt on Coinbase Exchange: `watchOrderBook`, which signs and reads `level2`. */
import ccxt from 'ccxt'

import { watch } from './ccxt-watch.mjs'
import { prove } from './proof.mjs'

await prove({ client: 'ccxt', venue: 'coinbase', reads: 'level2', compare: 'levels' }, (venue, note) => {
  const { key, secret, passphrase } = venue.credentials
  const exchange = new ccxt.pro.coinbaseexchange({
    ...{ apiKey: key, secret, password: passphrase },
    urls: { api: { public: venue.rest, private: venue.rest, ws: venue.ws } },
  })
  return watch(exchange, note)
})
