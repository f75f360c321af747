import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NumberLiteral, parseExactly } from '../../../src/venues/bitfinex/literals.ts'

const literal = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/)
const space = fc.constantFrom('', ' ', '\n\t')

/** A JSON text and the number literals in it. */
interface Sample {
  readonly text: string
  readonly literals: readonly string[]
}

const number = literal.map((text): Sample => ({ text, literals: [text] }))
const other = fc
  .oneof(fc.string(), fc.boolean(), fc.constant(null))
  .map((value): Sample => ({ text: JSON.stringify(value), literals: [] }))

const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    number,
    other,
    fc.tuple(fc.array(tie('sample'), { maxLength: 4 }), space).map(([items, gap]) => ({
      text: `[${gap}${items.map((item) => item.text).join(`${gap},${gap}`)}${gap}]`,
      literals: items.flatMap((item) => item.literals),
    })),
    fc.tuple(fc.array(tie('sample'), { maxLength: 3 }), space).map(([items, gap]) => ({
      text: `{${gap}${items.map((item, index) => `"k\\"${String(index)}"${gap}:${gap}${item.text}`).join(',')}${gap}}`,
      literals: items.flatMap((item) => item.literals),
    })),
  ),
}))

const literalsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'number' || value instanceof NumberLiteral) return [String(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value as Record<string, unknown>).flatMap(literalsIn)
}

const withPlainNumbers = (value: unknown): unknown => {
  if (value instanceof NumberLiteral) return Number(value.text)
  if (Array.isArray(value)) return value.map(withPlainNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPlainNumbers(item)]))
}

describe('exact numbers of a frame', () => {
  it('keep the text of every number, wherever it stands', () => {
    fc.assert(
      fc.property(sample, ({ text, literals }) => {
        const parsed: unknown = JSON.parse(text)
        const exact = parseExactly(text, parsed)
        expect(literalsIn(exact)).toEqual(literals)
        expect(withPlainNumbers(exact)).toEqual(parsed)
      }),
      { numRuns: 500 },
    )
  })

  it.each(['-0', '1.10', '1E-7', '0.0000007', '12345678901234567890', '1e400', '0.30000000000000004441'])(
    'keep %s, which JavaScript would write otherwise',
    (text) => {
      const frame = `[17,[${text},1]]`
      expect(literalsIn(parseExactly(frame, JSON.parse(frame)))).toEqual(['17', text, '1'])
    },
  )

  it('costs no second parse where every number is in JavaScript form', () => {
    const frame = '[17,[7e-7,10000,-4847.13],3]'
    const parsed: unknown = JSON.parse(frame)
    expect(parseExactly(frame, parsed)).toBe(parsed)
  })

  it('gives up on a frame that is nested too deeply', () => {
    const deep = `${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`
    expect(parseExactly(deep, JSON.parse(deep))).toBeUndefined()
    const less = `${'['.repeat(200)}1.0${']'.repeat(200)}`
    expect(parseExactly(less, JSON.parse(less))).toBeUndefined()
  })

  it('keeps a __proto__ key a key', () => {
    const frame = '[{"__proto__":{"a":1.0}}]'
    const exact = parseExactly(frame, JSON.parse(frame)) as readonly object[]
    expect(Object.keys(exact[0] ?? {})).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(exact[0])).toBe(Object.prototype)
  })
})
