import { describe, expect, it } from 'vitest'

import type { EngineEvent } from '../../../simulator/engine/engine-event.ts'
import { CoinbaseRenderer } from '../../../simulator/venues/coinbase-render.ts'
import { type CoinbaseStyle, PLAIN_STYLE, styleOf } from '../../../simulator/venues/coinbase-style.ts'
import { generatedMarket } from '../bitfinex/generated-market.ts'
import type { Frame } from './coinbase-client.ts'

const DECIMALS = [
  'price',
  'size',
  'remaining_size',
  'funds',
  'old_size',
  'new_size',
  'old_price',
  'new_price',
]

/** What a message says, whatever its form: no order of keys, no zeros at the end, no field that may be missing. */
const meaning = (text: string): unknown => {
  const plain = Object.entries(JSON.parse(text) as Frame)
    .filter(([name]) => name !== 'client_oid')
    .filter(([name, value]) => value !== null && !(name === 'reason' && value === 'STP'))
    .filter(([name, value]) => !(name === 'size' && Number(value) === 0))
    .map(([name, value]) => [name, DECIMALS.includes(name) ? Number(value) : value])
  return Object.fromEntries(plain)
}

const { market, run } = generatedMarket(3, 'BTC-USD', 300)
const events: EngineEvent[] = []
market.engine.subscribe((event) => events.push(event))
run(2500)

const worded = (style: CoinbaseStyle): string[] => {
  const render = new CoinbaseRenderer(market, style)
  return events.map((event) => {
    const text = render.full(event)
    render.follow(event)
    return text
  })
}

describe('the style of Coinbase messages', () => {
  it.each(['common-first', 'own-first', 'side-last'] as const)('puts keys %s and means the same', (keys) => {
    const plain = worded(PLAIN_STYLE).map(meaning)
    for (const isPadded of [false, true]) {
      for (const isOld of [false, true]) {
        const texts = worded({ ...PLAIN_STYLE, keys, isPadded, isOld })
        expect(texts.map(meaning)).toEqual(plain)
      }
    }
  })

  it('orders the keys of an open message in three ways', () => {
    const open = (keys: CoinbaseStyle['keys']): string => {
      const text = worded({ ...PLAIN_STYLE, keys }).find((each) => each.includes('"type":"open"')) ?? '{}'
      return Object.keys(JSON.parse(text) as object).join()
    }
    expect(open('common-first')).toBe('type,side,product_id,time,sequence,order_id,price,remaining_size')
    expect(open('own-first')).toBe('order_id,price,remaining_size,type,side,product_id,time,sequence')
    expect(open('side-last')).toBe('type,product_id,time,sequence,order_id,price,remaining_size,side')
  })

  it('pads decimals to the increments, or to eight places as once', () => {
    const decimals = (style: Partial<CoinbaseStyle>, name: string): Set<number | undefined> =>
      new Set(
        worded({ ...PLAIN_STYLE, ...style })
          .map((text) => (JSON.parse(text) as Frame)[name])
          .filter((value) => typeof value === 'string')
          .map((value) => value.split('.')[1]?.length),
      )
    expect(decimals({ isPadded: true }, 'price')).toEqual(new Set([2]))
    expect(decimals({ isPadded: true }, 'remaining_size')).toEqual(new Set([8]))
    expect(decimals({ isPadded: true, isOld: true }, 'price')).toEqual(new Set([8]))
    expect(decimals({}, 'price').size).toBeGreaterThan(1)
  })

  it('once told client ids, zero sizes beside funds, and no reason of a change', () => {
    const old = worded({ ...PLAIN_STYLE, isOld: true }).map((text) => JSON.parse(text) as Frame)
    const received = old.filter((frame) => frame['type'] === 'received')
    const clients = new Set(received.map((frame) => typeof frame['client_oid']))
    expect(clients).toEqual(new Set(['string', 'undefined']))
    expect(received.some((frame) => frame['client_oid'] === '')).toBe(true)
    expect(received.some((frame) => frame['size'] === '0' && frame['funds'] !== undefined)).toBe(true)
    const stp = old.filter((frame) => frame['type'] === 'change' && frame['new_price'] === undefined)
    expect(stp.length).toBeGreaterThan(0)
    expect(stp.filter((frame) => 'reason' in frame)).toEqual([])
  })

  it('follows from a seed and takes every form', () => {
    const styles = Array.from({ length: 60 }, (_, seed) => styleOf(seed))
    expect(styles).toEqual(Array.from({ length: 60 }, (_, seed) => styleOf(seed)))
    expect(new Set(styles.map(({ keys }) => keys)).size).toBe(3)
    for (const name of ['isPadded', 'isPaddedInRest', 'isOld'] as const)
      expect(new Set(styles.map((style) => style[name])).size).toBe(2)
  })
})
