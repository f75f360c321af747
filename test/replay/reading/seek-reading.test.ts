import { left } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { openPayload } from '../../../src/codec/chunk-format.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import type { Position } from '../../../src/replay/position.ts'
import type { ChunkOpener } from '../../../src/replay/reading/chunk-opener.ts'
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

const playedTo = async (store: EventStore, at: Position, opener?: ChunkOpener): Promise<StreamPlayer> => {
  const player = new StreamPlayer({ store, stream, venue: toyVenue, range: { from: at, to: at }, opener })
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

  it('has the first chunk opened elsewhere before it restores the keyframe', async () => {
    const base = await proofStore(toyLines(800, 1000), [100, 200, 300, 400, 500, 600, 700, 800], [240])
    const at = { kind: 'seq', seq: 520 } as const
    const alone = await playedTo(base, at)
    const asked: number[] = []
    const restored: number[] = []
    const opener: ChunkOpener = {
      open: async (header, payload) => {
        asked.push(header.firstSeq)
        restored.push(player.keeper.seq)
        return await Promise.resolve(openPayload(header, payload))
      },
    }
    const player = new StreamPlayer({
      store: base,
      stream,
      venue: toyVenue,
      range: { from: at, to: at },
      opener,
    })
    await player.seek()
    expect(restored[0]).toBe(0)
    expect(player.keeper.seq).toBe(240)
    while (await player.fetch()) while (player.step());
    await player.close()
    expect(asked).toEqual([201, 301, 401, 501])
    expect(player.keeper.digest()).toEqual(alone.keeper.digest())
    expect(player.keeper.summary()).toEqual(alone.keeper.summary())
  })

  it('tells of a damaged first chunk when it is fetched', async () => {
    const base = await proofStore(toyLines(800, 1000), [100, 200, 300, 400, 500, 600, 700, 800], [240])
    const at = { kind: 'seq', seq: 520 } as const
    const opener: ChunkOpener = {
      open: async () => await Promise.resolve(left({ kind: 'malformed', detail: 'spoiled' })),
    }
    const failure = await playedTo(base, at, opener).catch((error: unknown) => error)
    expect(failure).toMatchObject({ error: { kind: 'damaged', seq: 201 } })
  })
})
