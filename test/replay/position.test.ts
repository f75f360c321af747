import { describe, expect, it } from 'vitest'

import { parsePosition } from '../../src/replay/position.ts'

describe('parsePosition', () => {
  it.each([
    ['seq:12', { kind: 'seq', seq: 12 }],
    ['1700000000000001', { kind: 'time', time: 1_700_000_000_000_001 }],
    ['2023-11-14T22:13:20Z', { kind: 'time', time: 1_700_000_000_000_000 }],
    ['2023-11-14T22:13:20.000001Z', { kind: 'time', time: 1_700_000_000_000_001 }],
    ['2023-11-14T23:13+01:00', { kind: 'time', time: 1_699_999_980_000_000 }],
    ['2023-11-14', { kind: 'time', time: 1_699_920_000_000_000 }],
  ])('reads %s', (text, position) => {
    expect(parsePosition(text)).toEqual(position)
  })

  it.each([
    '',
    'seq:',
    'seq:-1',
    'seq:1.5',
    'yesterday',
    '2023-02-30',
    '2023-11-14T25:00:00Z',
    '99999999999999999',
  ])('refuses "%s"', (text) => {
    expect(parsePosition(text)).toBeUndefined()
  })
})
