import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NO_ORDER, OrderIds } from '../../../src/market/order-ids.ts'
import { StateReader, StateWriter } from '../../../src/market/state-bytes.ts'
import { OrderNumbers } from '../../../src/venues/bitfinex/order-numbers.ts'

const bytesOf = (table: OrderNumbers | OrderIds): Uint8Array => {
  const writer = new StateWriter()
  table.save(writer)
  return writer.finish()
}

const restored = (state: Uint8Array): OrderNumbers => {
  const table = new OrderNumbers()
  table.restore(new StateReader(state))
  return table
}

/** Few enough that steps meet, and some that share slots. */
const id = fc.oneof(
  fc.nat(30),
  fc.nat(3000),
  fc.nat(40).map((number) => 243_312_307_120 + number * 1024),
  fc.constantFrom(0, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
)
const step = fc.record({ kind: fc.constantFrom('add', 'add', 'release', 'restore'), id })

describe('the table of numbered orders', () => {
  it('does and saves what the table of ids by text does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        let table = new OrderNumbers()
        const model = new OrderIds()
        for (const { kind, id: number } of steps) {
          const text = String(number)
          if (kind === 'add') expect(table.add(number)).toBe(model.add(text))
          else if (kind === 'release') {
            table.release(table.find(number))
            model.release(model.find(text))
          } else table = restored(bytesOf(table))
          const handle = model.find(text)
          expect(table.find(number)).toBe(handle)
          expect(table.size).toBe(model.size)
          if (handle === NO_ORDER) expect(() => table.id(handle)).toThrow('is not held')
          else expect(table.id(handle)).toBe(number)
        }
        expect(bytesOf(table)).toEqual(bytesOf(model))
      }),
    )
  })

  it('holds many ids, and finds each as long as it is held', () => {
    const table = new OrderNumbers()
    const ids = Array.from({ length: 10_000 }, (_, index) => 243_000_000_000 + index * 37)
    for (const number of ids) table.add(number)
    for (const [index, number] of ids.entries()) if (index % 3 !== 0) table.release(table.find(number))
    for (const [index, number] of ids.entries()) expect(table.find(number) !== NO_ORDER).toBe(index % 3 === 0)
  })

  it.each(['x', '1.5', '-1', '01', '9007199254740992', ''])(
    'refuses a saved table with the id %j',
    (text) => {
      const model = new OrderIds()
      model.add(text)
      expect(() => restored(bytesOf(model))).toThrow(RangeError)
    },
  )
})
