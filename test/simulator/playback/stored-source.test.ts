import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { PlaybackProblem } from '../../../simulator/playback/playback-problem.ts'
import { StoredSource } from '../../../simulator/playback/stored-source.ts'
import type { Position, ReplayRange } from '../../../src/index.ts'
import { EntryCursor, type Seq } from '../../../src/log/entry.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import type { TombstoneKind } from '../../../src/log/tombstone.ts'
import { compactStream } from '../../../src/recorder/upkeep/compaction.ts'
import { planRepair, repair } from '../../../src/recorder/upkeep/repair.ts'
import { flippedAt, proofStore, tampered, toyLines } from '../../support/proof-stores.ts'
import { tombstoneOf } from '../../support/tombstones.ts'
import { toyManifest, toyTime } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest
const LAST = 600
const HOLE = { first: 201, last: 300 }

/** Chunks of a hundred entries, those from 201 to 300 missing. */
const holedStore = async (kind: TombstoneKind): Promise<EventStore> => {
  const store = await proofStore(toyLines(LAST, 1000), [100, 200, 300, 400, 500, LAST])
  if (kind === 'damaged') {
    const broken = tampered(store, { payload: flippedAt(HOLE.first) })
    await repair(broken, await planRepair(broken, stream))
    return store
  }
  const header = (await store.headers(stream)).find(({ firstSeq }) => firstSeq === HOLE.first)
  if (header === undefined) throw new Error('no such chunk')
  const buried = await store.bury(tombstoneOf(header, { reason: 'Not wanted.' }))()
  if (isLeft(buried)) throw new Error('not buried')
  return store
}

const sourceOf = async (store: EventStore, range: ReplayRange = {}): Promise<StoredSource> =>
  await StoredSource.of({ store, stream, venue: toyVenue, range })

const seqsOf = async (source: StoredSource, after = source.before): Promise<readonly Seq[]> => {
  const seqs: Seq[] = []
  for await (const records of source.batches(after)) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) seqs.push(cursor.seq)
  }
  return seqs
}

const fromTo = (from: Seq, to: Seq): readonly Seq[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(
    (seq) => seq < HOLE.first || seq > HOLE.last,
  )
const atSeq = (seq: Seq): Position => ({ kind: 'seq', seq })
const atTime = (seq: Seq): Position => ({ kind: 'time', time: toyTime(seq) })

describe.each(['deleted', 'damaged'] as const)('a stored stream with a hole (%s) as a source', (kind) => {
  it('gives every entry that is there, once, in order', async () => {
    const source = await sourceOf(await holedStore(kind))
    expect(await seqsOf(source)).toEqual(fromTo(1, LAST))
    expect(source).toMatchObject({ before: 0, last: LAST, lastFrame: LAST })
  })

  it.each([atSeq, atTime])('begins and ends in front of the hole, inside, and behind it (%#)', async (at) => {
    const store = await holedStore(kind)
    for (const [from, to] of [
      [150, 250],
      [250, 350],
      [150, 350],
      [301, 400],
      [100, 200],
    ] as const) {
      const source = await sourceOf(store, { from: at(from), to: at(to) })
      expect(await seqsOf(source)).toEqual(fromTo(from, to))
      expect(source.lastFrame).toBe(fromTo(from, to).at(-1))
    }
    for (const after of [180, 200, 250, 300, 310])
      expect(await seqsOf(await sourceOf(store), after)).toEqual(fromTo(after + 1, LAST))
  })

  it('says that a range inside the hole holds no entry', async () => {
    const store = await holedStore(kind)
    for (const at of [atSeq, atTime])
      await expect(sourceOf(store, { from: at(220), to: at(280) })).rejects.toThrow(PlaybackProblem)
  })

  it('tells the place of an instant: in the hole, the last entry before it', async () => {
    const source = await sourceOf(await holedStore(kind))
    for (const seq of [1, 100, 200, 301, 600]) expect(await source.seqAt(toyTime(seq))).toBe(seq)
    for (const seq of [201, 250, 300]) expect(await source.seqAt(toyTime(seq))).toBe(200)
    expect(await source.seqAt(toyTime(1) - 1)).toBe(0)
  })

  it('gives the same when chunks are compacted while it is read', async () => {
    const store = await holedStore(kind)
    const source = await sourceOf(store)
    const options = { limits: { entries: 1000, bytes: 1e6 }, isDryRun: false, onEntries: () => undefined }
    const { chunksBefore, chunksAfter } = await compactStream(store, stream, options)
    expect(chunksAfter).toBeLessThan(chunksBefore)
    expect(await seqsOf(source)).toEqual(fromTo(1, LAST))
    expect(await seqsOf(source, 350)).toEqual(fromTo(351, LAST))
    expect(await source.seqAt(toyTime(350))).toBe(350)
  })
})
