import { describe, expect, it } from 'vitest'

import type { EventStore } from '../../../src/log/event-store.ts'
import type { Position } from '../../../src/replay/position.ts'
import { StreamPlayer } from '../../../src/replay/reading/stream-player.ts'
import { proofStore, toyLines } from '../../support/proof-stores.ts'
import { toyManifest, toyTime } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest

/** The store, and the first entries of the chunks whose payloads were read. */
const watched = (store: EventStore): { readonly store: EventStore; readonly read: number[] } => {
  const read: number[] = []
  return {
    store: {
      ...store,
      payload: async (name, firstSeq) => {
        read.push(firstSeq)
        return await store.payload(name, firstSeq)
      },
    },
    read,
  }
}

const playedTo = async (store: EventStore, at: Position): Promise<StreamPlayer> => {
  const player = new StreamPlayer({ store, stream, venue: toyVenue, range: { from: at, to: at } })
  await player.seek()
  while (await player.fetch()) while (player.step());
  await player.close()
  return player
}

describe('a seek', () => {
  it.each([
    [250, [201]],
    [260, [201]],
    [299, [201]],
    [301, [201, 301]],
    [420, [201, 301, 401]],
  ])(
    'to the instant of entry %i opens the chunks from its keyframe to it, and no other',
    async (seq, chunks) => {
      const base = await proofStore(toyLines(800, 1000), [100, 200, 300, 400, 500, 600, 700, 800], [100, 240])
      for (const at of [
        { kind: 'time', time: toyTime(seq) },
        { kind: 'seq', seq },
      ] as const) {
        const { store, read } = watched(base)
        const { keeper, isCutShort } = await playedTo(store, at)
        expect(keeper.summary().lastSeq).toBe(seq)
        expect(read).toEqual(chunks)
        if (at.kind === 'time') expect(isCutShort).toBe(true)
      }
    },
  )
})
