/** Stores that hold scripted streams of the real venues, each in one or more chunks. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { CHAIN_START } from '../../src/log/chain.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import type { Venue } from '../../src/venues/venue.ts'

interface ScriptedStream {
  readonly venue: Venue
  /** Canonical: `BTC-USD`. */
  readonly pair: string
  /** Packed records of each chunk. */
  readonly chunks: readonly Uint8Array[]
}

/** Appends the streams to a store. */
export const fillStore = async (store: EventStore, streams: readonly ScriptedStream[]): Promise<void> => {
  for (const { venue, pair, chunks } of streams) {
    const start = {
      stream: `${venue.id}:${pair}`,
      chainSeq: 0,
      chainHead: CHAIN_START,
      keyframeSeq: 0,
      keyframeState: undefined,
    } as const
    const sealer = new StreamSealer(venue, start)
    for (const records of chunks) {
      const { chunk } = sealer.seal(records)
      const appended = await store.append(chunk)()
      if (isLeft(appended)) throw new Error(appended.left.kind)
    }
  }
}

export const storeOf = async (streams: readonly ScriptedStream[]): Promise<EventStore> => {
  const store = newMemoryStore()
  await fillStore(store, streams)
  return store
}
