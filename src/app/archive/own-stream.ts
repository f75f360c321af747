/** Takes one stream of a store for this process, so that nobody records it while something else writes into it. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { openJournal } from '../recording/open-journal.ts'

/** Nothing is journaled through it. */
const DURABILITY = 200

/** A store that is being written into: its URL, and the folder of `--spool` if one was named. */
export interface OwnedStore {
  readonly url: string
  readonly spool?: string | undefined
  readonly store: EventStore
}

/**
 * Runs `use` while no other process can record the stream. Throws StoreFailure, one sentence, when one does already, or
 * when the journal holds entries that the store has not: what is written now would stand in their place.
 */
export const whileOwning = async <A>(
  { url, spool, store }: OwnedStore,
  stream: StreamId,
  use: () => Promise<A>,
): Promise<A> => {
  const opened = await openJournal({ store: url, spool, durability: DURABILITY }, stream)()
  if (isLeft(opened)) throw new StoreFailure(opened.left)
  const journal = opened.right
  try {
    const journaled = journal.lastSeq()
    // Where nothing waits, a store whose end is damaged may be repaired.
    if (journaled > 0 && journaled > (await store.lastSeq(stream))) {
      const message = `The journal holds entries of ${stream} that are not stored yet: record it once more, which stores them, then try again.`
      throw new StoreFailure({ kind: 'unavailable', message })
    }
    return await use()
  } finally {
    await journal.close()
  }
}
