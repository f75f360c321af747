import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { FrameScope } from '../../../src/log/frame-row.ts'
import { NO_ORDER, OrderIds } from '../../../src/market/order-ids.ts'
import { StateReader, StateWriter } from '../../../src/market/state-bytes.ts'
import { OrderTable } from '../../../src/venues/coinbase/order-table.ts'

/** References of UUIDs as a scanner gives them: in the order they are first seen, `idBytes` another array each time. */
class SeenIds {
  readonly scope: FrameScope
  private readonly references = new Map<string, number>()

  constructor() {
    const { references } = this
    this.scope = {
      templates: [],
      get idCount() {
        return references.size
      },
      // With room behind, in which anything may stand.
      get idBytes() {
        return Buffer.from(`${[...references.keys()].join('').replaceAll('-', '')}${'00'.repeat(64)}`, 'hex')
      },
      idText: (reference) => [...references.keys()][reference] ?? '',
      text: () => '',
    }
  }

  of(uuid: string): number {
    const known = this.references.get(uuid)
    if (known !== undefined) return known
    this.references.set(uuid, this.references.size)
    return this.references.size - 1
  }
}

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
  kind: fc.constantFrom('add', 'addAt', 'addAt', 'addAt', 'release', 'releaseAt', 'reload', 'turn', 'clear'),
  id,
  /** Whether every id is looked up afterwards, by text too: what is pending is entered then. */
  isChecked: fc.boolean(),
})
const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

describe('OrderTable', () => {
  it('gives the handles that OrderIds gives, by text and by reference, restored and with other scopes in between', () => {
    fc.assert(
      fc.property(fc.array(deed, { minLength: 1, maxLength: 100, size: 'max' }), (deeds) => {
        let table = new OrderTable()
        let seen = new SeenIds()
        const model = new OrderIds()
        const known = new Set<string>()
        const findAt = (uuid: string): number => table.findAt(seen.scope, seen.of(uuid))
        for (const { kind, id: one, isChecked } of deeds) {
          known.add(one)
          if (kind === 'reload') table = reloaded(table)
          else if (kind === 'turn') seen = new SeenIds()
          else if (kind === 'clear' && known.size % 4 === 0) {
            table.clear()
            model.clear()
          } else if (kind === 'release' || kind === 'releaseAt') {
            table.release(kind === 'releaseAt' && isUuid(one) ? findAt(one) : table.find(one))
            model.release(model.find(one))
          } else if (kind === 'addAt' && isUuid(one)) {
            expect(table.addAt(seen.scope, seen.of(one))).toBe(model.add(one))
          } else {
            expect(table.add(one)).toBe(model.add(one))
          }
          const wrong = [...known].filter((text) => {
            const handle = model.find(text)
            const byReference = isUuid(text) ? findAt(text) : handle
            const named = handle === NO_ORDER ? text : table.text(handle)
            return byReference !== handle || named !== text || (isChecked && table.find(text) !== handle)
          })
          expect(wrong).toEqual([])
        }
        const saved = reloaded(table)
        for (const text of known) expect(saved.find(text)).toBe(model.find(text))
      }),
    )
  })

  it('forgets what rested within one scope, however many', () => {
    const table = new OrderTable()
    const seen = new SeenIds()
    const ids = fc.sample(fc.uuid(), { numRuns: 700, seed: 3 })
    for (const one of ids) {
      const handle = table.addAt(seen.scope, seen.of(one))
      expect(handle).toBe(0)
      table.release(handle)
      expect(table.findAt(seen.scope, seen.of(one))).toBe(NO_ORDER)
    }
    expect(ids.some((one) => table.find(one) !== NO_ORDER)).toBe(false)
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
