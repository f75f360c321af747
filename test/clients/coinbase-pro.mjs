/**
 * coinbase-pro on Coinbase Exchange: `OrderbookSync`, signed, channel `full`, REST level 3. Arguments: those of the
 * simulator.
 */
import coinbase from 'coinbase-pro'

import { prove } from './proof.mjs'

const PRODUCT = 'BTC-USD'
const flow = process.argv.slice(2)

await prove(
  {
    ...{ client: 'coinbase-pro', venue: 'coinbase', reads: 'full, every order' },
    ...{ compare: 'orders', flow, enough: 4000 },
  },
  (venue, note) => {
    const sync = new coinbase.OrderbookSync([PRODUCT], venue.rest, venue.ws, venue.credentials)
    let updates = 0
    let hasMatchedAmended = false
    let snapshots = 0
    const amended = new Set()
    sync.on('error', (error) => note.problem(`${error.message ?? error}: ${error.reason ?? ''}`))
    sync.on('synced', () => void snapshots++)
    sync.prependListener('message', (message) => {
      if (message.type === 'heartbeat') return
      updates++
      if (message.new_price !== undefined) amended.add(message.order_id)
      if (amended.has(message.maker_order_id)) hasMatchedAmended = true
    })
    const side = (rows) =>
      rows.map(({ id, price, size }) => ({ id, price: price.toFixed(), size: size.toFixed() }))
    return {
      updates: () => updates,
      book: () => {
        const { bids, asks } = sync.books[PRODUCT].state()
        return { bids: side(bids), asks: side(asks) }
      },
      defect: (ids) => {
        if (hasMatchedAmended || ids.some((id) => amended.has(id)))
          return 'it passes over a change with new_price: amendments came after it'
        return snapshots > 1 ? 'it adds the orders of a second snapshot to those it had' : undefined
      },
      close: () => sync.disconnect(),
    }
  },
)
