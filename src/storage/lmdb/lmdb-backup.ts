/**
 * Copies an embedded store while it may be written: one consistent moment of it, without the space that is free in its
 * file. Owns that the copy takes its name only when it is complete; proving what it holds is others'.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { open } from 'lmdb'

import type { StoreError } from '../../log/event-store.ts'
import { spaceProblem, storeErrorOf } from '../disk-errors.ts'
import { isLmdbFile } from '../lmdb-file.ts'
import { makeFolder } from '../make-folder.ts'
import { networkProblem } from '../network-file-system.ts'
import { dataFileOf, prepareStoreFolder, writeMarker } from './store-folder.ts'

const MAP_BYTES = 2 ** 40
/** How often the size of the copy is looked at. */
const LOOK_EVERY = 200

export interface BackupOptions {
  readonly from: string
  /** A folder that is new or empty. */
  readonly to: string
  /** Told of bytes copied since the last call. */
  readonly onBytes: (bytes: number) => void
}

/** A copy that has not got its name yet. */
export interface UnnamedBackup {
  /** The folder that it is in: a store like any other. */
  readonly directory: string
  readonly bytes: number
  /** Gives it its name. */
  readonly finish: () => Either<StoreError, void>
  readonly abandon: () => void
}

/** Bytes of a store's file, the free space in it included. */
export const storeFileBytes = (directory: string): number =>
  statSync(dataFileOf(directory), { throwIfNoEntry: false })?.size ?? 0

/** Makes the copy beside its place. Left: one sentence why not, nothing is left behind. */
export const backupLmdbStore =
  ({ from, to, onBytes }: BackupOptions): TaskEither<StoreError, UnnamedBackup> =>
  async () => {
    const target = resolve(to)
    const partial = join(dirname(target), `${basename(target)}.partial`)
    const problem = problemOf(from, target, partial)
    if (problem !== undefined) return left(problem)
    try {
      removePartial(partial)
      makeFolder(partial)
      writeMarker(partial)
      await copyFile(dataFileOf(from), dataFileOf(partial), onBytes)
      syncPath(dataFileOf(partial))
      syncPath(partial)
      return right({
        directory: partial,
        bytes: storeFileBytes(partial),
        finish: () => giveName(partial, target),
        abandon: () => {
          removePartial(partial)
        },
      })
    } catch (error) {
      removePartial(partial)
      return left(spaceProblem(dirname(target), 0) ?? storeErrorOf(error, target))
    }
  }

const problemOf = (from: string, target: string, partial: string): StoreError | undefined => {
  const prepared = prepareStoreFolder(from, 'read', false)
  if (isLeft(prepared)) return prepared.left
  const network = networkProblem(target)
  if (network !== undefined) return network
  try {
    if (!isLmdbFile(dataFileOf(from)))
      return unavailable(`The file ${dataFileOf(from)} is damaged: a copy of it would be of no use.`)
    if (existsSync(target) && !(statSync(target).isDirectory() && readdirSync(target).length === 0))
      return unavailable(`${target} exists already and is not an empty folder: name a new one.`)
    // What else may have this name is not ours to remove.
    if (existsSync(partial) && !readdirSync(partial).every((name) => OWN_FILES.includes(name)))
      return unavailable(`The folder ${partial} stands in the way: move it away, or name another one.`)
  } catch (error) {
    return storeErrorOf(error, target)
  }
  return undefined
}

const unavailable = (message: string): StoreError => ({ kind: 'unavailable', message })

const OWN_FILES: readonly string[] = ['bookreel.json', 'store.mdb', 'store.mdb-lock']

/** What a backup that was cut short left behind. */
const removePartial = (partial: string): void => {
  if (!existsSync(partial)) return
  for (const name of OWN_FILES) rmSync(join(partial, name), { force: true })
  rmdirSync(partial)
}

const copyFile = async (from: string, to: string, onBytes: (bytes: number) => void): Promise<void> => {
  const root = open<Uint8Array, string>(from, { noSubdir: true, mapSize: MAP_BYTES, readOnly: true })
  let told = 0
  const tell = (): void => {
    const size = statSync(to, { throwIfNoEntry: false })?.size ?? 0
    if (size > told) onBytes(size - told)
    told = Math.max(told, size)
  }
  const looking = setInterval(tell, LOOK_EVERY)
  try {
    await root.backup(to, true)
    tell()
  } finally {
    clearInterval(looking)
    await root.close()
  }
}

const syncPath = (path: string): void => {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const giveName = (partial: string, target: string): Either<StoreError, void> => {
  try {
    rmSync(`${dataFileOf(partial)}-lock`, { force: true })
    if (existsSync(target)) rmdirSync(target)
    renameSync(partial, target)
    syncPath(dirname(target))
    return right(undefined)
  } catch (error) {
    return left(storeErrorOf(error, target))
  }
}
