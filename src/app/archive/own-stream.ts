/** Takes one stream of a store for this process, so that nobody records it while something else writes into it. */
import { randomUUID } from 'node:crypto'

import { isLeft } from 'fp-ts/lib/Either.js'

import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { LeaseKeeper } from '../../recorder/ownership/lease-keeper.ts'
import { systemScheduler } from '../../recorder/scheduler.ts'
import { openJournal, openSpoolFolder } from '../recording/open-journal.ts'

/** Nothing is journaled through it. */
const DURABILITY = 200
/** Milliseconds that a recorder elsewhere must be silent until it counts as dead. */
const PATIENCE = 15_000

/** A store that is being written into: its URL, and the folder of `--spool` if one was named. */
export interface OwnedStore {
  readonly url: string
  readonly spool?: string | undefined
  readonly store: EventStore
}

const refused = (message: string): StoreFailure => new StoreFailure({ kind: 'unavailable', message })

/** In a store that machines share the stream's lease is taken as well: its recorder may be on another machine. */
const whileLeased = async <A>(
  { url, spool, store: { leases } }: OwnedStore,
  stream: StreamId,
  use: () => Promise<A>,
): Promise<A> => {
  if (leases === undefined) return await use()
  let isLost = false
  const keeper = new LeaseKeeper({
    owner: randomUUID(),
    recorder: openSpoolFolder({ store: url, spool }).recorderId(),
    scheduler: systemScheduler,
    patience: PATIENCE,
    onLost: () => (isLost = true),
  })
  const { signal } = new AbortController()
  const taking = await keeper.take(leases, { stream, leastEpoch: 1, waits: false, signal })
  if (taking.kind !== 'held')
    throw refused(
      `Stream ${stream} is being recorded or changed by another machine: stop that, then try again.`,
    )
  try {
    const result = await use()
    if (isLost)
      throw refused(
        `This process stood still for so long that another one has taken ${stream} over: look at it with "bookreel verify ${stream}", then run the command once more.`,
      )
    return result
  } finally {
    await keeper.release(stream)
  }
}

/**
 * Runs `use` while no other process can record the stream, on this machine or another. Throws StoreFailure, one sentence,
 * when one does already, or when the journal holds entries that the store has not: what is written now would stand in their
 * place.
 */
export const whileOwning = async <A>(
  owned: OwnedStore,
  stream: StreamId,
  use: () => Promise<A>,
): Promise<A> => {
  const { url, spool, store } = owned
  const opened = await openJournal({ store: url, spool, durability: DURABILITY }, stream)()
  if (isLeft(opened)) throw new StoreFailure(opened.left)
  const journal = opened.right
  try {
    return await whileLeased(owned, stream, async () => {
      const journaled = journal.lastSeq()
      // Where nothing waits, a store whose end is damaged may be repaired.
      if (journaled > 0 && journaled > (await store.lastSeq(stream)))
        throw refused(
          `The journal holds entries of ${stream} that are not stored yet: record it once more, which stores them, then try again.`,
        )
      return await use()
    })
  } finally {
    await journal.close()
  }
}
