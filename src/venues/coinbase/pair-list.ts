/** What Coinbase offers, from its public product list. */
import { isPair } from '../../market/instrument.ts'
import type { OfferedPair, PairList } from '../venue.ts'
import { ListedProduct, wordsOf } from './listed-product.ts'

/** The REST list of products. */
export const PAIR_LIST: PairList = {
  path: '/products',
  read: (body) => {
    if (!Array.isArray(body)) return undefined
    const pairs: OfferedPair[] = []
    for (const row of body as readonly unknown[]) {
      if (!ListedProduct.is(row) || !isPair(row.id)) continue
      const { id, quote_increment: priceIncrement, base_increment: sizeIncrement } = row
      pairs.push({ pair: id, symbol: id, status: wordsOf(row), priceIncrement, sizeIncrement })
    }
    return pairs
  },
}
