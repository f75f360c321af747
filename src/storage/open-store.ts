/** Opens the store that a URL names: one line per backend. */
import { left } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { right } from 'fp-ts/lib/TaskEither.js'

import type { EventStore, StoreError } from '../log/event-store.ts'
import { openLmdbStore } from './lmdb/lmdb-store.ts'
import { newMemoryStore } from './memory/memory-store.ts'
import { databaseOf, shownAddress } from './mongo/mongo-address.ts'

/** `read`, `change`: only a store that is there; `write`: made where there is none. */
export type OpenMode = 'read' | 'write' | 'change'

type Open = (place: string, mode: OpenMode, url: string) => TaskEither<StoreError, EventStore>

const refuse =
  (message: string): TaskEither<StoreError, never> =>
  async () =>
    await Promise.resolve(left({ kind: 'unavailable', message }))

const BACKENDS: Readonly<Record<string, Open>> = {
  memory: () => right(newMemoryStore()),
  file: (place, mode, url) => openFile(place, mode, url),
  // Its driver takes its time to load, in every process and thread.
  mongodb: (_place, mode, url) => async () =>
    await (await import('./mongo/mongo-store.ts')).openMongoStore(url, mode)(),
}

const openFile: Open = (place, mode) =>
  place === ''
    ? refuse(
        'The store "file:" names no folder: write it behind the colon, as in --store file:./bookreel-data.',
      )
    : openLmdbStore(place, { mode: mode === 'read' ? 'read' : 'write', create: mode === 'write' })

/** The name of a store on a server, its database; undefined: the store is on this machine. */
export const remoteStoreName = (url: string): string | undefined =>
  /^mongodb(\+srv)?:/.test(url) ? databaseOf(url) : undefined

/** A store's URL as it may be shown: no user, no password. */
export const shownStore = (url: string): string =>
  remoteStoreName(url) === undefined ? withoutCredentials(url) : shownAddress(url)

/** A URL of any kind as it may be shown. */
const withoutCredentials = (url: string): string => url.replace(/\/\/.*@/s, '//***@')

/** `memory:`, `file:DIR`, `mongodb://…`, `mongodb+srv://…`; the name of its backend, and what stands behind it. */
const partsOf = (url: string): { readonly name: string; readonly place: string } => {
  const colon = url.indexOf(':')
  const name = url.slice(0, Math.max(colon, 0)).replace(/^mongodb\+srv$/, 'mongodb')
  return { name, place: url.slice(colon + 1) }
}

/** Why a URL names no store, whatever there is: one sentence that says what to write instead. Undefined: it names one. */
export const storeUrlProblem = (url: string): string | undefined => {
  if (Object.hasOwn(BACKENDS, partsOf(url).name)) return undefined
  const told = JSON.stringify(withoutCredentials(url))
  return url.indexOf(':') < 2
    ? `The store ${told} does not say of which kind it is: write file: before a folder, as in ${JSON.stringify(`file:${url}`)}.`
    : `The store ${told} is of no known kind: use file:FOLDER or mongodb://HOST/DATABASE.`
}

/** Left: one sentence that says what is wrong and what to write instead. */
export const openStore = (url: string, mode: OpenMode): TaskEither<StoreError, EventStore> => {
  const problem = storeUrlProblem(url)
  const { name, place } = partsOf(url)
  const backend = BACKENDS[name]
  return problem !== undefined || backend === undefined ? refuse(problem ?? '') : backend(place, mode, url)
}
