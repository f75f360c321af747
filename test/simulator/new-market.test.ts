import { describe, expect, it } from 'vitest'

import { newMarket } from '../../simulator/new-market.ts'

const START = 1_700_000_000_000_000
const SAMPLE = 10_000
const LAG = 40_000

/** Mids every 10 ms of the flow's time. */
const midsOf = (venue: string, lag: number, seconds: number): number[] => {
  const { market, running } = newMarket({
    seed: 5,
    venue,
    pair: 'BTC-USD',
    rate: 2000,
    lag,
    startTime: START,
  })
  const { engine } = market
  const { flow } = running
  const mids: number[] = []
  for (let time = START; time < START + seconds * 1e6; time += SAMPLE) {
    while (flow.time <= time) flow.step()
    mids.push(((engine.best('buy') ?? NaN) + (engine.best('sell') ?? NaN)) / 2)
  }
  return mids
}

/** Correlation of the steps of one series with those of the other, so many samples later. */
const correlation = (one: readonly number[], other: readonly number[], shift: number): number => {
  let [products, squaresOne, squaresOther] = [0, 0, 0]
  for (let index = 20; index < one.length - 20; index++) {
    const a = (one[index] ?? NaN) - (one[index - 1] ?? NaN)
    const b = (other[index + shift] ?? NaN) - (other[index + shift - 1] ?? NaN)
    products += a * b
    squaresOne += a * a
    squaresOther += b * b
  }
  return products / Math.sqrt(squaresOne * squaresOther)
}

describe('one underlying on two venues', () => {
  it('moves the second venue’s mid by its lag later: there their correlation is highest', () => {
    const first = midsOf('coinbase', 0, 60)
    const second = midsOf('bitfinex', LAG, 60)
    const shifts = Array.from({ length: 31 }, (_, index) => index - 15)
    const correlations = shifts.map((shift) => correlation(first, second, shift))
    const highest = Math.max(...correlations)
    const best = shifts[correlations.indexOf(highest)] ?? NaN
    expect(best * SAMPLE).toBeGreaterThanOrEqual(LAG - SAMPLE)
    expect(best * SAMPLE).toBeLessThanOrEqual(LAG + SAMPLE)
    expect(highest).toBeGreaterThan(2 * (correlations[shifts.indexOf(-5)] ?? NaN))
    expect(first).not.toEqual(second)
  })
})
