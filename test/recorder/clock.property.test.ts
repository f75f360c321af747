import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anchorClock, Clock, ClockSteering, STEERING_INTERVAL } from '../../src/recorder/clock.ts'
import { ClockWatch } from '../../src/recorder/clock-watch.ts'

const START = 1_700_000_000_000_000

/** A machine whose wall clock can be set. */
const newMachine = () => {
  let nanos = 5_000_000_000n
  let wallOffset = 0
  const sources = {
    monotonicNanos: () => nanos,
    wallMicros: () => START + Number(nanos - 5_000_000_000n) / 1000 + wallOffset,
  }
  return {
    sources,
    pass: (micros: number) => {
      nanos += BigInt(micros) * 1000n
    },
    setWall: (micros: number) => {
      wallOffset += micros
    },
  }
}

describe('Clock', () => {
  it('tells the wall clock at its anchor and the monotonic time from then on', () => {
    const machine = newMachine()
    const clock = new Clock(anchorClock(machine.sources), machine.sources)
    expect(clock.now()).toBe(START)
    machine.setWall(-3_600_000_000)
    machine.pass(1234)
    expect(clock.now()).toBe(START + 1234)
  })

  it('never goes back further than one slew, whatever the wall clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5_000_000, max: 5_000_000 }), { maxLength: 30 }), (jumps) => {
        const machine = newMachine()
        const anchor = anchorClock(machine.sources)
        const clock = new Clock(anchor, machine.sources)
        const steering = new ClockSteering(anchor, machine.sources)
        for (const jump of jumps) {
          machine.setWall(jump)
          const before = clock.now()
          machine.pass(STEERING_INTERVAL * 1000)
          steering.tick()
          expect(clock.now()).toBeGreaterThan(before)
        }
      }),
    )
  })

  it('follows a wall clock that runs ahead, and tells each new offset once', () => {
    const machine = newMachine()
    const anchor = anchorClock(machine.sources)
    const clock = new Clock(anchor, machine.sources)
    const steering = new ClockSteering(anchor, machine.sources)
    machine.setWall(30_000)
    expect(steering.tick()).toBe(30_000)
    expect(steering.tick()).toBeUndefined()
    for (let tick = 0; tick < 2000; tick++) {
      machine.pass(STEERING_INTERVAL * 1000)
      steering.tick()
    }
    expect(Math.abs(machine.sources.wallMicros() - clock.now())).toBeLessThanOrEqual(2000)
  })

  it('lets no time of a log go back when the wall clock is set back an hour, and notes it', () => {
    const machine = newMachine()
    const anchor = anchorClock(machine.sources)
    const clock = new Clock(anchor, machine.sources)
    const steering = new ClockSteering(anchor, machine.sources)
    const watch = new ClockWatch(machine.sources)
    const told: number[] = []
    const times: number[] = []
    for (let tick = 0; tick < 600; tick++) {
      if (tick === 100) machine.setWall(-3_600_000_000)
      machine.pass(STEERING_INTERVAL * 1000)
      watch.tick()
      const offset = steering.tick()
      if (offset !== undefined) told.push(offset)
      times.push(clock.now())
    }
    const differences = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    // A second of the log stays one to 500 parts per million.
    for (const difference of differences)
      expect(Math.abs(difference - STEERING_INTERVAL * 1000)).toBeLessThanOrEqual(50)
    expect(told[0]).toBeLessThan(-3_599_000_000)
    // Once for each 10 ms by which it has come nearer.
    expect(told.length).toBeLessThan(10)
    expect(watch.figures()).toMatchObject({ steps: 1, largestStep: -3_600_000_000 })
  })

  it('leaps at once after a wall clock far ahead', () => {
    const machine = newMachine()
    const anchor = anchorClock(machine.sources)
    const steering = new ClockSteering(anchor, machine.sources)
    machine.setWall(7_200_000_000)
    expect(steering.tick()).toBe(7_200_000_000)
    expect(new Clock(anchor, machine.sources).now()).toBe(START + 7_200_000_000)
    expect(steering.tick()).toBeUndefined()
  })
})
