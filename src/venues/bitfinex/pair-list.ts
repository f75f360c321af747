/** What Bitfinex offers: its public list of exchange pairs, which names them and says no more. */
import type { OfferedPair, PairList } from '../venue.ts'
import { pairOf } from './symbols.ts'

/** The `conf` list of exchange pairs: one list of names without the `t` inside another. */
export const PAIR_LIST: PairList = {
  path: '/v2/conf/pub:list:pair:exchange',
  read: (body) => {
    const names: unknown = Array.isArray(body) ? body[0] : undefined
    if (!Array.isArray(names)) return undefined
    const pairs: OfferedPair[] = []
    for (const name of names as readonly unknown[]) {
      const symbol = `t${String(name)}`
      const pair = typeof name === 'string' ? pairOf(symbol) : undefined
      if (pair !== undefined)
        pairs.push({ pair, symbol, status: undefined, priceIncrement: undefined, sizeIncrement: undefined })
    }
    return pairs
  },
}
