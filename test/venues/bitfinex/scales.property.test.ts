import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decimalText, scaleDecimal } from '../../../src/market/decimal.ts'
import { EventCollector } from '../../../src/market/event.ts'
import { ExactCell } from '../../../src/venues/bitfinex/exact-cell.ts'
import { type ExactNumber, NumberLiteral } from '../../../src/venues/bitfinex/literals.ts'
import { numberText, Scales, unitsOf } from '../../../src/venues/bitfinex/scales.ts'

const scale = fc.integer({ min: 0, max: 15 })
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.tuple(fc.maxSafeInteger(), scale).map(([units, places]) => Number(decimalText(units, places))),
  fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), scale).map(([units, places]) => units / 10 ** places),
)

const cellOf = (value: ExactNumber): ExactCell => {
  const cell = new ExactCell()
  cell.setParsed(value)
  return cell
}

describe('scales from data', () => {
  it('scale a number as its text would be scaled', () => {
    fc.assert(
      fc.property(anyNumber, scale, (value, places) => {
        const byText = scaleDecimal(String(value), places)
        // Minus zero has no place in an integer; both are zero.
        expect((unitsOf(cellOf(value), places) ?? Number.NaN) + 0).toBe((byText ?? Number.NaN) + 0)
        expect(unitsOf(cellOf(new NumberLiteral(String(value))), places)).toBe(byText)
      }),
      { numRuns: 2000 },
    )
  })

  it('print a scaled value as JavaScript prints the number it came from', () => {
    fc.assert(
      fc.property(anyNumber, scale, (value, places) => {
        const units = unitsOf(cellOf(value), places)
        fc.pre(units !== undefined)
        expect(numberText(units, places)).toBe(String(value))
      }),
      { numRuns: 2000 },
    )
  })

  it('grow with the first finer value and lose nothing', () => {
    const value = fc.tuple(fc.integer({ min: 1, max: 1e7 }), fc.integer({ min: 0, max: 6 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1 }), (rows) => {
        const scales = new Scales()
        const sink = new EventCollector()
        let priceScale = -1
        let sizeScale = -1
        for (const [price, size] of rows) {
          const priceValue = Number(decimalText(price[0], price[1]))
          const sizeValue = Number(decimalText(size[0], size[1]))
          expect(scales.admit(cellOf(priceValue), cellOf(sizeValue))).toBe(true)
          scales.tell(sink)
          for (const event of sink.take()) {
            expect(event.kind).toBe('instrument')
            if (event.kind !== 'instrument') continue
            expect(event.priceScale).toBeGreaterThanOrEqual(priceScale)
            expect(event.sizeScale).toBeGreaterThanOrEqual(sizeScale)
            priceScale = event.priceScale
            sizeScale = event.sizeScale
          }
          expect(decimalText(scales.price(cellOf(priceValue)), priceScale)).toBe(
            decimalText(price[0], price[1]),
          )
          expect(decimalText(scales.size(cellOf(-sizeValue)), sizeScale)).toBe(decimalText(size[0], size[1]))
        }
      }),
    )
  })

  it.each(['1e400', '12345678901234567890', '0.1234567890123456', '1e-16', '9007199254740992'])(
    'refuse %s, which no scale holds',
    (text) => {
      const scales = new Scales()
      expect(scales.admit(cellOf(new NumberLiteral(text)), cellOf(1))).toBe(false)
      expect(scales.admit(cellOf(1), cellOf(new NumberLiteral(text)))).toBe(false)
      expect(scales.admit(cellOf(Number(text)), cellOf(1))).toBe(false)
    },
  )
})
