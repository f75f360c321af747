/** Reads of a stored log what can be read: what is damaged is passed over here, since `info` and `verify` name it. */
import type { ChunkHeader } from '../../log/chunk.ts'
import type { EntryView } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { openChunk } from '../reading/chunk-reader.ts'

/** In order. Throws StoreFailure. */
export const readableHeaders = async (store: EventStore, stream: StreamId): Promise<readonly ChunkHeader[]> =>
  (await store.parts(stream)).flatMap((part) => (part.kind === 'chunk' ? [part.header] : []))

/** Shows the entries of a chunk, none of one that is damaged. Throws StoreFailure when the store as a whole fails. */
export const readEntries = async (
  store: EventStore,
  header: ChunkHeader,
  visit: (entry: EntryView) => void,
): Promise<void> => {
  try {
    const cursor = (await openChunk(store, header)).cursor()
    while (cursor.next()) visit(cursor)
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.error.kind !== 'damaged') throw error
  }
}
