import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  decimalText,
  MAX_SCALE,
  neededScale,
  rescale,
  scaleDecimal,
  shortestDecimal,
} from '../../src/market/decimal.ts'

const scale = fc.nat({ max: MAX_SCALE })

/** digits * 10^-places, written out plainly with zeros kept. */
const plain = (digits: bigint, places: number): string => {
  const sign = digits < 0n ? '-' : ''
  const padded = String(digits < 0n ? -digits : digits).padStart(places + 1, '0')
  return places === 0 ? sign + padded : `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`
}

/** What exact arithmetic says; undefined when finer than the scale or past 2^53. */
const exact = (digits: bigint, exponent: number): number | undefined => {
  const power = 10n ** BigInt(Math.abs(exponent))
  if (exponent < 0 && digits % power !== 0n) return undefined
  const value = exponent < 0 ? digits / power : digits * power
  const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER)
  return isSafe ? Number(value) : undefined
}

// Around zero, around 2^53, and anything of up to 20 digits.
const digits = fc.oneof(
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.bigInt({ min: 2n ** 53n - 20n, max: 2n ** 53n + 20n }),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  fc.maxSafeInteger().map(BigInt),
)

describe('decimals', () => {
  it('are scaled as exact arithmetic would, in plain spelling', () => {
    fc.assert(
      fc.property(digits, fc.nat({ max: 20 }), scale, (value, places, wanted) => {
        expect(scaleDecimal(plain(value, places), wanted)).toBe(exact(value, wanted - places))
      }),
      { numRuns: 2000 },
    )
  })

  it('are scaled as exact arithmetic would, with an exponent', () => {
    fc.assert(
      fc.property(
        digits,
        fc.nat({ max: 20 }),
        fc.integer({ min: -25, max: 25 }),
        fc.constantFrom('e', 'E'),
        scale,
        (value, places, exponent, letter, wanted) => {
          const text = `${plain(value, places)}${letter}${exponent >= 0 && places % 2 === 0 ? '+' : ''}${String(exponent)}`
          expect(scaleDecimal(text, wanted)).toBe(exact(value, wanted - places + exponent))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('come back from text as they went', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), scale, (units, at) => {
        const text = decimalText(units, at)
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/)
        expect(scaleDecimal(text, at)).toBe(units)
        expect(shortestDecimal(text)).toBe(text)
        expect(shortestDecimal(`${String(units)}e-${String(at)}`)).toBe(text)
      }),
    )
  })

  it('of a venue that sends JSON numbers keep every digit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), (number) => {
        const text = String(number)
        const needed = neededScale(text)
        expect(needed).toBeDefined()
        const units = scaleDecimal(text, needed ?? 0)
        if ((needed ?? 0) > MAX_SCALE || units === undefined) return
        expect(Number(decimalText(units, needed ?? 0))).toBe(number === 0 ? 0 : number)
      }),
    )
  })

  it('need exactly the scale that is said', () => {
    fc.assert(
      fc.property(fc.integer(), scale, (value, places) => {
        const needed = neededScale(plain(BigInt(value), places)) ?? -1
        expect(exact(BigInt(value), needed - places)).toBeDefined()
        if (needed > 0) expect(exact(BigInt(value), needed - 1 - places)).toBeUndefined()
      }),
    )
  })

  it('are rescaled exactly or not at all', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), scale, scale, (value, from, to) => {
        const expected = to < from ? undefined : exact(BigInt(value), to - from)
        expect(rescale(value, from, to)).toBe(expected)
      }),
    )
  })

  it('never make it throw', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.-+eE') }))
    fc.assert(
      fc.property(text, scale, (any, at) => {
        const units = scaleDecimal(any, at)
        expect(units === undefined || Number.isSafeInteger(units)).toBe(true)
        expect(units === undefined || neededScale(any) !== undefined).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
