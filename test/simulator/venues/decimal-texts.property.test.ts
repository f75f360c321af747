import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { DecimalTexts } from '../../../simulator/venues/decimal-texts.ts'
import { decimalText, scaleDecimal } from '../../../src/index.ts'

describe('decimals from tables', () => {
  it('are those of the plain way, for every scale', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 2 ** 50 }),
        fc.integer({ min: 0, max: 8 }),
        (scale, value, zeros) => {
          const rounded = Math.floor(value / 10 ** zeros) * 10 ** zeros
          const plain = decimalText(rounded, scale)
          expect(new DecimalTexts(scale).of(rounded)).toBe(plain)
          const padded = new DecimalTexts(scale, true).of(rounded)
          expect(scaleDecimal(padded, scale)).toBe(rounded)
          expect(padded.length - `${padded}.`.indexOf('.')).toBe(scale === 0 ? 0 : scale + 1)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
