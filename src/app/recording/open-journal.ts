/** Where journals are kept: beside an embedded store, or in a folder of their own where the store is elsewhere. */
import { join } from 'node:path'

import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import type { StoreError } from '../../log/event-store.ts'
import type { Journal } from '../../log/journal.ts'
import type { StreamId } from '../../market/instrument.ts'
import { openFileJournal } from '../../storage/journal/file-journal.ts'
import { SpoolFolder } from '../../storage/journal/spool-folder.ts'
import { remoteStoreName } from '../../storage/open-store.ts'

const FOLDER_WITHOUT_STORE = 'bookreel-spool'

/** Where the journals of a store's streams are. */
export interface SpoolPlace {
  /** URL of the store that the stream is recorded into. */
  readonly store: string
  /** The folder that `--spool` names; undefined: the usual one. */
  readonly spool: string | undefined
}

export interface JournalPlace extends SpoolPlace {
  /** Milliseconds until entries are on disk. */
  readonly durability: number
}

/** The folder of a store's journals: one per database, so that none are mixed up. */
export const journalFolder = ({ store, spool }: SpoolPlace): string => {
  if (spool !== undefined) return spool
  const remote = remoteStoreName(store)
  return remote === undefined
    ? join(store.slice(store.indexOf(':') + 1), 'journal')
    : join(FOLDER_WITHOUT_STORE, encodeURIComponent(remote))
}

/** Opens the journal of a stream. What goes to a server waits in it. */
export const openJournal = (place: JournalPlace, stream: StreamId): TaskEither<StoreError, Journal> =>
  openFileJournal(journalFolder(place), stream, {
    durability: place.durability,
    keepsSealed: remoteStoreName(place.store) !== undefined,
  })

/** The folder those journals stand in. */
export const openSpoolFolder = (place: SpoolPlace): SpoolFolder => new SpoolFolder(journalFolder(place))
