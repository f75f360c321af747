import { describe, expect, it } from 'vitest'

import type { ProductState } from '../../src/market/product-state.ts'
import { ProductNotes } from '../../src/recorder/product-notes.ts'

const state = (changes: Partial<ProductState> = {}): ProductState => ({
  trading: 'open',
  says: 'online',
  priceIncrement: '0.01',
  sizeIncrement: '0.001',
  ...changes,
})

describe('ProductNotes', () => {
  it('is silent while a product trades as usual, and says each change once', () => {
    const notes = new ProductNotes('Coinbase', 'BTC-USD')
    expect(notes.note(state())).toBeUndefined()
    expect(notes.note(state())).toBeUndefined()
    const limited = state({ trading: 'limited', says: 'online, cancel_only' })
    expect(notes.note(limited)).toEqual({
      level: 'warn',
      message: 'BTC-USD at Coinbase trades with restrictions (online, cancel_only).',
    })
    expect(notes.note(limited)).toBeUndefined()
    expect(notes.note(state())?.message).toBe('BTC-USD at Coinbase trades again (online).')
    expect(notes.note(state({ trading: 'delisted', says: 'delisted' }))?.level).toBe('error')
  })

  it('says a product that is not open from the start', () => {
    const notes = new ProductNotes('Coinbase', 'BTC-USD')
    expect(notes.note(state({ trading: 'paused', says: 'offline' }))?.message).toBe(
      'BTC-USD at Coinbase does not trade for now (offline).',
    )
  })

  it('says new steps by their value, and forgets none that is left out once', () => {
    const notes = new ProductNotes('Coinbase', 'BTC-USD')
    notes.note(state())
    expect(notes.note(state({ priceIncrement: '0.010' }))).toBeUndefined()
    expect(
      notes.note(state({ trading: 'delisted', says: 'not found', priceIncrement: null }))?.message,
    ).toContain('BTC-USD at Coinbase is not offered, or not any more')
    expect(notes.note(state({ priceIncrement: '0.001', sizeIncrement: '0.1' }))?.message).toBe(
      'BTC-USD at Coinbase trades again (online); its smallest step of price went from 0.010 to 0.001; ' +
        'its smallest step of size went from 0.001 to 0.1.',
    )
  })
})
