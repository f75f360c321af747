import { describe, expect, it } from 'vitest'

import { Engine } from '../../../simulator/engine/engine.ts'
import type { LimitRequest } from '../../../simulator/engine/order-request.ts'
import { orderUuid } from '../../../simulator/venues/coinbase-ids.ts'
import { CoinbaseRenderer, LEVEL3_SCHEMA } from '../../../simulator/venues/coinbase-render.ts'

const SEED = 42
const TIME = 1_700_000_000_123_456
const id = (order: number): string => orderUuid(SEED, order)

const limit = (more: Partial<LimitRequest>): LimitRequest => ({
  ...{
    kind: 'limit',
    side: 'buy',
    account: 0,
    price: 100_050,
    size: 25_000_000,
    terms: 'rest',
    selfTrade: 'dc',
  },
  ...more,
})

const worded = (act: (engine: Engine) => void): { full: unknown[]; level3: unknown[] } => {
  const engine = new Engine({
    priceScale: 2,
    sizeScale: 8,
    firstNumber: 7,
    firstTrade: 9,
    makerDone: 'at-once',
  })
  const render = new CoinbaseRenderer({ pair: 'BTC-USD', engine, priceScale: 2, sizeScale: 8, seed: SEED })
  const full: unknown[] = []
  const level3: unknown[] = []
  engine.subscribe((event) => {
    full.push(JSON.parse(render.full(event)))
    level3.push(JSON.parse(render.level3(event)))
    render.follow(event)
  })
  act(engine)
  return { full, level3 }
}

const head = (type: string, side: string, sequence: number): object => ({
  ...{ type, side, sequence, product_id: 'BTC-USD', time: '2023-11-14T22:13:20.123456Z' },
})

describe('messages of the full channel', () => {
  it('words a life: received, open, match, done', () => {
    const { full, level3 } = worded((engine) => {
      engine.submit(limit({}), TIME)
      engine.submit(limit({ side: 'sell', price: 100_000 }), TIME)
    })
    const order = { order_id: id(1) }
    expect(full).toEqual([
      { ...head('received', 'buy', 7), ...order, order_type: 'limit', size: '0.25', price: '1000.5' },
      { ...head('open', 'buy', 8), ...order, price: '1000.5', remaining_size: '0.25' },
      { ...head('received', 'sell', 9), order_id: id(2), order_type: 'limit', size: '0.25', price: '1000' },
      {
        ...head('match', 'buy', 10),
        ...{ trade_id: 9, maker_order_id: id(1), taker_order_id: id(2), size: '0.25', price: '1000.5' },
      },
      { ...head('done', 'buy', 11), ...order, reason: 'filled', price: '1000.5', remaining_size: '0' },
      { ...head('done', 'sell', 12), order_id: id(2), reason: 'filled', price: '1000', remaining_size: '0' },
    ])
    const time = '2023-11-14T22:13:20.123456Z'
    expect(level3).toEqual([
      ['noop', 'BTC-USD', '7', time],
      ['open', 'BTC-USD', '8', id(1), 'buy', '1000.5', '0.25', time],
      ['noop', 'BTC-USD', '9', time],
      ['match', 'BTC-USD', '10', id(1), id(2), '1000.5', '0.25', time],
      ['done', 'BTC-USD', '11', id(1), time],
      ['noop', 'BTC-USD', '12', time],
    ])
  })

  it('words a market order without price, an amendment, and prevention by size and by funds', () => {
    const market = {
      kind: 'market',
      side: 'buy',
      account: 3,
      size: undefined,
      funds: 100_000,
      selfTrade: 'dc',
    } as const
    const { full, level3 } = worded((engine) => {
      engine.submit(limit({ side: 'sell', account: 3, price: 10_000, size: 100_000_000 }), TIME)
      engine.amend(1, 11_000, 200_000_000, TIME)
      engine.submit(limit({ account: 3, price: 11_000, size: 50_000_000 }), TIME)
      engine.submit(market, TIME)
    })
    expect(full.slice(2)).toEqual([
      {
        ...head('change', 'sell', 9),
        ...{ reason: 'modify_order', order_id: id(1) },
        ...{ old_size: '1', new_size: '2', old_price: '100', new_price: '110' },
      },
      { ...head('received', 'buy', 10), order_id: id(2), order_type: 'limit', size: '0.5', price: '110' },
      {
        ...head('change', 'sell', 11),
        reason: 'STP',
        order_id: id(1),
        old_size: '2',
        new_size: '1.5',
        price: '110',
      },
      {
        ...head('done', 'buy', 12),
        order_id: id(2),
        reason: 'canceled',
        price: '110',
        remaining_size: '0.5',
      },
      { ...head('received', 'buy', 13), order_id: id(3), order_type: 'market', funds: '1000' },
      {
        ...head('change', 'buy', 14),
        reason: 'STP',
        order_id: id(3),
        old_funds: '1000',
        new_funds: '835',
        price: null,
      },
      {
        ...head('done', 'sell', 15),
        order_id: id(1),
        reason: 'canceled',
        price: '110',
        remaining_size: '1.5',
      },
      { ...head('done', 'buy', 16), order_id: id(3), reason: 'canceled' },
    ])
    expect(level3[2]).toEqual(['change', 'BTC-USD', '9', id(1), '110', '2', '2023-11-14T22:13:20.123456Z'])
    expect(level3[7]).toEqual(['noop', 'BTC-USD', '14', '2023-11-14T22:13:20.123456Z'])
  })

  it('tells the columns of level3 that it sends', () => {
    expect(JSON.parse(LEVEL3_SCHEMA)).toMatchObject({
      type: 'level3',
      schema: { noop: ['type', 'product_id', 'sequence', 'time'] },
    })
  })
})

describe('order ids', () => {
  it('are version-4 UUIDs, all different, other ones for other seeds', () => {
    const ids = new Set<string>()
    for (let order = 1; order <= 20_000; order++) {
      ids.add(id(order))
      expect(id(order)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
    expect(ids.size).toBe(20_000)
    expect(ids.has(orderUuid(SEED + 1, 1))).toBe(false)
  })
})
