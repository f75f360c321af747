import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { anchorClock, Clock, ClockSteering, STEERING_INTERVAL } from '../../src/recorder/clock.ts'

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
