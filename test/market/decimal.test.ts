import { describe, expect, it } from 'vitest'

import {
  decimalText,
  MAX_SCALE,
  neededScale,
  rescale,
  scaleDecimal,
  shortestDecimal,
} from '../../src/market/decimal.ts'

describe('scaleDecimal', () => {
  it.each([
    ['0', 2, 0],
    ['1', 0, 1],
    ['1.5', 2, 150],
    ['1.50', 1, 15],
    ['1.500000000000000000000000', 1, 15],
    ['-0.05', 2, -5],
    ['007', 0, 7],
    ['7e-7', 7, 7],
    ['6.6E-7', 8, 66],
    ['1e3', 2, 100_000],
    ['1.25e+1', 1, 125],
    ['1200e-2', 0, 12],
    ['0e999', 0, 0],
    ['0.000000000000001', MAX_SCALE, 1],
    ['9007199254740991', 0, Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', 0, -Number.MAX_SAFE_INTEGER],
    ['90071992547409.91', 2, Number.MAX_SAFE_INTEGER],
    ['9007199254740991e-8', 8, Number.MAX_SAFE_INTEGER],
  ])('scales %s at %i to %i', (text, scale, expected) => {
    expect(scaleDecimal(text, scale)).toBe(expected)
  })

  it.each(['-0', '-0.00', '-0e5', '0'])('takes %s for a zero without a sign', (text) => {
    expect(Object.is(scaleDecimal(text, 3), 0)).toBe(true)
  })

  it.each([
    '',
    '-',
    '+1',
    '.5',
    '5.',
    '-.5',
    '1..2',
    '1.2.3',
    '1e',
    'e5',
    '1e5.5',
    ' 1',
    '1 ',
    '1\n',
    '0x10',
  ])('refuses %j', (text) => {
    expect(scaleDecimal(text, 8)).toBeUndefined()
    expect(neededScale(text)).toBeUndefined()
    expect(shortestDecimal(text)).toBeUndefined()
  })

  it.each(['1,5', 'NaN', 'Infinity', 'null', '--1', '1-', '١'])('refuses %j', (text) => {
    expect(scaleDecimal(text, 8)).toBeUndefined()
  })

  it.each([
    ['1.05', 1],
    ['1e-1', 0],
    ['9007199254740992', 0],
    ['9007199254740993', 0],
    ['-9007199254740992', 0],
    ['90071992547409.92', 2],
    ['90071992547409.92', 3],
    ['1', 16],
    ['1e16', 0],
    ['1e99999999999999999999', 0],
    ['1e-99999999999999999999', 15],
    ['9'.repeat(400), 0],
  ])('refuses %s at %i: finer than the scale, or past 2^53', (text, scale) => {
    expect(scaleDecimal(text, scale)).toBeUndefined()
  })

  it('reads long hostile text in linear time', () => {
    const zeros = '0'.repeat(400_000)
    expect(scaleDecimal(`1${zeros}1e0`, 0)).toBeUndefined()
    expect(neededScale(`1.${zeros}1`)).toBe(400_001)
  })
})

describe('neededScale', () => {
  it.each([
    ['100', 0],
    ['1e5', 0],
    ['1.50', 1],
    ['0.000', 0],
    ['7e-7', 7],
    ['0.00111e-1', 6],
    ['-12.5e1', 0],
  ])('of %s is %i', (text, expected) => {
    expect(neededScale(text)).toBe(expected)
  })
})

describe('decimalText', () => {
  it.each([
    [0, 0, '0'],
    [0, 8, '0'],
    [-0, 8, '0'],
    [150, 2, '1.5'],
    [-5, 2, '-0.05'],
    [100, 2, '1'],
    [100, 0, '100'],
    [Number.MAX_SAFE_INTEGER, 15, '9.007199254740991'],
  ])('of %i at %i is %s', (value, scale, expected) => {
    expect(decimalText(value, scale)).toBe(expected)
  })
})

describe('shortestDecimal', () => {
  it.each([
    ['-0.00', '0'],
    ['007.10', '7.1'],
    ['-12e-1', '-1.2'],
    ['1e-3', '0.001'],
    ['12e2', '1200'],
    ['123456789012345678901234567890.10', '123456789012345678901234567890.1'],
  ])('of %s is %s', (text, expected) => {
    expect(shortestDecimal(text)).toBe(expected)
  })

  it('does not write out what an exponent only names', () => {
    expect(shortestDecimal('1e400')).toHaveLength(401)
    expect(shortestDecimal('1e401')).toBeUndefined()
    expect(shortestDecimal('1e-402')).toBeUndefined()
    expect(shortestDecimal('1e999999999999')).toBeUndefined()
  })
})

describe('rescale', () => {
  it('refuses what passes 2^53, and coarser scales', () => {
    expect(rescale(900_719_925_474_099, 0, 1)).toBe(9_007_199_254_740_990)
    expect(rescale(900_719_925_474_100, 0, 1)).toBeUndefined()
    expect(rescale(-900_719_925_474_100, 0, 1)).toBeUndefined()
    expect(rescale(5, 3, 2)).toBeUndefined()
    expect(rescale(5, 0, 16)).toBeUndefined()
    expect(rescale(5, 2, 2)).toBe(5)
  })
})
