/** Where journals are kept: beside an embedded store, or in a folder of their own where the store is elsewhere. */
import { join } from 'node:path'

import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import type { StoreError } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import type { StreamId } from '../market/instrument.ts'
import { openFileJournal } from '../storage/journal/file-journal.ts'

const FOLDER_WITHOUT_STORE = 'bookreel-journal'

/** Opens the journal of a stream that is recorded into the store of this URL. */
export const openJournal = (
  url: string,
  stream: StreamId,
  durability: number,
): TaskEither<StoreError, Journal> => {
  const place = url.startsWith('file:') ? join(url.slice('file:'.length), 'journal') : FOLDER_WITHOUT_STORE
  return openFileJournal(place, stream, durability)
}
