import { describe, expect, it } from 'vitest'

import { MinuteLimit, TokenBuckets } from '../../../simulator/venues/rate-limits.ts'

const granted = (limit: TokenBuckets | MinuteLimit, address: string, times: readonly number[]): number =>
  times.filter((time) => limit.take(address, time)).length

describe('a token bucket', () => {
  it('grants its burst at once, then its rate, to each address for itself', () => {
    const limit = new TokenBuckets(8, 20)
    expect(granted(limit, 'a', Array<number>(50).fill(0))).toBe(20)
    expect(granted(limit, 'b', Array<number>(50).fill(0))).toBe(20)
    const second = Array.from({ length: 120 }, (_, index) => 10 + index * 10)
    expect(granted(limit, 'a', second)).toBe(9)
    expect(granted(limit, 'a', Array<number>(50).fill(100_000))).toBe(20)
  })

  it('remembers a bounded number of addresses', () => {
    const limit = new TokenBuckets(1, 1)
    expect(limit.take('first', 0)).toBe(true)
    expect(limit.take('first', 0)).toBe(false)
    for (let address = 0; address < 10_000; address++) limit.take(String(address), 0)
    expect(limit.take('first', 0)).toBe(true)
  })
})

describe('a limit by the minute', () => {
  it('grants so many in any minute, then blocks for a minute', () => {
    const limit = new MinuteLimit(20)
    expect(granted(limit, 'a', Array<number>(20).fill(0))).toBe(20)
    expect(limit.take('a', 59_000)).toBe(false)
    expect(limit.take('a', 118_999)).toBe(false)
    expect(limit.take('b', 118_999)).toBe(true)
    expect(limit.take('a', 119_000)).toBe(true)
  })

  it('never blocks who stays within it', () => {
    const limit = new MinuteLimit(20)
    const times = Array.from({ length: 200 }, (_, index) => index * 3001)
    expect(granted(limit, 'a', times)).toBe(200)
  })
})
