/** The folder of an embedded store: its marker file, and what may be opened in it. Knows nothing of LMDB. */
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import type { StoreError } from '../../log/event-store.ts'
import { storeErrorOf } from '../disk-errors.ts'
import { makeFolder } from '../make-folder.ts'
import { networkProblem } from '../network-file-system.ts'

const MARKER = 'bookreel.json'
const FORMAT = 'bookreel-store'
const VERSION = 1

/** Extra files a folder may have and still count as empty: a desktop's, and a marker in the making. */
const IGNORED = /^(bookreel\.json\..*|\..*|lost\+found)$/

const Marker = t.type({ format: t.literal(FORMAT), version: t.number })

/** The LMDB file of a store's folder. */
export const dataFileOf = (directory: string): string => join(directory, 'store.mdb')

const unavailable = (message: string): Either<StoreError, never> => left({ kind: 'unavailable', message })

/** Right when the folder is a store that may be opened so; `create`: makes it where there is none or an empty folder. */
export const prepareStoreFolder = (
  directory: string,
  mode: 'read' | 'write',
  create: boolean,
): Either<StoreError, void> => {
  const network = networkProblem(directory)
  if (network !== undefined) return left(network)
  try {
    const isThere = existsSync(directory)
    if (isThere && !statSync(directory).isDirectory())
      return unavailable(`${directory} is a file, not the folder of a store: name another --store.`)
    if (!existsSync(join(directory, MARKER))) {
      if (isThere && readdirSync(directory).some((name) => !IGNORED.test(name)))
        return unavailable(
          `The folder ${directory} holds other things and is not a store: name a new or an empty folder.`,
        )
      if (mode === 'read' || !create)
        return unavailable(
          `There is no store at ${directory}: record or import into it first, or name another --store.`,
        )
      writeMarker(directory)
    }
    const marked = checkMarker(directory)
    if (isLeft(marked) || mode === 'write' || existsSync(dataFileOf(directory))) return marked
    return unavailable(`The store at ${directory} holds nothing yet: record or import into it first.`)
  } catch (error) {
    return left(storeErrorOf(error, directory))
  }
}

/** Says that a folder, made where there is none, is a store. Throws the system's error. */
export const writeMarker = (directory: string): void => {
  makeFolder(directory)
  const temporary = join(directory, `${MARKER}.${String(process.pid)}`)
  writeFileSync(temporary, `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`, { flush: true })
  renameSync(temporary, join(directory, MARKER))
}

const checkMarker = (directory: string): Either<StoreError, void> => {
  const marker = Marker.decode(jsonOf(readFileSync(join(directory, MARKER), 'utf8')))
  if (isLeft(marker))
    return unavailable(
      `The file ${join(directory, MARKER)} does not name a store: put it back from a backup, or name another --store.`,
    )
  const { version } = marker.right
  if (version > VERSION)
    return unavailable(
      `The store at ${directory} has format ${String(version)}, newer than this version's ${String(VERSION)}: use a newer bookreel.`,
    )
  return right(undefined)
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
