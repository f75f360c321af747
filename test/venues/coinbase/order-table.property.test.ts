import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NO_ORDER, OrderIds } from '../../../src/market/order-ids.ts'
import { StateReader, StateWriter } from '../../../src/market/state-bytes.ts'
import { OrderTable } from '../../../src/venues/coinbase/order-table.ts'

const bytesOf = (uuid: string): Uint8Array => Buffer.from(uuid.replaceAll('-', ''), 'hex')

const reloaded = (table: OrderTable): OrderTable => {
  const writer = new StateWriter()
  table.save(writer)
  const copy = new OrderTable()
  copy.restore(new StateReader(writer.finish()))
  return copy
}

// Few ids, so that they come again; odd ones and nearly UUIDs among them.
const near = '00000000-0000-4000-8000-0000000000'
const id = fc.oneof(
  { weight: 4, arbitrary: fc.nat(40).map((last) => near + String(last).padStart(2, '0')) },
  { weight: 2, arbitrary: fc.uuid() },
  fc.constantFrom(
    'a',
    '0',
    '__proto__',
    '\ud800',
    `${near}0A`,
    `${near}0g`,
    `${near}_0`,
    near.replaceAll('-', '_'),
  ),
)
const deed = fc.record({
  kind: fc.constantFrom('add', 'add', 'addBytes', 'release', 'find', 'reload'),
  id,
})
const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

describe('OrderTable', () => {
  it('gives the handles that OrderIds gives, by text and by bytes, restored in between', () => {
    fc.assert(
      fc.property(fc.array(deed, { minLength: 1, maxLength: 100, size: 'max' }), (deeds) => {
        let table = new OrderTable()
        const model = new OrderIds()
        const known = new Set<string>()
        for (const each of deeds) {
          known.add(each.id)
          if (each.kind === 'reload') table = reloaded(table)
          else if (each.kind === 'release') {
            table.release(table.find(each.id))
            model.release(model.find(each.id))
          } else if (each.kind === 'addBytes' && isUuid(each.id)) {
            expect(table.addBytes(bytesOf(each.id), 0)).toBe(model.add(each.id))
          } else if (each.kind !== 'find') {
            expect(table.add(each.id)).toBe(model.add(each.id))
          }
          const wrong = [...known].filter((text) => {
            const handle = model.find(text)
            const byBytes = isUuid(text) ? table.findBytes(bytesOf(`ff${text}`), 1) : handle
            const named = handle === NO_ORDER ? text : table.text(handle)
            return table.find(text) !== handle || byBytes !== handle || named !== text
          })
          expect(wrong).toEqual([])
        }
      }),
    )
  })

  it('holds many, and forgets them all', () => {
    const table = new OrderTable()
    const model = new OrderIds()
    const ids = fc.sample(fc.uuid(), { numRuns: 5_000, seed: 7 })
    for (const one of ids) expect(table.add(one)).toBe(model.add(one))
    for (const [index, one] of ids.entries())
      if (index % 3 === 0) {
        table.release(table.find(one))
        model.release(model.find(one))
      }
    expect(ids.map((one) => table.find(one))).toEqual(ids.map((one) => model.find(one)))
    table.clear()
    expect(ids.some((one) => table.find(one) !== NO_ORDER)).toBe(false)
    expect(() => table.text(0)).toThrow('not held')
  })
})
