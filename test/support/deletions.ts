/** Deletes ranges of toy streams, also from a store that dies on the way, and tells what is left. */
import { left } from 'fp-ts/lib/Either.js'

import { EntryCursor, type Seq } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { deleteEntries } from '../../src/recorder/upkeep/deletion.ts'
import { planDeletion } from '../../src/recorder/upkeep/deletion-plan.ts'
import type { ReplayRange } from '../../src/replay/position.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { toyManifest, toyTime } from './toy-records.ts'
import { toyVenue } from './toy-venue.ts'

const { stream } = toyManifest

export type Span = readonly [first: Seq, last: Seq]

/** Each entry's record, by its seq. */
export const recordsBySeq = (records: Uint8Array): ReadonlyMap<Seq, string> => {
  const found = new Map<Seq, string>()
  const cursor = new EntryCursor(records)
  while (cursor.next())
    found.set(
      cursor.seq,
      Buffer.from(records.subarray(cursor.recordStart, cursor.recordEnd)).toString('latin1'),
    )
  return found
}

/** The same of everything that is stored. */
export const storedRecords = async (store: EventStore): Promise<ReadonlyMap<Seq, string>> => {
  const found = new Map<Seq, string>()
  for await (const { records } of readChunks(store, stream))
    for (const [seq, record] of recordsBySeq(records)) found.set(seq, record)
  return found
}

export const withoutSpans = (
  records: ReadonlyMap<Seq, string>,
  spans: readonly Span[],
): ReadonlyMap<Seq, string> =>
  new Map([...records].filter(([seq]) => !spans.some(([first, last]) => seq >= first && seq <= last)))

export const rangeOf = ([first, last]: Span, byTime = false): ReplayRange =>
  byTime
    ? { from: { kind: 'time', time: toyTime(first) }, to: { kind: 'time', time: toyTime(last) } }
    : { from: { kind: 'seq', seq: first }, to: { kind: 'seq', seq: last } }

export const deleteSpan = async (
  store: EventStore,
  span: Span,
  { byTime = false, keepsBook = false } = {},
): Promise<void> => {
  const plan = await planDeletion(store, stream, rangeOf(span, byTime))
  if (plan !== undefined) await deleteEntries({ store, venue: toyVenue, plan, keepsBook, reason: 'A test.' })
}

/** Fails every write from the one numbered `moment` on; the writes done before count. */
export const dyingAt = (store: EventStore, moment: number): EventStore => {
  let writes = 0
  const dies = (): boolean => writes++ >= moment
  const dead = left({ kind: 'unavailable', message: 'It was killed.' } as const)
  return {
    ...store,
    split: (first, second) => async () => (dies() ? dead : await store.split(first, second)()),
    bury: (tombstone) => async () => (dies() ? dead : await store.bury(tombstone)()),
    putKeyframe: (keyframe) => async () => (dies() ? dead : await store.putKeyframe(keyframe)()),
    quarantine: (name, firstSeqs, tombstone) => async () =>
      dies() ? dead : await store.quarantine(name, firstSeqs, tombstone)(),
  }
}
