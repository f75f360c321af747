/** What a simulated Bitfinex answers to `/v2/conf/KEY`: its pairs and currencies; nothing of any other key. */

const LEAST_ORDER = '0.00004'
const LARGEST_ORDER = '2000'

/** `BTCUSD` or `AVAX:USD` in two. */
const currenciesOf = (pair: string): readonly string[] =>
  pair.includes(':') ? pair.split(':') : [pair.slice(0, 3), pair.slice(3)]

/** The answer to one key: a list, empty where nothing is known of it. `pairs`: without `t`. */
export const bitfinexConf = (key: string, pairs: readonly string[]): readonly unknown[] => {
  const codes = [...new Set(pairs.flatMap(currenciesOf))]
  switch (key) {
    case 'pub:list:pair:exchange':
      return pairs
    case 'pub:info:pair':
      return pairs.map((pair) => [
        pair,
        [null, null, null, LEAST_ORDER, LARGEST_ORDER, null, null, null, null, null, null, null],
      ])
    case 'pub:list:currency':
      return codes
    case 'pub:map:currency:label':
      return codes.map((code) => [code, code])
    default:
      return []
  }
}
