/**
 * Resident memory without the pages of files: a store that is mapped counts as resident where it was read, until the system
 * wants the room. Linux tells it apart.
 */
import { readFileSync } from 'node:fs'

/** Bytes; NaN where the system does not tell. */
export const ownMemory = (): number => {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
    return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024
  } catch {
    return NaN
  }
}
