/**
 * Lets the threads that stamp and journal go first where processors are scarce. On Linux a priority belongs to a thread;
 * elsewhere it would be the whole process's, which stays as it is.
 */
import { getPriority, setPriority } from 'node:os'

const STEPS = 5
const LOWEST = 19

/** Lowers the calling thread, below what its process was given. */
export const lowerPriority = (): void => {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, Math.min(LOWEST, getPriority(0) + STEPS))
  } catch {
    // A system that forbids it records as well, only with less exact stamps while it is busy.
  }
}
