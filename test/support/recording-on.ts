/** Goes on recording a toy stream where a store ends, as a recorder that starts again does. */
import { isRight } from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'

import type { EventStore } from '../../src/log/event-store.ts'
import { resumeSealer } from '../../src/recorder/recovery.ts'
import { type SealerStart, StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { toyLines } from './proof-stores.ts'
import { toyManifest, toyRecords } from './toy-records.ts'
import { toyVenue } from './toy-venue.ts'

/** A sealer at the end of the store, as a recorder begins with. */
export const resumed = async (
  store: EventStore,
): Promise<{ readonly sealer: StreamSealer; readonly lastSeq: number }> => {
  let sealer: StreamSealer | undefined
  const opened = (): StreamSealer => {
    if (sealer === undefined) throw new Error('not opened')
    return sealer
  }
  const end = await resumeSealer(store, toyManifest.stream, toyVenue, {
    open: async (_venue, start: SealerStart) => {
      sealer = new StreamSealer(toyVenue, start)
      return await Promise.resolve()
    },
    catchUp: async (_stream, records) => await Promise.resolve(opened().catchUp(records)),
    seal: async (_stream, records) => await Promise.resolve(opened().seal(records)),
    save: async () => await Promise.resolve(opened().save()),
  })
  return { sealer: opened(), lastSeq: end.lastSeq }
}

/** Records on, in chunks of 40 entries. */
export const recordOn = async (store: EventStore, chunks: number): Promise<void> => {
  for (let count = 0; count < chunks; count++) {
    const { sealer, lastSeq } = await resumed(store)
    const more = toyLines(41, 40)
    const { chunk } = sealer.seal(toyRecords(more, lastSeq + 1))
    expect(isRight(await store.append(chunk)())).toBe(true)
  }
}
