import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NO_ORDER, OrderIds } from '../../src/market/order-ids.ts'
import { StateReader, StateWriter } from '../../src/market/state-bytes.ts'

const saved = (ids: OrderIds): Uint8Array => {
  const writer = new StateWriter()
  ids.save(writer)
  return writer.finish()
}

const reloaded = (ids: OrderIds): OrderIds => {
  const copy = new OrderIds()
  copy.restore(new StateReader(saved(ids)))
  return copy
}

type Operation = { kind: 'add' | 'release'; id: string } | { kind: 'clear' | 'reload' }

// Few ids, so that they come again; odd ones among them.
const id = fc.oneof(
  fc.constantFrom('', '0', '__proto__', '\u{feff}a', '\ud800', 'é', 'a b'),
  fc.uuid(),
  fc.nat(9).map(String),
)

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constantFrom('add' as const, 'release' as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('clear' as const, 'reload' as const) }) },
)

const apply = (ids: OrderIds, each: Operation): OrderIds => {
  if (each.kind === 'add') ids.add(each.id)
  else if (each.kind === 'release') ids.release(ids.find(each.id))
  else if (each.kind === 'clear') ids.clear()
  else return reloaded(ids)
  return ids
}

describe('OrderIds', () => {
  it('gives each held id its own handle and its text back, restores in between', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 60, size: 'max' }), (operations) => {
        let ids = new OrderIds()
        let model = new Map<string, number>()
        let most = 0
        for (const each of operations) {
          ids = apply(ids, each)
          if (each.kind === 'clear') model = new Map()
          if (each.kind === 'release') model.delete(each.id)
          if (each.kind === 'add') {
            const handle = ids.find(each.id)
            expect(model.get(each.id) ?? handle).toBe(handle)
            model.set(each.id, handle)
          }
          most = Math.max(most, model.size)
          expect(ids.size).toBe(model.size)
          expect(new Set(model.values()).size).toBe(model.size)
          for (const [text, handle] of model) {
            expect(ids.find(text)).toBe(handle)
            expect(ids.text(handle)).toBe(text)
            expect(handle).toBeLessThan(most)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('gives the same handles after a restore as without one', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.nat(),
        (operations, where) => {
          let whole = new OrderIds()
          let halved = new OrderIds()
          for (const [index, each] of operations.entries()) {
            whole = apply(whole, each)
            if (index === where % operations.length) halved = reloaded(halved)
            halved = apply(halved, each)
          }
          expect(saved(halved)).toEqual(saved(whole))
          expect(halved.add('a new one')).toBe(whole.add('a new one'))
        },
      ),
    )
  })
})

describe('an order id', () => {
  it('that is not held has no handle', () => {
    const ids = new OrderIds()
    expect(ids.find('a')).toBe(NO_ORDER)
    const handle = ids.add('a')
    ids.release(handle)
    ids.release(handle)
    ids.release(NO_ORDER)
    expect(ids.find('a')).toBe(NO_ORDER)
    expect(() => ids.text(handle)).toThrow('not held')
    expect(ids.add('b')).toBe(handle)
    expect(ids.add('c')).not.toBe(handle)
  })

  it('table refuses bytes that are none', () => {
    const writer = new StateWriter()
    writer.uint(1)
    writer.text('a')
    writer.uint(1)
    writer.uint(5)
    expect(() => {
      new OrderIds().restore(new StateReader(writer.finish()))
    }).toThrow(RangeError)
  })
})
