import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { pairOf, symbolOf } from '../../../src/venues/bitfinex/symbols.ts'

const CASES = [
  ['BTC-USD', 'tBTCUSD'],
  ['AVAX-USD', 'tAVAX:USD'],
  ['TESTBTC-TESTUSD', 'tTESTBTC:TESTUSD'],
  ['BTC-USDT', 'tBTCUST'],
  ['AVAX-USDT', 'tAVAX:UST'],
  ['USDC-USD', 'tUDCUSD'],
  ['BTCF0-USTF0', 'tBTCF0:USTF0'],
] as const

describe('symbols of Bitfinex', () => {
  it.each(CASES)('%s is %s', (pair, symbol) => {
    expect(symbolOf(pair)).toBe(symbol)
    expect(symbolOf(symbol)).toBe(symbol)
    expect(pairOf(symbol)).toBe(pair)
    expect(pairOf(pair)).toBe(pair)
  })

  it.each(['fUSD', 'tBTC', 'BTCUSD', 'btc-usd', '', 'BTC-', 'tAVAX:', 'tAVAX:USD:X', 'BTC-USD-X'])(
    '%s is neither symbol nor pair',
    (text) => {
      expect(pairOf(text)).toBeUndefined()
    },
  )

  it('leads from any pair to one symbol and back to the same market', () => {
    const currency = fc.stringMatching(/^[A-Z0-9]{1,8}$/)
    fc.assert(
      fc.property(currency, currency, (base, quote) => {
        const canonical = pairOf(`${base}-${quote}`)
        expect(canonical).toBeDefined()
        expect(pairOf(symbolOf(canonical ?? ''))).toBe(canonical)
        expect(symbolOf(canonical ?? '')).toBe(symbolOf(`${base}-${quote}`))
      }),
    )
  })
})
