import { describe, expect, it } from 'vitest'

import { bitfinexConf } from '../../../simulator/venues/bitfinex-conf.ts'
import { answerBitfinex } from '../../../simulator/venues/bitfinex-rest.ts'

const answer = (target: string): { readonly status: number; readonly text: string } =>
  answerBitfinex(
    target,
    { markets: new Map(), limits: undefined, isInMaintenance: false },
    { address: '127.0.0.1', now: 0 },
  )

describe('the configuration over REST', () => {
  it('tells pairs and currencies, and nothing of what it does not have', () => {
    const pairs = ['BTCUSD', 'AVAX:USD']
    expect(bitfinexConf('pub:list:pair:exchange', pairs)).toEqual(pairs)
    expect(bitfinexConf('pub:list:currency', pairs)).toEqual(['BTC', 'USD', 'AVAX'])
    expect(bitfinexConf('pub:map:currency:label', pairs)).toContainEqual(['AVAX', 'AVAX'])
    expect(bitfinexConf('pub:info:pair', pairs).map((row) => (row as unknown[])[0])).toEqual(pairs)
    expect(bitfinexConf('pub:info:pair:futures', pairs)).toEqual([])
  })

  it('answers one list for each key asked for', () => {
    expect(answer('/v2/conf/pub:info:pair,pub:list:pair:margin,pub:x')).toEqual({
      status: 200,
      text: '[[],[],[]]',
    })
    expect(answer('/v2/conf/pub:info:pair%2Cpub:x').text).toBe('[[],[]]')
  })
})

describe('a hostile address', () => {
  it.each(['/v2/book/%zz/R0', '//', '/v2/conf/%', '/v2/trades/tBTCUSD%/hist?limit=%', '', '?'])(
    'is answered: %s',
    (target) => {
      expect(answer(target).status).toBeGreaterThanOrEqual(200)
    },
  )
})
