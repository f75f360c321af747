import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isPlain, numberOfDigits, rescaled, textOfDigits } from '../../../src/venues/bitfinex/digits.ts'
import { ExactCell } from '../../../src/venues/bitfinex/exact-cell.ts'
import type { NumberLiteral } from '../../../src/venues/bitfinex/literals.ts'
import { parseExactly } from '../../../src/venues/bitfinex/literals.ts'
import { unitsOf } from '../../../src/venues/bitfinex/scales.ts'

/** Numbers of every length, those with zeros at the end and those around powers of ten more often than by chance. */
const digits = fc
  .oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: -1000, max: 1000 }),
    fc
      .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: -2, max: 2 }))
      .map(([e, more]) => 10 ** e + more),
    fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 11 })).map(([n, e]) => n * 10 ** e),
    fc.integer({ min: 0, max: 200 }).map((less) => Number.MAX_SAFE_INTEGER - less),
  )
  .filter(Number.isSafeInteger)
const scale = fc.integer({ min: 0, max: 22 })

/** The cell of a number whose text was parsed. */
const parsedCell = (text: string): ExactCell => {
  const cell = new ExactCell()
  const [value] = parseExactly(`[${text}]`, JSON.parse(`[${text}]`)) as readonly [number | NumberLiteral]
  cell.setParsed(value)
  return cell
}

const digitsCell = (value: number, places: number): ExactCell => {
  const cell = new ExactCell()
  cell.setDigits(value, places)
  return cell
}

describe('a number as digits', () => {
  it('is the number that JSON.parse makes of its text, and plain where JavaScript writes that text', () => {
    fc.assert(
      fc.property(digits, scale, (value, places) => {
        const text = textOfDigits(value, places)
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/)
        expect(numberOfDigits(value, places)).toBe(JSON.parse(text))
        expect(isPlain(value, places)).toBe(String(Number(text)) === text)
      }),
      { numRuns: 5000 },
    )
  })

  it('answers all that rows ask of a number as the parsed one does', () => {
    fc.assert(
      fc.property(digits, scale, fc.integer({ min: 0, max: 15 }), (value, places, target) => {
        const cell = digitsCell(value, places)
        const parsed = parsedCell(textOfDigits(value, places))
        for (const name of ['number', 'isPositive', 'isNegative', 'isZero', 'isPlain', 'text'] as const)
          expect(cell[name]).toBe(parsed[name])
        expect(unitsOf(cell, target)).toBe(unitsOf(parsed, target))
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    [0, 1, '0.0', false],
    [0, 0, '0', true],
    [10, 1, '1.0', false],
    [110, 2, '1.10', false],
    [-150, 2, '-1.50', false],
    [1, 6, '0.000001', true],
    [11, 7, '0.0000011', true],
    [1, 7, '0.0000001', false],
    [-12, 8, '-0.00000012', false],
    [8_999_999_999_999_999, 15, '8.999999999999999', false],
    [9_007_199_254_740_991, 0, '9007199254740991', true],
    [100, 0, '100', true],
  ])('%i with %i digits behind the point is %s; plain: %j', (value, places, text, plain) => {
    expect(textOfDigits(value, places)).toBe(text)
    expect(isPlain(value, places)).toBe(plain)
  })

  it('moves to another scale and back without loss, or not at all', () => {
    fc.assert(
      fc.property(digits, scale, fc.integer({ min: 0, max: 15 }), (value, places, target) => {
        const moved = rescaled(value, places, target)
        const exact = BigInt(value) * 10n ** BigInt(target)
        const unit = 10n ** BigInt(places)
        const isWhole = exact % unit === 0n
        const size = exact / unit
        const fits = size <= BigInt(Number.MAX_SAFE_INTEGER) && size >= -BigInt(Number.MAX_SAFE_INTEGER)
        expect(moved === undefined ? undefined : BigInt(moved)).toBe(isWhole && fits ? size : undefined)
      }),
      { numRuns: 3000 },
    )
  })
})
