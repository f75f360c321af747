import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isPair, splitStreamId, streamIdOf } from '../../src/market/instrument.ts'
import { aggressorAgainst } from '../../src/market/side.ts'

describe('names', () => {
  it.each(['BTC-USD', '1INCH-USDT', 'A-B'])('%s is a pair', (text) => {
    expect(isPair(text)).toBe(true)
  })

  it.each(['', 'BTCUSD', 'btc-usd', 'BTC-USD-X', '-USD', 'BTC-', 'BTC-USD\n', `${'A'.repeat(21)}-USD`])(
    '%j is no pair',
    (text) => {
      expect(isPair(text)).toBe(false)
    },
  )

  it('of streams split where they were joined', () => {
    const venue = fc.stringMatching(/^[a-z]{1,12}$/)
    fc.assert(
      fc.property(venue, fc.string({ minLength: 1 }), (name, pair) => {
        expect(splitStreamId(streamIdOf(name, pair))).toEqual({ venue: name, pair })
      }),
    )
  })

  it.each(['', 'coinbase', ':BTC-USD', 'coinbase:', ':'])('%j is no stream', (text) => {
    expect(splitStreamId(text)).toBeUndefined()
  })
})

describe('an aggressor', () => {
  it('sells into bids and buys from asks', () => {
    expect(aggressorAgainst('bid')).toBe('sell')
    expect(aggressorAgainst('ask')).toBe('buy')
  })
})
