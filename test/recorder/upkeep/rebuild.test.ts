import { describe, expect, it } from 'vitest'

import type { EventStore } from '../../../src/log/event-store.ts'
import { type RebuildResult, rebuildStream } from '../../../src/recorder/upkeep/rebuild.ts'
import { planRepair, repair } from '../../../src/recorder/upkeep/repair.ts'
import { verifyStream } from '../../../src/replay/proof/verify.ts'
import type { Venue } from '../../../src/venues/venue.ts'
import { flippedAt, newerToyVenue, proofStore, tampered, toyLines } from '../../support/proof-stores.ts'
import { toyManifest } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest
const lines = toyLines(800, 300)
const ends = [100, 200, 300, 400, 500, 600, 700, 800]

const rebuild = async (store: EventStore, venue = newerToyVenue, all = false): Promise<RebuildResult> =>
  await rebuildStream({ store, stream, venue, all })

const versionsOf = async (store: EventStore): Promise<readonly number[]> =>
  (await store.headers(stream)).map(({ verdict }) => verdict.decoderVersion)

/** Understands `end` as an order of its own, and has another opinion of every verdict. */
const otherVenue: Venue = {
  ...newerToyVenue,
  newDecoder: () => {
    const decoder = toyVenue.newDecoder()
    return {
      ...decoder,
      decode: (entry, sink) => {
        decoder.decode(entry, sink)
        if (entry.kind === 'frame' && entry.text() === 'end') sink.undecoded('end')
      },
    }
  },
}

/** A store that fails at its n-th writing. */
const failingAfter = (store: EventStore, writes: number): EventStore => {
  let left = writes
  const spend = (): void => {
    if (--left < 0) throw new Error('killed')
  }
  return {
    ...store,
    putHeader: (header) => async () => {
      spend()
      return await store.putHeader(header)()
    },
    dropKeyframe: (name, seq) => async () => {
      spend()
      return await store.dropKeyframe(name, seq)()
    },
  }
}

describe('rebuild', () => {
  it('does nothing where everything is judged by this version', async () => {
    const store = await proofStore(lines, ends, [140])
    expect(await rebuild(store, toyVenue)).toMatchObject({ chunks: 8, rebuilt: 0, keyframesRemoved: 0 })
    expect((await store.keyframes(stream)).length).toBe(1)
  })

  it('judges anew after an update, and the result verifies', async () => {
    const store = await proofStore(lines, ends, [140, 420])
    const { head } = await verifyStream(store, stream, toyVenue)
    const result = await rebuild(store)
    expect(result).toMatchObject({ chunks: 8, rebuilt: 8, changed: 0, changedBooks: 0, keyframesRemoved: 2 })
    expect(await versionsOf(store)).toEqual(ends.map(() => 2))
    expect(await store.keyframes(stream)).toEqual([])
    expect(await verifyStream(store, stream, newerToyVenue)).toMatchObject({
      ok: true,
      head,
      outdated: { chunks: 0, keyframes: 0 },
    })
    expect(await rebuild(store)).toMatchObject({ rebuilt: 0 })
  })

  it('tells what changed', async () => {
    const store = await proofStore(lines, ends)
    expect(await rebuild(store, otherVenue)).toMatchObject({ rebuilt: 8, changed: 8, changedBooks: 0 })
    expect((await verifyStream(store, stream, otherVenue)).ok).toBe(true)
  })

  it('goes on where it was interrupted, at whatever step', async () => {
    const expected = await proofStore(lines, ends, [140, 420, 480])
    await rebuild(expected)
    for (let writes = 0; writes < 11; writes++) {
      const store = await proofStore(lines, ends, [140, 420, 480])
      await expect(rebuild(failingAfter(store, writes))).rejects.toThrow('killed')
      const result = await rebuild(store)
      expect(result.rebuilt).toBeGreaterThan(0)
      expect(result.rebuilt).toBeLessThanOrEqual(8)
      expect(await store.headers(stream)).toEqual(await expected.headers(stream))
      expect(await store.keyframes(stream)).toEqual([])
      expect((await verifyStream(store, stream, newerToyVenue)).ok).toBe(true)
    }
  })

  it('puts right a verdict and a keyframe that are wrong, when all is asked for', async () => {
    const store = await proofStore(lines, ends)
    const [, second] = await store.headers(stream)
    if (second === undefined) throw new Error('no second chunk')
    await store.putHeader({ ...second, verdict: { ...second.verdict, trades: 99 } })()
    expect((await verifyStream(store, stream, toyVenue)).problems).toMatchObject([
      { kind: 'verdict-differs', seq: 101 },
    ])
    expect(await rebuild(store, toyVenue)).toMatchObject({ rebuilt: 0 })
    expect(await rebuild(store, toyVenue, true)).toMatchObject({ rebuilt: 8, changed: 1 })
    expect((await verifyStream(store, stream, toyVenue)).ok).toBe(true)
  })

  it('rebuilds from the chunk with a damaged keyframe on', async () => {
    const base = await proofStore(lines, ends, [60, 420])
    const store: EventStore = {
      ...base,
      keyframe: async (name, seq) => {
        const keyframe = await base.keyframe(name, seq)
        return seq === 420 ? { ...keyframe, payload: flippedAt(1)(1, keyframe.payload) } : keyframe
      },
    }
    expect((await verifyStream(store, stream, toyVenue)).problems).toMatchObject([
      { kind: 'keyframe-differs', seq: 420 },
    ])
    expect(await rebuild(store, toyVenue)).toMatchObject({ rebuilt: 4, changed: 0, keyframesRemoved: 1 })
    expect((await store.keyframes(stream)).map(({ seq }) => seq)).toEqual([60])
    expect((await verifyStream(store, stream, toyVenue)).ok).toBe(true)
  })

  it('refuses a damaged stream, and works on one that was repaired', async () => {
    const store = tampered(await proofStore(lines, ends, [240]), { payload: flippedAt(101) })
    await expect(rebuild(store)).rejects.toThrow(/damaged at entry 101/)
    await repair(store, await planRepair(store, stream))
    expect(await rebuild(store)).toMatchObject({ chunks: 7 })
    const proof = await verifyStream(store, stream, newerToyVenue)
    expect(proof.problems).toMatchObject([{ kind: 'quarantined', seq: 101 }])
    expect(proof.outdated).toEqual({ chunks: 0, keyframes: 0 })
    const [, third] = await store.headers(stream)
    expect(third?.verdict.book).toMatchObject({ valid: false, reason: 'missing-entries' })
  })

  it('keeps what is known behind a hole when everything is rebuilt with the same decoder', async () => {
    const store = tampered(await proofStore(lines, ends, [240]), { payload: flippedAt(101) })
    await repair(store, await planRepair(store, stream))
    const before = await store.headers(stream)
    expect(await rebuild(store, toyVenue, true)).toMatchObject({
      rebuilt: 7,
      changed: 0,
      keyframesRemoved: 0,
    })
    expect(await store.headers(stream)).toEqual(before)
    expect((await store.keyframes(stream)).map(({ seq }) => seq)).toEqual([240])
  })
})
