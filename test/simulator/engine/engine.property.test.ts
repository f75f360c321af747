import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Engine } from '../../../simulator/engine/engine.ts'
import type { EngineEvent } from '../../../simulator/engine/engine-event.ts'
import type { OrderRequest } from '../../../simulator/engine/order-request.ts'
import { Auditor } from './auditor.ts'

type Operation =
  | { readonly kind: 'submit'; readonly request: OrderRequest }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'amend'; readonly id: number; readonly price: number; readonly size: number }

const side = fc.constantFrom('buy', 'sell')
const account = fc.integer({ min: 0, max: 3 })
const selfTrade = fc.constantFrom('dc', 'co', 'cn', 'cb')
const price = fc.integer({ min: 95, max: 105 })
const size = fc.integer({ min: 1, max: 30 })

const limit = fc.record({
  kind: fc.constant('limit' as const),
  side,
  account,
  price,
  size,
  terms: fc.constantFrom('rest', 'rest', 'rest', 'post-only', 'ioc', 'fok'),
  selfTrade,
})
const bySize = fc.record({
  kind: fc.constant('market' as const),
  side,
  account,
  size,
  funds: fc.constant(undefined),
  selfTrade,
})
const byFunds = fc.record({
  kind: fc.constant('market' as const),
  side: fc.constant('buy' as const),
  account,
  size: fc.option(size, { nil: undefined }),
  funds: fc.integer({ min: 1, max: 3000 }),
  selfTrade,
})
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('submit' as const), request: limit }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('submit' as const), request: fc.oneof(bySize, byFunds) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('cancel' as const), id: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('amend' as const),
      id: fc.integer({ min: 1, max: 60 }),
      price,
      size,
    }),
  },
)

const run = (engine: Engine, operations: readonly Operation[]): void => {
  operations.forEach((step, time) => {
    if (step.kind === 'submit') engine.submit(step.request, time)
    else if (step.kind === 'cancel') engine.cancel(step.id, time)
    else engine.amend(step.id, step.price, step.size, time)
  })
}

const operations = fc.array(operation, { minLength: 1, maxLength: 80 })
const makerDone = fc.constantFrom('at-once' as const, 'at-end' as const, 'alternate' as const)

describe('the matching engine', () => {
  it('follows price-time priority, keeps every size, is never crossed, and its events tell its book', () => {
    fc.assert(
      fc.property(operations, makerDone, (steps, when) => {
        const engine = new Engine({ priceScale: 0, sizeScale: 0, makerDone: when })
        const auditor = new Auditor(engine, true)
        run(engine, steps)
        expect(auditor.balance).toBe(auditor.restingSize)
        expect(auditor.received - auditor.done).toBe(engine.orderCount('buy') + engine.orderCount('sell'))
      }),
      { numRuns: 500 },
    )
  })

  it('leaves nothing untaken that an order could have had, and rests only what may rest', () => {
    fc.assert(
      fc.property(operations, limit, (steps, last) => {
        const engine = new Engine({ priceScale: 0, sizeScale: 0 })
        run(engine, steps)
        const events: EngineEvent[] = []
        engine.subscribe((event) => events.push(event))
        const facing = last.side === 'buy' ? 'sell' : 'buy'
        const within = (rowPrice: number): boolean =>
          last.side === 'buy' ? rowPrice <= last.price : rowPrice >= last.price
        const takeable = engine.orders(facing).filter((row) => within(row.price))
        const available = takeable.reduce((sum, row) => sum + row.size, 0)
        engine.submit({ ...last, account: 0 }, steps.length)
        const traded = events.reduce((sum, event) => sum + (event.kind === 'match' ? event.size : 0), 0)
        const isRefused =
          (last.terms === 'post-only' && available > 0) || (last.terms === 'fok' && available < last.size)
        expect(traded).toBe(isRefused ? 0 : Math.min(available, last.size))
        const rests =
          traded < last.size && !isRefused && (last.terms === 'rest' || last.terms === 'post-only')
        expect(events.some(({ kind }) => kind === 'open')).toBe(rests)
      }),
      { numRuns: 500 },
    )
  })

  it('tells the same events for the same requests', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const transcript = (): string => {
          const engine = new Engine({ priceScale: 0, sizeScale: 0 })
          const events: EngineEvent[] = []
          engine.subscribe((event) => events.push(event))
          run(engine, steps)
          return JSON.stringify(events)
        }
        expect(transcript()).toBe(transcript())
      }),
      { numRuns: 50 },
    )
  })
})
