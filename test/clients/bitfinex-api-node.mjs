/**
 * bitfinex-api-node on Bitfinex: managed R0 book of bfx-api-node-models, sequence audit and checksums on. Arguments: those
 * of the simulator.
 */
import bitfinex from 'bitfinex-api-node'

import { prove } from './proof.mjs'

const { WSv2 } = bitfinex
const SYMBOL = 'tBTCUSD'

await prove(
  {
    ...{ client: 'bitfinex-api-node', venue: 'bitfinex', reads: 'R0, 100 orders a side' },
    ...{ compare: 'orders', flow: process.argv.slice(2), enough: 1000 },
  },
  async (venue, note) => {
    const client = new WSv2({
      url: `${venue.ws}/ws/2`,
      manageOrderBooks: true,
      seqAudit: true,
    })
    let updates = 0
    let checksums = 0
    client.on('error', (error) => note.problem(error?.message ?? error))
    client.onOrderBook({ symbol: SYMBOL }, () => void updates++)
    client.onOrderBookChecksum({ symbol: SYMBOL }, () => void checksums++)
    await client.open()
    // Not awaited: with another flag on it waits for an answer that names the new flag alone, which no venue gives.
    void client.enableFlag(WSv2.flags.CHECKSUM)
    await client.subscribeOrderBook(SYMBOL, 'R0', '100')
    const side = (rows) => rows.map(([id, price, size]) => ({ id, price, size: Math.abs(size) }))
    return {
      updates: () => updates,
      checksums: () => checksums,
      book: () => {
        const { bids = [], asks = [] } = client.getOB(SYMBOL) ?? {}
        return { bids: side(bids), asks: side(asks) }
      },
      close: () => client.close(),
    }
  },
)
