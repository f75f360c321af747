import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decimalNumber, decimalText, MAX_SCALE, scaledText } from '../../src/market/decimal.ts'

const scale = fc.integer({ min: 0, max: MAX_SCALE })

describe('decimalNumber', () => {
  it('is the double nearest to the decimal', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), scale, (value, digits) => {
        expect(decimalNumber(value, digits)).toBe(Number(scaledText(value, digits)))
      }),
    )
  })

  it('is no number beyond the largest scale', () => {
    expect(decimalNumber(1, MAX_SCALE + 1)).toBeNaN()
  })
})

describe('decimalText', () => {
  it('spells a bigint as it spells the number', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), scale, (value, digits) => {
        expect(decimalText(BigInt(value), digits)).toBe(decimalText(value, digits))
      }),
    )
    expect(decimalText(123_456_789_012_345_678_900n, 4)).toBe('12345678901234567.89')
  })
})
