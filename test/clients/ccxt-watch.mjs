/** Keeps `watchOrderBook` of a ccxt exchange going and counts what it gives. */

/** `hasIds`: its rows end with the order's id. `parameters`: given to `watchOrderBook` as they are. */
export const watch = (exchange, note, hasIds = false, parameters = {}) => {
  let latest = { bids: [], asks: [] }
  let updates = 0
  let isClosed = false
  const loop = async () => {
    // What ccxt asks for where an address begins with ws: and not wss:
    await exchange.loadHttpProxyAgent()
    while (!isClosed) {
      latest = await exchange.watchOrderBook('BTC/USD', undefined, parameters)
      updates++
    }
  }
  loop().catch((error) => {
    if (!isClosed) note.problem(`${error.constructor.name}: ${error.message}`)
  })
  const side = (rows) => rows.map(([price, size, id]) => ({ price, size, ...(hasIds ? { id } : {}) }))
  return {
    updates: () => updates,
    book: () => ({ bids: side(latest.bids), asks: side(latest.asks) }),
    close: async () => {
      isClosed = true
      await exchange.close()
    },
  }
}
