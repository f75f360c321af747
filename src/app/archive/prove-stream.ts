/** One stream proved from a store that is open: the same in a thread and without one. */
import type { EventStore } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { ExpectedHead } from '../../replay/proof/expected-head.ts'
import { type StreamProof, verifyStream } from '../../replay/proof/verify.ts'
import { venueOfStream } from '../production.ts'

export interface VerifyTask {
  readonly stream: StreamId
  readonly expected: ExpectedHead | undefined
}

/** Throws StoreFailure. */
export const proveStream = async (
  store: EventStore,
  { stream, expected }: VerifyTask,
  onEntries: (entries: number) => void,
): Promise<StreamProof> => {
  const venue = venueOfStream(stream)
  if (venue === undefined) throw new Error(`there is no venue of ${stream}`)
  const onChunk = ({ entries }: { readonly entries: number }): void => {
    onEntries(entries)
  }
  return await verifyStream(store, stream, venue, { expected, onChunk })
}
