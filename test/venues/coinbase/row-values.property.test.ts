/** What rows give as numbers must be read as their texts would be. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { scaledText } from '../../../src/market/decimal.ts'
import { StateReader, StateWriter } from '../../../src/market/state-bytes.ts'
import { Scales } from '../../../src/venues/coinbase/instruments.ts'
import { TransactionClock } from '../../../src/venues/coinbase/transactions.ts'
import { exchangeTimeAt, exchangeTimeOf, timeText } from '../../../src/venues/coinbase/venue-time.ts'
import { CallLog } from '../../support/call-log.ts'

const saved = (part: { readonly save: (writer: StateWriter) => void }): Uint8Array => {
  const writer = new StateWriter()
  part.save(writer)
  return writer.finish()
}

const decimal = fc.record({
  value: fc.oneof(
    fc.nat(2_000),
    fc.nat(99).map((units) => units * 10_000),
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  ),
  digits: fc.nat(15),
})

describe('decimals', () => {
  it('are read, and make scales grow or fail, as their texts do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(decimal, decimal), { minLength: 1, maxLength: 12 }), (pairs) => {
        const [byText, byValue] = [new Scales(), new Scales()]
        for (const [price, size] of pairs) {
          const [textLog, valueLog] = [new CallLog(), new CallLog()]
          const wanted = byText.read(
            scaledText(price.value, price.digits),
            scaledText(size.value, size.digits),
            textLog,
          )
          expect(byValue.readScaled(price.value, price.digits, size.value, size.digits, valueLog)).toEqual(
            wanted,
          )
          expect(valueLog.take()).toEqual(textLog.take())
          expect([byValue.lastPrice, byValue.lastSize]).toEqual([byText.lastPrice, byText.lastSize])
          expect(saved(byValue)).toEqual(saved(byText))
        }
      }),
      { numRuns: 500 },
    )
  })
})

const instant = fc.record({
  micros: fc.oneof(
    fc.constantFrom(-62_135_596_800_000_000, 0, 1_600_000_000_000_000, 9_007_199_254_740_991),
    fc.integer({ min: 1_700_000_000_000_000, max: 1_700_000_002_000_000 }),
  ),
  digits: fc.nat(6),
})
/** Cut to what so many digits can tell. */
const exact = instant.map(({ micros, digits }) => {
  const unit = 10 ** (6 - digits)
  return { micros: Math.floor(micros / unit) * unit, digits }
})

describe('times', () => {
  it('mean what their texts mean', () => {
    fc.assert(
      fc.property(exact, ({ micros, digits }) => {
        const text = timeText(micros, digits)
        expect(text.length).toBe(digits === 0 ? 20 : 21 + digits)
        expect(exchangeTimeAt(micros)).toBe(exchangeTimeOf(text))
      }),
    )
  })
})

describe('transactions', () => {
  const uuids = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b']
  const scopeOf = (order: readonly string[]) => ({
    templates: [],
    idText: (reference: number): string => order[reference] ?? '',
    idCount: 0,
    idBytes: new Uint8Array(),
    text: () => '',
  })
  const scopes = [scopeOf(uuids), scopeOf([...uuids].reverse())] as const

  it('begin and end the same, whichever way each message came', () => {
    const step = fc.record({
      kind: fc.constantFrom('enter', 'entered', 'left', 'abandon', 'restore'),
      time: fc.oneof(exact, fc.constant({ micros: 1_600_000_000_000_000, digits: 6 })),
      order: fc.nat(1),
      scope: fc.nat(1),
      asText: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const texts = new TransactionClock()
        let mixed = new TransactionClock()
        for (const { kind, time, order, scope, asText } of steps) {
          const [textLog, log] = [new CallLog(), new CallLog()]
          const at = timeText(time.micros, time.digits)
          const id = uuids[order] ?? ''
          const table = scopes[scope] ?? scopes[0]
          const reference = scope === 0 ? order : 1 - order
          if (kind === 'enter') {
            texts.enter(at, textLog)
            if (asText) mixed.enter(at, log)
            else mixed.enterAt(time.micros, time.digits, log)
          } else if (kind === 'entered') {
            texts.takerEntered(id)
            if (asText) mixed.takerEntered(id)
            else mixed.takerEnteredAt(table, reference)
          } else if (kind === 'left') {
            texts.takerLeft(id)
            if (asText) mixed.takerLeft(id)
            else mixed.takerLeftAt(table, reference)
          } else if (kind === 'abandon') {
            texts.abandon()
            mixed.abandon()
          } else {
            const copy = new TransactionClock()
            copy.restore(new StateReader(saved(mixed)))
            mixed = copy
          }
          expect(log.take()).toEqual(textLog.take())
          expect(mixed.isOpen).toBe(texts.isOpen)
          expect(saved(mixed)).toEqual(saved(texts))
        }
      }),
      { numRuns: 500 },
    )
  })
})
