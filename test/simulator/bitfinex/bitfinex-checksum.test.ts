import { describe, expect, it } from 'vitest'

import { bitfinexChecksum, numberText } from '../../../simulator/venues/bitfinex-checksum.ts'

const rows = (text: string): { key: string; amount: string }[] =>
  text === ''
    ? []
    : text.split(' ').map((row) => ({ key: row.split(':')[0] ?? '', amount: row.split(':')[1] ?? '' }))

describe('bitfinexChecksum', () => {
  it.each([
    ['6000:1 5900:2', '6100:-3 6200:-4', 1_756_193_398],
    ['6000:1 5900:2', '6100:-3', 1_463_064_604],
    ['7e-7:10000 1e-8:640000', '0.00000111:-4847.13', -1_263_071_238],
  ])('of %s and %s', (bids, asks, expected) => {
    expect(bitfinexChecksum(rows(bids), rows(asks))).toBe(expected)
  })
})

describe('numberText', () => {
  it('writes numbers as JavaScript does', () => {
    expect([
      numberText(7, 7),
      numberText(11, 7),
      numberText(1, 8),
      numberText(484_713, 2),
      numberText(79_419_00, 2),
    ]).toEqual(['7e-7', '0.0000011', '1e-8', '4847.13', '79419'])
  })
})
