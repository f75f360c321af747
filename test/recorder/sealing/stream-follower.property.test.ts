/** Chunks that were followed against chunks that were replayed at the seal: the same, byte for byte. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CHAIN_START } from '../../../src/log/chain.ts'
import { EntryCursor } from '../../../src/log/entry.ts'
import { HeldBytes } from '../../../src/recorder/sealing/held-bytes.ts'
import { StreamFollower } from '../../../src/recorder/sealing/stream-follower.ts'
import { type SealedChunk, StreamSealer } from '../../../src/recorder/sealing/stream-sealer.ts'
import { splitRecords } from '../../support/entries.ts'
import { batchesOf, TOY, toyScript } from '../../support/toy-script.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const CADENCE = { entries: 50, entriesPerOrder: 2 }

const newSealer = (): StreamSealer =>
  new StreamSealer(
    toyVenue,
    { stream: TOY, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined },
    CADENCE,
  )

const lastSeqOf = (records: Uint8Array): number => {
  const cursor = new EntryCursor(records)
  while (cursor.next());
  return cursor.seq
}

/** As the sealing thread does: batches of one entry followed, `lag` chunks ahead of the seal. `held`: counts chunks that were sealed as they were held. */
const followAndSeal = (
  chunks: readonly Uint8Array[],
  lag: number,
  room?: HeldBytes,
  held: Uint8Array[] = [],
): readonly SealedChunk[] => {
  const sealer = newSealer()
  const follower = new StreamFollower({
    stream: TOY,
    venue: toyVenue,
    state: sealer.save(),
    cadence: CADENCE,
    ...(room === undefined ? {} : { room }),
  })
  const sealed: SealedChunk[] = []
  const seal = (records: Uint8Array): void => {
    const lastSeq = lastSeqOf(records)
    expect(follower.takeHeld(sealer.nextSeq + 1, lastSeq)).toBeUndefined()
    const chunk = follower.takeHeld(sealer.nextSeq, lastSeq)
    // Copied: behind the seal its memory serves another chunk.
    if (chunk !== undefined) held.push(new Uint8Array(chunk.scan.packed))
    sealed.push(sealer.seal(records, chunk ?? follower.take(lastSeq)))
    follower.noteSize(sealer.storedBytesPerEntry)
  }
  chunks.forEach((records, index) => {
    const pieces = splitRecords(records)
    pieces.forEach((piece, place) => {
      const lastSeq = lastSeqOf(piece)
      follower.follow({ records: piece, firstSeq: lastSeq, lastSeq, endsChunk: place === pieces.length - 1 })
    })
    const due = chunks[index - lag]
    if (due !== undefined) seal(due)
  })
  for (const records of chunks.slice(sealed.length)) seal(records)
  follower.end()
  return sealed
}

const script = fc.tuple(toyScript(40, 300), fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 6 }))

describe('StreamFollower', () => {
  it('finds what replaying each chunk at its seal finds', () => {
    fc.assert(
      fc.property(script, ([entries, lengths]) => {
        const chunks = batchesOf(entries, lengths)
        const sealer = newSealer()
        expect(followAndSeal(chunks, 0)).toEqual(chunks.map((records) => sealer.seal(records)))
      }),
      { numRuns: 60 },
    )
  })

  it('leaves out keyframes alone where chunks wait for their seal', () => {
    fc.assert(
      fc.property(script, fc.integer({ min: 1, max: 9 }), ([entries, lengths], lag) => {
        const chunks = batchesOf(entries, lengths)
        const sealer = newSealer()
        const replayed = chunks.map((records) => sealer.seal(records))
        const followed = followAndSeal(chunks, lag)
        expect(followed.map(({ chunk }) => chunk)).toEqual(replayed.map(({ chunk }) => chunk))
      }),
      { numRuns: 40 },
    )
  })

  it('holds chunks for their seal as long as there is room, and what is sealed is the same', () => {
    fc.assert(
      fc.property(script, fc.nat(2), fc.nat(30_000), ([entries, lengths], lag, most) => {
        const chunks = batchesOf(entries, lengths)
        const sealer = newSealer()
        const replayed = chunks.map((records) => sealer.seal(records).chunk)
        const held: Uint8Array[] = []
        const room = new HeldBytes(most)
        const followed = followAndSeal(chunks, lag, room, held)
        expect(followed.map(({ chunk }) => chunk)).toEqual(replayed)
        const bytes = chunks.reduce((sum, { length }) => sum + length, 0)
        if (most >= bytes && lag < 2) expect(held).toEqual(chunks.map((records) => new Uint8Array(records)))
        expect(held.every(({ length }) => length <= most)).toBe(true)
        // All that was taken was given back.
        expect([room.take(most), room.take(1)]).toEqual([true, false])
      }),
      { numRuns: 30 },
    )
  })

  it('lets no chunk be sealed by a book that was not brought there', () => {
    const sealer = newSealer()
    const [entries] = fc.sample(toyScript(80, 100), 1)
    const [first, second] = batchesOf(entries ?? [], [40])
    if (first === undefined || second === undefined) throw new Error('no two chunks')
    const { verdict, keyframes } = { ...newSealer().seal(first).chunk.header, keyframes: [] }
    sealer.seal(first, { verdict, keyframes })
    expect(() => sealer.seal(second)).toThrow('not followed')
  })
})
