/** The clock and the timers that a replay is given, as it has none itself. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

import { type PaceClock, ReplayPace } from '../../replay/pacing.ts'

const wallClock: PaceClock = {
  now: () => performance.now(),
  schedule: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds)
    return () => {
      clearTimeout(timer)
    }
  },
}

/** A pace by the clock of this machine; `speed`: 1 is real time, Infinity as fast as possible. */
export const newPace = (speed: number): ReplayPace => new ReplayPace(wallClock, speed)

/** For `ReplayOptions.breathe`: signals and timers of the process have their turn. */
export const breathe = async (): Promise<void> => {
  await nextTurn()
}

/** For `ReplayOptions.waitForMore`: looks again every so many milliseconds until the signal is aborted. */
export const followUntil =
  (signal: AbortSignal, milliseconds = 500): (() => Promise<boolean>) =>
  async () => {
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
    return !signal.aborted
  }
