import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Micros, microsOf } from '../../src/market/time.ts'
import { ReplayPace } from '../../src/replay/pacing.ts'
import { ManualPaceClock } from '../support/manual-pace-clock.ts'

const START = 1_600_000_000_000_000
const at = (milliseconds: number): Micros => microsOf(START + milliseconds * 1000)

/** All that promises may do without time passing. */
const settled = async (): Promise<void> => {
  await new Promise(setImmediate)
}

/** Asks for the entries one after the other; notes when the clock lets each pass. */
const walk = (
  pace: ReplayPace,
  clock: ManualPaceClock,
  times: readonly number[],
  signal?: AbortSignal,
): { readonly passed: [number, number][]; readonly done: Promise<void> } => {
  const passed: [number, number][] = []
  const go = async (): Promise<void> => {
    for (const time of times) {
      await pace.due(at(time), signal)
      if (signal?.aborted === true) return
      passed.push([time, clock.now()])
    }
  }
  return { passed, done: go() }
}

describe('ReplayPace', () => {
  it('lets entries pass when they are due, at any speed', async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(gaps, fc.constantFrom(0.5, 1, 10, Infinity), async (pauses, speed) => {
        const clock = new ManualPaceClock()
        let time = 0
        const times = pauses.map((pause) => (time += pause))
        const { passed, done } = walk(new ReplayPace(clock, speed), clock, times)
        const [first = 0] = times
        for (let step = 0; passed.length < times.length && step < 1000; step++) {
          await settled()
          clock.advance(137)
        }
        await done
        expect(clock.timers).toBe(0)
        for (const [entry, now] of passed) {
          const due = (entry - first) / speed
          expect(now).toBeGreaterThan(due - 1)
          expect(now).toBeLessThanOrEqual(due + 137)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('stands still while it is paused, and goes on as if no time had passed', async () => {
    const clock = new ManualPaceClock()
    const pace = new ReplayPace(clock, 1)
    const { passed, done } = walk(pace, clock, [0, 100, 200])
    await settled()
    clock.advance(60)
    pace.pause()
    expect(pace.isPaused).toBe(true)
    clock.advance(1_000_000)
    await settled()
    expect(passed).toEqual([[0, 0]])
    expect(clock.timers).toBe(0)
    pace.resume()
    clock.advance(39)
    await settled()
    expect(passed).toHaveLength(1)
    clock.advance(1)
    await settled()
    clock.advance(100)
    await done
    expect(passed).toEqual([
      [0, 0],
      [100, 1_000_100],
      [200, 1_000_200],
    ])
  })

  it('is stepped entry by entry, and takes its time again from there', async () => {
    const clock = new ManualPaceClock()
    const pace = new ReplayPace(clock, 1)
    pace.pause()
    const { passed, done } = walk(pace, clock, [0, 1000, 2000, 5000, 5010])
    await settled()
    expect(passed).toEqual([])
    pace.step()
    await settled()
    expect(passed).toEqual([[0, 0]])
    pace.step(3)
    await settled()
    expect(passed).toHaveLength(4)
    pace.resume()
    await settled()
    expect(passed).toHaveLength(4)
    clock.advance(10)
    await done
    expect(passed.at(-1)).toEqual([5010, 10])
  })

  it('is stepped at the greatest speed too, and steps nothing while it runs', async () => {
    const clock = new ManualPaceClock()
    const pace = new ReplayPace(clock, Infinity)
    pace.step(5)
    pace.pause()
    const { passed, done } = walk(pace, clock, [0, 1000])
    await settled()
    expect(passed).toEqual([])
    pace.step()
    await settled()
    expect(passed).toHaveLength(1)
    pace.resume()
    await done
    expect(passed).toHaveLength(2)
  })

  it('changes its speed on the way', async () => {
    const clock = new ManualPaceClock()
    const pace = new ReplayPace(clock, 1)
    const { passed, done } = walk(pace, clock, [0, 1000])
    await settled()
    clock.advance(500)
    pace.setSpeed(10)
    clock.advance(49)
    await settled()
    expect(passed).toHaveLength(1)
    clock.advance(1)
    await done
    expect(passed.at(-1)).toEqual([1000, 550])
  })

  it.each([['waiting'], ['paused']])('ends at once when it is aborted while %s', async (how) => {
    const clock = new ManualPaceClock()
    const pace = new ReplayPace(clock, 1)
    const controller = new AbortController()
    const { passed, done } = walk(pace, clock, [0, 1_000_000], controller.signal)
    await settled()
    if (how === 'paused') pace.pause()
    await settled()
    controller.abort()
    await done
    expect(passed).toEqual([[0, 0]])
    expect(clock.timers).toBe(0)
  })

  it.each([0, -1, NaN])('refuses %d as a speed', (speed) => {
    const clock = new ManualPaceClock()
    expect(() => new ReplayPace(clock, speed)).toThrow(RangeError)
    expect(() => {
      new ReplayPace(clock, 1).setSpeed(speed)
    }).toThrow(RangeError)
  })
})
