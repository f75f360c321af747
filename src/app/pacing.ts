/** Plays recorded time against the wall clock, slowed or sped up. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Micros } from '../market/time.ts'

/** No timer can be longer. */
const LONGEST_SLEEP = 2 ** 31 - 1

/**
 * Returns a function that resolves when an entry of this receive time is due, or at once when the signal is aborted;
 * undefined when it is due already.
 */
export const newPacer = (
  speed: number,
  signal: AbortSignal,
): ((time: Micros) => Promise<void> | undefined) => {
  let startedAt: number | undefined
  let startTime = 0
  const waitUntil = async (due: number): Promise<void> => {
    for (let left = due - performance.now(); left > 0 && !signal.aborted; left = due - performance.now())
      await sleep(Math.min(left, LONGEST_SLEEP), undefined, { signal }).catch(() => undefined)
  }
  return (time) => {
    const now = performance.now()
    if (startedAt === undefined) {
      startedAt = now
      startTime = time
    }
    const due = startedAt + (time - startTime) / 1000 / speed
    return due - now < 1 ? undefined : waitUntil(due)
  }
}
