/** Failures of disk and LMDB as StoreErrors: one sentence that says what, where and what to do. */
import { statfsSync } from 'node:fs'

import { type StoreError, StoreFailure } from '../log/event-store.ts'

/** Left free on the disk: writing stops before the last of it, where neither LMDB nor the system fails cleanly. */
const RESERVED_BYTES = 32 * 1024 * 1024

const codeOf = (error: unknown): string | number | undefined =>
  error instanceof Error &&
  'code' in error &&
  (typeof error.code === 'string' || typeof error.code === 'number')
    ? error.code
    : undefined

const freeBytes = (folder: string): number | undefined => {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

const diskFull = (place: string): StoreError => ({
  kind: 'disk-full',
  message: `The disk under ${place} is full: free some space, then start again; nothing that was stored is lost.`,
})

/** Undefined when this many bytes more fit on the disk of a folder. */
export const spaceProblem = (folder: string, bytes: number): StoreError | undefined => {
  const free = freeBytes(folder)
  return free !== undefined && free < bytes + RESERVED_BYTES ? diskFull(folder) : undefined
}

export const damagedFile = (path: string): StoreError => ({
  kind: 'unavailable',
  message: `The file ${path} is damaged: put a backup in its place, or name another --store.`,
})

const unavailable = (message: string): StoreError => ({ kind: 'unavailable', message })

/** `place`: the file or folder at work. LMDB reports system errors by number, its own below -30000. */
export const storeErrorOf = (error: unknown, place: string): StoreError => {
  if (error instanceof StoreFailure) return error.error
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
    case 28:
    case 122:
    case 27:
      return diskFull(place)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 13:
    case 1:
    case 30:
      return unavailable(
        `There is no permission to use ${place}: give this user the right to read and write it, or name another --store.`,
      )
    case 'ENOENT':
    case 2:
      return unavailable(
        `The path ${place} is missing and cannot be made: look after it, or name another --store.`,
      )
    case 'ENOTDIR':
    case 'EEXIST':
    case 20:
      return unavailable(`A file stands in the way of the folder ${place}: name another --store.`)
    case 'EMFILE':
    case 'ENFILE':
    case 24:
      return unavailable(
        `Too many files are open to use ${place}: raise the limit (ulimit -n), then start again.`,
      )
    case -30782:
    case -30793:
    case -30796:
    case -30797:
      return damagedFile(place)
    case -30794:
      return unavailable(`The file ${place} was written by another version of LMDB: name another --store.`)
    case -30790:
      return unavailable(`Too many processes are reading ${place}: end some of them, then try again.`)
    case undefined:
    default: {
      const told = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
      return unavailable(`The disk failed at ${place} (${told}): look after the disk, then start again.`)
    }
  }
}
