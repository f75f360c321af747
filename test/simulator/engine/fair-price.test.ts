import { describe, expect, it } from 'vitest'

import { FairPrice } from '../../../simulator/engine/fair-price.ts'
import { FLOW_PRESETS } from '../../../simulator/engine/flow-preset.ts'
import { Rng } from '../../../simulator/engine/random.ts'

const START = 1e15
const PRICE = 6_000_000
const SECOND = 1e6

const newPath = (seed = 1, preset: keyof typeof FLOW_PRESETS = 'busy', price = PRICE): FairPrice =>
  new FairPrice({ seed, price, startTime: START, preset: FLOW_PRESETS[preset] })

const everySecond = (path: FairPrice, seconds: number): number[] =>
  Array.from({ length: seconds }, (_, second) => path.at(START + second * SECOND))

describe('the hidden fair price', () => {
  it('is a path that its seed alone decides, however often it is asked', () => {
    const random = new Rng(4)
    const often = newPath()
    for (let time = START; time < START + 60 * SECOND; time += random.below(20_000)) often.at(time)
    expect(often.at(START + 60 * SECOND)).toBe(newPath().at(START + 60 * SECOND))
    expect(newPath(2).at(START + 60 * SECOND)).not.toBe(newPath().at(START + 60 * SECOND))
  })

  it('stands still before it begins', () => {
    const path = newPath()
    expect(path.at(START - 5 * SECOND)).toBe(PRICE)
    expect(path.at(START)).toBe(PRICE)
  })

  it.each(['calm', 'busy', 'burst'] as const)('moves by about its volatility a second (%s)', (preset) => {
    const prices = everySecond(newPath(3, preset), 5000)
    const steps = prices.slice(1).map((price, index) => ((price - (prices[index] ?? NaN)) / PRICE) * 10_000)
    const typical = [...steps].map(Math.abs).sort((one, other) => one - other)[steps.length / 2 - 0.5] ?? NaN
    // The median of a bell's distances is 0.67 deviations.
    expect(typical / 0.67).toBeGreaterThan(FLOW_PRESETS[preset].volatility * 0.7)
    expect(typical / 0.67).toBeLessThan(FLOW_PRESETS[preset].volatility * 1.4)
  })

  it('stays between half and twice where it began', () => {
    const prices = everySecond(newPath(1, 'burst', 20), 20_000)
    expect(Math.min(...prices)).toBeGreaterThanOrEqual(10)
    expect(Math.max(...prices)).toBeLessThanOrEqual(40)
    expect(new Set(prices).size).toBeGreaterThan(3)
  })
})
