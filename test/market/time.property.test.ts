import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { microsFromIso, microsOf, microsToIso } from '../../src/market/time.ts'

const instant = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: 1_400_000_000, max: 2_000_000_000 }).map((seconds) => seconds * 1_000_000),
  fc.integer({ min: 20_000, max: 21_000 }).map((day) => day * 86_400_000_000 - 1),
)

const pad = (value: number, width: number): string => String(value).padStart(width, '0')

describe('times', () => {
  it('come back from text as they went', () => {
    fc.assert(
      fc.property(instant, (micros) => {
        expect(microsFromIso(microsToIso(microsOf(micros)))).toBe(micros)
      }),
      { numRuns: 1000 },
    )
  })

  it('agree with the calendar at any offset and any number of digits', () => {
    const year2000 = Date.UTC(2000, 0, 1)
    fc.assert(
      fc.property(
        fc.date({
          min: new Date(year2000),
          max: new Date('2100-01-01T00:00:00Z'),
          noInvalidDate: true,
        }),
        fc.integer({ min: -23 * 60, max: 23 * 60 }),
        fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 9 }),
        fc.boolean(),
        (date, offset, fraction, hasColon) => {
          const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19)
          const distance = Math.abs(offset)
          const zone = `${pad(Math.floor(distance / 60), 2)}${hasColon ? ':' : ''}${pad(distance % 60, 2)}`
          const text = `${local}${fraction === '' ? '' : `.${fraction}`}${offset < 0 ? '-' : '+'}${zone}`
          const seconds = Math.floor(date.getTime() / 1000)
          expect(microsFromIso(text)).toBe(seconds * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0')))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('are undefined or exact for any text, and never throw', () => {
    const shaped = fc
      .tuple(instant, fc.nat({ max: 26 }), fc.string({ maxLength: 2 }))
      .map(([micros, at, other]) => {
        const text = microsToIso(microsOf(micros))
        return text.slice(0, at) + other + text.slice(at + other.length)
      })
    fc.assert(
      fc.property(fc.oneof(fc.string(), shaped), (text) => {
        const micros = microsFromIso(text)
        expect(micros === undefined || Number.isInteger(micros)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('are read the same whether the day was read before or not', () => {
    fc.assert(
      fc.property(fc.array(instant, { minLength: 2, maxLength: 4 }), (instants) => {
        const texts = instants.map((micros) => microsToIso(microsOf(micros)))
        const forwards = texts.map(microsFromIso)
        const backwards = [...texts].reverse().map(microsFromIso).reverse()
        expect(forwards).toEqual(instants)
        expect(backwards).toEqual(instants)
      }),
    )
  })
})
