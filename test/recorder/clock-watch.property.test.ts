import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ClockWatch } from '../../src/recorder/clock-watch.ts'

const TICK = 100_000

/** A machine whose wall clock can be set and runs by so many parts per million too fast. */
const newMachine = (driftPpm: number) => {
  let micros = 0
  let setBy = 0
  return {
    sources: {
      monotonicNanos: () => BigInt(micros) * 1000n,
      // In whole milliseconds, as the real one.
      wallMicros: () => Math.floor((1.7e15 + micros * (1 + driftPpm / 1e6) + setBy) / 1000) * 1000,
    },
    tick: (watch: ClockWatch) => {
      micros += TICK
      watch.tick()
    },
    setBy: (step: number) => {
      setBy += step
    },
  }
}

describe('ClockWatch', () => {
  it('counts every step and finds the drift beside them', () => {
    const step = fc
      .integer({ min: -3_600_000_000, max: 3_600_000_000 })
      .filter((micros) => Math.abs(micros) > 15_000)
    fc.assert(
      fc.property(fc.integer({ min: -400, max: 400 }), fc.array(step, { maxLength: 6 }), (drift, steps) => {
        const machine = newMachine(drift)
        const watch = new ClockWatch(machine.sources)
        for (let tick = 0; tick < 1200; tick++) {
          const set = tick > 0 && tick % 100 === 0 ? steps[tick / 100 - 1] : undefined
          if (set !== undefined) machine.setBy(set)
          machine.tick(watch)
        }
        const figures = watch.figures()
        expect([figures.seconds, figures.steps]).toEqual([120, steps.length])
        const largest = steps.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0)
        expect(Math.abs(Math.abs(figures.largestStep) - Math.abs(largest))).toBeLessThanOrEqual(1100)
        // The wall clock is read to a millisecond, at each step twice.
        expect(Math.abs((figures.drift ?? NaN) - drift)).toBeLessThanOrEqual((steps.length * 2 + 2) * 10)
      }),
      { numRuns: 50 },
    )
  })

  it('tells no drift before it can', () => {
    const machine = newMachine(0)
    const watch = new ClockWatch(machine.sources)
    for (let tick = 0; tick < 100; tick++) machine.tick(watch)
    expect(watch.figures()).toEqual({ seconds: 10, steps: 0, largestStep: 0, drift: null })
  })

  it('takes no reading that something came between for a step', () => {
    let reads = 0
    const watch = new ClockWatch({
      // Two milliseconds pass between the readings around the wall clock.
      monotonicNanos: () => BigInt(reads++) * 2_000_000n,
      wallMicros: () => reads * 20_000,
    })
    for (let tick = 0; tick < 40; tick++) watch.tick()
    expect(watch.figures().steps).toBe(0)
  })
})
