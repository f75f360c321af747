/** Plays recorded time against the wall clock, slowed or sped up. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Micros } from '../market/time.ts'

/** Returns a function that resolves when an entry of this receive time is due; undefined when it is due already. */
export const newPacer = (speed: number): ((time: Micros) => Promise<void> | undefined) => {
  let startedAt: number | undefined
  let startTime = 0
  return (time) => {
    const now = performance.now()
    if (startedAt === undefined) {
      startedAt = now
      startTime = time
    }
    const due = startedAt + (time - startTime) / 1000 / speed
    return due - now < 1 ? undefined : sleep(due - now)
  }
}
