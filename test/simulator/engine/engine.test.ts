import { describe, expect, it } from 'vitest'

import { Engine } from '../../../simulator/engine/engine.ts'
import type { EngineEvent, OrderSide } from '../../../simulator/engine/engine-event.ts'
import type { LimitRequest, SelfTradePrevention } from '../../../simulator/engine/order-request.ts'
import { kindOf } from './auditor.ts'

const limit = (
  side: OrderSide,
  price: number,
  size: number,
  more: Partial<LimitRequest> = {},
): LimitRequest => ({
  ...{ kind: 'limit', side, account: 0, price, size, terms: 'rest', selfTrade: 'dc' },
  ...more,
})

const script = (engine: Engine, act: () => void): string[] => {
  const events: EngineEvent[] = []
  const end = engine.subscribe((event) => events.push(event))
  act()
  end()
  return events.map(kindOf)
}

const newEngine = (makerDone: 'at-once' | 'at-end' = 'at-once'): Engine =>
  new Engine({ priceScale: 2, sizeScale: 8, makerDone })

describe('event scripts', () => {
  it('rests: received, open', () => {
    const engine = newEngine()
    expect(script(engine, () => engine.submit(limit('buy', 100, 5), 1))).toEqual(['received limit', 'open'])
  })

  it('fills several makers, their done behind each match or behind the last', () => {
    for (const [when, expected] of [
      ['at-once', ['match', 'done filled open', 'match', 'done filled open']],
      ['at-end', ['match', 'match', 'done filled open', 'done filled open']],
    ] as const) {
      const engine = newEngine(when)
      engine.submit(limit('sell', 100, 5), 1)
      engine.submit(limit('sell', 101, 5), 2)
      const told = script(engine, () => engine.submit(limit('buy', 101, 10), 3))
      expect(told).toEqual(['received limit', ...expected, 'done filled never open'])
    }
  })

  it('rests what is left of a partial fill', () => {
    const engine = newEngine()
    engine.submit(limit('sell', 100, 5), 1)
    const told = script(engine, () => engine.submit(limit('buy', 100, 8), 2))
    expect(told).toEqual(['received limit', 'match', 'done filled open', 'open'])
    expect(engine.orders('buy')).toEqual([{ id: 2, side: 'buy', price: 100, size: 3 }])
  })

  it('cancels an unfilled post-only, IOC and FOK without opening it', () => {
    for (const terms of ['post-only', 'ioc', 'fok'] as const) {
      const engine = newEngine()
      engine.submit(limit('sell', 100, 5), 1)
      const told = script(engine, () => engine.submit(limit('buy', 100, 8, { terms }), 2))
      const trade = terms === 'ioc' ? ['match', 'done filled open'] : []
      expect(told).toEqual(['received limit', ...trade, 'done canceled never open'])
    }
  })

  it('buys by funds down to the last unit they pay for', () => {
    const engine = newEngine()
    engine.submit(limit('sell', 10_000, 300_000_000), 1)
    const order = {
      kind: 'market',
      side: 'buy',
      account: 0,
      size: undefined,
      funds: 15_001,
      selfTrade: 'dc',
    } as const
    const told = script(engine, () => engine.submit(order, 2))
    expect(told).toEqual(['received market funds', 'match', 'done filled market'])
    expect(engine.orders('sell')[0]?.size).toBe(300_000_000 - 150_010_000)
  })

  it('keeps the place of an order that shrinks, moves one that grows or changes price to the tail', () => {
    const engine = newEngine()
    for (const time of [1, 2, 3]) engine.submit(limit('buy', 100, 10), time)
    const queue = (): number[] => engine.orders('buy').map(({ id }) => id)
    expect(engine.amend(1, 100, 4, 4)).toBe(true)
    expect(queue()).toEqual([1, 2, 3])
    expect(engine.amend(1, 100, 5, 5)).toBe(true)
    expect(queue()).toEqual([2, 3, 1])
    expect(engine.amend(2, 99, 3, 6)).toBe(true)
    expect(queue()).toEqual([3, 1, 2])
    expect(engine.amend(2, 100, 1, 7)).toBe(true)
    expect(queue()).toEqual([3, 1, 2])
    expect(engine.amend(3, 100, 10, 8)).toBe(false)
  })

  describe('an amendment that crosses is matched like a new order', () => {
    const changes = (act: (engine: Engine) => void): { told: string[]; engine: Engine; sizes: unknown[] } => {
      const engine = newEngine()
      engine.submit(limit('buy', 100, 10, { account: 7, selfTrade: 'dc' }), 1)
      engine.submit(limit('sell', 102, 4), 2)
      const sizes: unknown[] = []
      engine.subscribe((event) => event.kind === 'change' && sizes.push([event.oldSize, event.newSize]))
      return { told: script(engine, () => act(engine)), engine, sizes }
    }

    it('filled whole: change, match, done of both', () => {
      const { told, engine } = changes((engine) => engine.amend(1, 103, 4, 3))
      expect(told).toEqual(['change modify open', 'match', 'done filled open', 'done filled open'])
      expect([engine.restingCount, engine.orders('buy')]).toEqual([0, []])
    })

    it('filled in part: a second change tells what rests', () => {
      const { told, engine, sizes } = changes((engine) => engine.amend(1, 103, 12, 3))
      expect(told).toEqual(['change modify open', 'match', 'done filled open', 'change modify open'])
      expect(sizes).toEqual([
        [10, 12],
        [12, 8],
      ])
      expect(engine.orders('buy')).toEqual([{ id: 1, side: 'buy', price: 103, size: 8 }])
    })

    it('tells what is left before prevention shrinks it', () => {
      const { told, engine, sizes } = changes((engine) => {
        engine.submit(limit('sell', 103, 3, { account: 7 }), 3)
        engine.amend(1, 103, 12, 4)
      })
      expect(told.slice(2)).toEqual([
        ...['change modify open', 'match', 'done filled open'],
        ...['change modify open', 'change stp open', 'done canceled open'],
      ])
      expect(sizes).toEqual([
        [10, 12],
        [12, 8],
        [8, 5],
      ])
      expect(engine.orders('buy')).toEqual([{ id: 1, side: 'buy', price: 103, size: 5 }])
    })

    it('is refused where the order is post-only', () => {
      const engine = newEngine()
      engine.submit(limit('buy', 100, 10, { terms: 'post-only' }), 1)
      engine.submit(limit('sell', 101, 10), 2)
      expect(engine.amend(1, 101, 10, 3)).toBe(false)
      expect(engine.lastNumber).toBe(4)
    })
  })
})

describe('self-trade prevention', () => {
  const meet = (
    selfTrade: SelfTradePrevention,
    resting: number,
    incoming: number,
  ): { told: string[]; sells: number[]; buys: number[] } => {
    const engine = newEngine()
    engine.submit(limit('sell', 100, resting, { account: 7 }), 1)
    const told = script(engine, () =>
      engine.submit(limit('buy', 100, incoming, { account: 7, selfTrade }), 2),
    )
    const sizes = (side: OrderSide): number[] => engine.orders(side).map(({ size }) => size)
    return { told: told.slice(1), sells: sizes('sell'), buys: sizes('buy') }
  }

  it.each([
    ['dc', 10, 4, ['change stp open', 'done canceled never open'], [6], []],
    ['dc', 4, 10, ['change stp never open', 'done canceled open', 'open'], [], [6]],
    ['dc', 5, 5, ['done canceled open', 'done canceled never open'], [], []],
    ['co', 10, 4, ['done canceled open', 'open'], [], [4]],
    ['cn', 10, 4, ['done canceled never open'], [10], []],
    ['cb', 10, 4, ['done canceled open', 'done canceled never open'], [], []],
  ] as const)('%s, resting %i, incoming %i', (selfTrade, resting, incoming, told, sells, buys) => {
    expect(meet(selfTrade, resting, incoming)).toEqual({ told, sells, buys })
  })

  it('shrinks the funds of a market order that has nothing else, the size where it has one', () => {
    for (const size of [undefined, 20]) {
      const engine = new Engine({ priceScale: 0, sizeScale: 0 })
      engine.submit(limit('sell', 100, 5, { account: 7 }), 1)
      engine.submit(limit('sell', 101, 50), 2)
      const changes: EngineEvent[] = []
      engine.subscribe((event) => event.kind === 'change' && changes.push(event))
      engine.submit({ kind: 'market', side: 'buy', account: 7, size, funds: 5000, selfTrade: 'dc' }, 3)
      const funds =
        size === undefined ? { oldFunds: 5000, newFunds: 4500 } : { oldFunds: undefined, newFunds: undefined }
      const sizes =
        size === undefined ? { oldSize: undefined, newSize: undefined } : { oldSize: 20, newSize: 15 }
      expect(changes).toMatchObject([{ ...funds, ...sizes }])
    }
  })
})
