/** What a store offers that several machines share. */
import type { EventStore } from '../../src/log/event-store.ts'
import type { RunBook } from '../../src/log/run-book.ts'
import type { StreamLeases } from '../../src/log/stream-leases.ts'

/** Throws when it offers neither. */
export const storeShares = ({
  leases,
  runs,
}: EventStore): { readonly leases: StreamLeases; readonly runs: RunBook } => {
  if (leases === undefined || runs === undefined) throw new Error('the store is of one machine alone')
  return { leases, runs }
}
