import { describe, expect, it } from 'vitest'

import { EXIT, Problem } from '../../../src/cli/problem.ts'
import { paceOf, type SimulateArguments, simulationOf } from '../../../src/cli/serving/simulate-options.ts'

const given = (more: Partial<SimulateArguments>): SimulateArguments => ({
  ...{
    seed: undefined,
    rate: undefined,
    preset: undefined,
    lag: undefined,
    events: undefined,
    pair: undefined,
    venue: undefined,
    port: 0,
  },
  ...{ for: undefined, json: false, books: false, control: false, capture: undefined, pace: undefined },
  ...{ 'log-sent': undefined, 'log-faults': undefined, faults: undefined, chaos: undefined, amend: true },
  ...{ quirks: true, limits: true, deflate: false },
  ...more,
})

const problemOf = (act: () => unknown): Problem => {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the options of simulate', () => {
  it('default to both venues, BTC-USD, seed 1, busy, 500 events a second, no lag', () => {
    expect(simulationOf(given({}))).toEqual({
      ...{ seed: 1, rate: 500, venues: ['coinbase', 'bitfinex'], pairs: ['BTC-USD'], port: 0 },
      ...{ preset: 'busy', lag: 0, amends: true, control: false, events: undefined },
      habits: { quirks: true, limits: true, compression: false },
    })
    expect(paceOf(given({ capture: 'x' }))).toBe('recorded')
    expect(paceOf(given({ capture: 'x', chaos: 'low', seed: 3 }))).toBe('recorded')
  })

  it('take the rate of the preset unless one is given', () => {
    expect(simulationOf(given({ preset: 'burst', lag: '40ms' }))).toMatchObject({ rate: 2000, lag: 40_000 })
    expect(simulationOf(given({ preset: 'calm', rate: '7' }))).toMatchObject({ rate: 7, preset: 'calm' })
  })

  it('are taken as given, repetitions once', () => {
    const more = {
      rate: 'max',
      venue: ['bitfinex', 'bitfinex'],
      pair: ['ETH-EUR', 'XRP-USD', 'ETH-EUR'],
      events: 5,
    }
    expect(simulationOf(given(more))).toMatchObject({
      ...{ rate: 'max', venues: ['bitfinex'], pairs: ['ETH-EUR', 'XRP-USD'], events: 5 },
    })
    expect([paceOf(given({ pace: 'max' })), paceOf(given({ pace: '2.5' }))]).toEqual(['max', 2.5])
  })

  it.each([
    [{ seed: NaN }, '--seed'],
    [{ seed: 1.5 }, '--seed 1.5'],
    [{ rate: '' }, '--rate'],
    [{ rate: '0' }, '--rate "0"'],
    [{ rate: 'fast' }, '--rate "fast"'],
    [{ preset: 'wild' }, '"wild": give calm, busy or burst'],
    [{ lag: '40' }, '--lag "40"'],
    [{ lag: '40ms', venue: ['bitfinex', 'bitfinex'] }, 'only bitfinex is simulated'],
    [{ events: 0 }, '--events 0'],
    [{ port: 65_535 }, '--port 65535'],
    [{ venue: ['kraken'] }, '"kraken"'],
    [{ pair: ['BTCUSD'] }, '"BTCUSD"'],
    [{ pace: 'max' }, '--pace'],
  ])('refuse %j in one sentence', (more, named) => {
    const problem = problemOf(() => simulationOf(given(more)))
    expect(problem.message).toContain(named)
    expect(problem.message).toMatch(/^[^\n]+\.$/)
    expect(problem.exitCode).toBe(EXIT.usage)
  })

  it.each([
    [{ rate: '5' }, '--rate'],
    [{ preset: 'calm' }, '--preset'],
    [{ lag: '5ms' }, '--lag'],
    [{ pair: ['BTC-USD'] }, '--pair'],
    [{ seed: 1 }, '--seed'],
    [{ books: true }, '--books'],
    [{ pace: 'slow' }, '"slow"'],
    [{ pace: '-1' }, '"-1"'],
  ])('refuse %j beside a capture', (more, named) => {
    expect(problemOf(() => paceOf(given({ capture: 'x', ...more }))).message).toContain(named)
  })
})
