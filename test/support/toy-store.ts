/** A memory store that holds one toy stream in several chunks. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { CHAIN_START } from '../../src/log/chain.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { toyManifest, toyRecords } from './toy-records.ts'
import { toyVenue } from './toy-venue.ts'

/** One chunk per group of lines; entry 1 is the run's start. */
export const toyStore = async (...groups: readonly (readonly string[])[]): Promise<EventStore> => {
  const store = newMemoryStore()
  const sealer = new StreamSealer(toyVenue, {
    stream: toyManifest.stream,
    chainSeq: 0,
    chainHead: CHAIN_START,
    keyframeSeq: 0,
    keyframeState: undefined,
  })
  let next = 1
  for (const lines of groups) {
    const { chunk } = sealer.seal(toyRecords(lines, next))
    next = chunk.header.lastSeq + 1
    const appended = await store.append(chunk)()
    if (isLeft(appended)) throw new Error(appended.left.kind)
  }
  return store
}
