/** Opens the store that a URL names: one line per backend. */
import { left } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { right } from 'fp-ts/lib/TaskEither.js'

import type { EventStore, StoreError } from '../log/event-store.ts'
import { openLmdbStore } from './lmdb/lmdb-store.ts'
import { newMemoryStore } from './memory/memory-store.ts'

/** `read`, `change`: only a store that is there; `write`: made where there is none. */
export type OpenMode = 'read' | 'write' | 'change'

type Open = (place: string, mode: OpenMode) => TaskEither<StoreError, EventStore>

const refuse =
  (message: string): TaskEither<StoreError, never> =>
  async () =>
    await Promise.resolve(left({ kind: 'unavailable', message }))

const BACKENDS: Readonly<Record<string, Open>> = {
  memory: () => right(newMemoryStore()),
  file: (place, mode) => openFile(place, mode),
  mongodb: () =>
    refuse('This version has no MongoDB backend yet: name a folder, as in --store file:./bookreel-data.'),
}

const openFile: Open = (place, mode) =>
  place === ''
    ? refuse(
        'The store "file:" names no folder: write it behind the colon, as in --store file:./bookreel-data.',
      )
    : openLmdbStore(place, { mode: mode === 'read' ? 'read' : 'write', create: mode === 'write' })

/** `memory:`, `file:DIR`. Left: one sentence that says what is wrong and what to write instead. */
export const openStore = (url: string, mode: OpenMode): TaskEither<StoreError, EventStore> => {
  const colon = url.indexOf(':')
  const name = url.slice(0, Math.max(colon, 0)).replace(/^mongodb\+srv$/, 'mongodb')
  const backend = Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : undefined
  if (backend !== undefined) return backend(url.slice(colon + 1), mode)
  const told = JSON.stringify(url)
  return colon < 2
    ? refuse(
        `The store ${told} does not say of which kind it is: write file: before a folder, as in ${JSON.stringify(`file:${url}`)}.`,
      )
    : refuse(`The store ${told} is of no known kind: use file:FOLDER.`)
}
