/**
 * A store that is read by somebody who may not write its lock file: a read-only mount, another user's folder. LMDB reads
 * it without lock then, and a writer would not know of the reader: so reading ends as soon as somebody writes.
 */
import { accessSync, constants, statSync } from 'node:fs'

import type { StoreError } from '../../log/event-store.ts'

export class UnlockedFile {
  private readonly path: string
  private readonly before: string

  private constructor(path: string) {
    this.path = path
    this.before = stateOf(path)
  }

  /** Undefined: the lock of this file, which was opened, can be taken. */
  static at(path: string): UnlockedFile | undefined {
    try {
      accessSync(`${path}-lock`, constants.R_OK | constants.W_OK)
      return undefined
    } catch {
      return new UnlockedFile(path)
    }
  }

  /** What is wrong after something was read; undefined: nobody wrote. */
  problem(): StoreError | undefined {
    if (stateOf(this.path) === this.before) return undefined
    const message = `The store ${this.path} is being written while this user may not lock it: give the right to write ${this.path}-lock (that file alone), or read a backup.`
    return { kind: 'unavailable', message }
  }
}

const stateOf = (path: string): string => {
  const { mtimeNs, size } = statSync(path, { bigint: true })
  return `${String(mtimeNs)}/${String(size)}`
}
