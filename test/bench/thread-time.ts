/** Processor time of the calling thread alone: what others on the machine do hardly changes it. Linux tells it. */
import { readFileSync } from 'node:fs'

/** Milliseconds so far; NaN where the system does not tell. */
export const threadTime = (): number => {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    return NaN
  }
}
