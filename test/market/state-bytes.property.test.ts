import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { StateReader, StateWriter } from '../../src/market/state-bytes.ts'

type Value =
  | { kind: 'uint' | 'int' | 'double'; value: number }
  | { kind: 'bool'; value: boolean }
  | { kind: 'text'; value: string }
  | { kind: 'optionalText'; value: string | undefined }
  | { kind: 'optionalNumber'; value: number | undefined }
  | { kind: 'block'; value: Uint8Array }

// Any UTF-16 units: half surrogate pairs and byte-order marks too.
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('\ufeffmark', '\ud800', 'a\udc00b', '\u0000'),
)
const edge = fc.constantFrom(0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 53 - 1)

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ kind: fc.constant('uint'), value: fc.oneof(edge, fc.maxSafeNat()) }),
  fc.record({
    kind: fc.constant('int'),
    value: fc.oneof(
      edge,
      edge.map((n) => 0 - n),
      fc.maxSafeInteger(),
    ),
  }),
  fc.record({ kind: fc.constant('double'), value: fc.double() }),
  fc.record({ kind: fc.constant('bool'), value: fc.boolean() }),
  fc.record({ kind: fc.constant('text'), value: text }),
  fc.record({ kind: fc.constant('optionalText'), value: fc.option(text, { nil: undefined }) }),
  fc.record({ kind: fc.constant('optionalNumber'), value: fc.option(fc.double(), { nil: undefined }) }),
  fc.record({ kind: fc.constant('block'), value: fc.uint8Array({ maxLength: 3000 }) }),
)

const write = (writer: StateWriter, each: Value): void => {
  switch (each.kind) {
    case 'uint':
    case 'int':
    case 'double':
      writer[each.kind](each.value)
      return
    case 'bool':
      writer.bool(each.value)
      return
    case 'text':
      writer.text(each.value)
      return
    case 'optionalText':
      writer.optionalText(each.value)
      return
    case 'optionalNumber':
      writer.optionalNumber(each.value)
      return
    case 'block':
      writer.block(each.value)
      return
  }
}

const written = (values: readonly Value[]): Uint8Array => {
  const writer = new StateWriter()
  for (const each of values) write(writer, each)
  return writer.finish()
}

describe('saved state', () => {
  it('comes back as it was written, whole numbers without a signed zero', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), fc.nat({ max: 5 }), (values, offset) => {
        const bytes = written(values)
        const shifted = new Uint8Array(offset + bytes.length)
        shifted.set(bytes, offset)
        const reader = new StateReader(shifted.subarray(offset))
        for (const each of values) {
          const expected = each.kind === 'int' && each.value === 0 ? 0 : each.value
          expect(Object.is(reader[each.kind](), expected) || each.kind === 'block').toBe(true)
        }
        const again = new StateReader(bytes)
        for (const each of values) {
          const read = again[each.kind]()
          if (each.kind === 'block') expect(read).toEqual(each.value)
        }
        expect(() => reader.bool()).toThrow(RangeError)
      }),
      { numRuns: 300 },
    )
  })

  it('cut anywhere throws RangeError', () => {
    fc.assert(
      fc.property(value, fc.nat(), (each, where) => {
        const bytes = written([each])
        const reader = new StateReader(bytes.subarray(0, where % bytes.length))
        expect(() => reader[each.kind]()).toThrow(RangeError)
      }),
      { numRuns: 300 },
    )
  })

  it('of any other bytes is a value or a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), value, (bytes, { kind }) => {
        const reader = new StateReader(bytes)
        try {
          const read = reader[kind]()
          if (kind === 'uint' || kind === 'int') expect(Number.isSafeInteger(read)).toBe(true)
          else expect(kind.startsWith('optional') || read !== undefined).toBe(true)
        } catch (problem) {
          expect(problem).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('StateWriter', () => {
  it.each([-1, 0.5, 2 ** 53, Number.NaN, Infinity])('refuses %d as a whole number', (bad) => {
    expect(() => {
      new StateWriter().uint(bad)
    }).toThrow('not an unsigned integer')
    if (bad !== -1)
      expect(() => {
        new StateWriter().int(bad)
      }).toThrow('not an unsigned integer')
  })

  it('gives bytes that later writing does not change', () => {
    const writer = new StateWriter()
    writer.text('a')
    const first = writer.finish()
    const copy = first.slice()
    writer.text('b'.repeat(5000))
    expect(first).toEqual(copy)
    expect(writer.finish().subarray(0, copy.length)).toEqual(copy)
  })
})

describe('a column of numbers', () => {
  const whole = fc.oneof(
    edge,
    edge.map((number) => 0 - number),
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 300 }),
  )
  const column = fc.oneof(
    fc.array(whole, { maxLength: 60 }),
    fc.array(fc.nat(1000), { maxLength: 60 }),
    fc
      .tuple(fc.maxSafeNat(), fc.nat(60))
      .map(([last, count]) => Array.from({ length: count }, (_, at) => last - at)),
  )
  const written = (values: readonly number[]): Uint8Array => {
    const writer = new StateWriter()
    writer.numbers(values)
    return writer.finish()
  }

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(column, (values) => {
        const read = new StateReader(written(values)).numbers()
        expect([...read]).toEqual(values.map((number) => number + 0))
      }),
      { numRuns: 300 },
    )
  })

  it('takes a byte for each small step', () => {
    const prices = Array.from({ length: 1000 }, (_, index) => 6_500_000_000 + index * 7)
    expect(written(prices).length).toBeLessThan(1020)
  })

  it('is refused when it is cut, or claims more than there is', () => {
    fc.assert(
      fc.property(column, fc.nat(), (values, cut) => {
        const bytes = written(values)
        const reader = new StateReader(bytes.subarray(0, cut % bytes.length))
        expect(() => reader.numbers()).toThrow(RangeError)
      }),
    )
    const writer = new StateWriter()
    writer.uint(2 ** 50)
    writer.uint(0)
    expect(() => new StateReader(writer.finish()).numbers()).toThrow('too early')
  })
})
