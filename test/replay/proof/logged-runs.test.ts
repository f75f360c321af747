import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { CHAIN_START } from '../../../src/log/chain.ts'
import { type EntryKind, EntryWriter } from '../../../src/log/entry.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { encodeJson } from '../../../src/log/payloads.ts'
import { StreamSealer } from '../../../src/recorder/sealing/stream-sealer.ts'
import { loggedRuns } from '../../../src/replay/proof/logged-runs.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { splitRecords } from '../../support/entries.ts'
import { toyManifest, toyTime } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest

const ENTRIES: readonly (readonly [EntryKind, Uint8Array])[] = [
  ['run-started', encodeJson({ ...toyManifest, software: 'bookreel 1' })],
  ['frame', Buffer.from('snapshot')],
  ['run-ended', encodeJson({ cause: 'stopped' })],
  ['run-started', encodeJson({ ...toyManifest, software: 'bookreel 2' })],
  ['frame', Buffer.from('snapshot')],
  ['run-ended', encodeJson({ cause: 'crash' })],
  ['run-started', Buffer.from('scribble')],
  ['run-started', encodeJson({ ...toyManifest, software: 'bookreel 3', epoch: 9, recorder: 'one' })],
  ['frame', Buffer.from('valid')],
]

const RUNS = [
  { epoch: 1, recorder: '', software: 'bookreel 1', firstSeq: 1, end: 'stopped', lastSeq: 3 },
  { epoch: 2, recorder: '', software: 'bookreel 2', firstSeq: 4, end: 'crash', lastSeq: 6 },
  { epoch: 3, recorder: '', software: '', firstSeq: 7, end: 'crash', lastSeq: 7 },
  { epoch: 9, recorder: 'one', software: 'bookreel 3', firstSeq: 8, end: null, lastSeq: null },
].map((run) => ({ ...run, stream, startedAt: toyTime(run.firstSeq) }))

const records = (): readonly Uint8Array[] => {
  const writer = new EntryWriter()
  for (const [index, [kind, payload]] of ENTRIES.entries())
    writer.append(kind, index + 1, toyTime(index + 1), kind === 'frame' ? 1 : 0, payload)
  return splitRecords(writer.take() ?? new Uint8Array())
}

const storeOf = async (chunkEntries: number): Promise<EventStore> => {
  const store = newMemoryStore()
  const start = { stream, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(toyVenue, start)
  const all = records()
  for (let at = 0; at < all.length; at += chunkEntries) {
    const { chunk } = sealer.seal(Buffer.concat(all.slice(at, at + chunkEntries)))
    if (isLeft(await store.append(chunk)())) throw new Error('not stored')
  }
  return store
}

describe('loggedRuns', () => {
  it.each([1, 2, 3, 4, 5, 100])('tells the runs of a log in chunks of %i entries', async (chunkEntries) => {
    expect(await loggedRuns(await storeOf(chunkEntries), stream)).toEqual(RUNS)
  })

  it('tells none of a stream that is not there', async () => {
    expect(await loggedRuns(newMemoryStore(), stream)).toEqual([])
  })

  it('opens chunks that begin or end a run alone, and passes over one that is damaged', async () => {
    const store = await storeOf(1)
    const opened: number[] = []
    const payload: EventStore['payload'] = async (name, firstSeq) => {
      opened.push(firstSeq)
      return firstSeq === 4 ? Buffer.from('scribble') : await store.payload(name, firstSeq)
    }
    const runs = await loggedRuns({ ...store, payload, parts: store.parts }, stream)
    expect(new Set(opened)).toEqual(new Set([1, 3, 4, 6, 7, 8]))
    expect(runs.map(({ firstSeq }) => firstSeq)).toEqual([1, 7, 8])
  })
})
