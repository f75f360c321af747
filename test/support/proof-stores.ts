/** Toy streams of several blocks, with keyframes, and the same read otherwise than they were written. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { encodeKeyframe } from '../../src/codec/keyframe.ts'
import type { ChunkHeader } from '../../src/log/chunk.ts'
import type { Seq } from '../../src/log/entry.ts'
import { type EventStore, StoreFailure } from '../../src/log/event-store.ts'
import type { LogPart } from '../../src/log/tombstone.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { toyManifest, toyRecords, toySnapshot, toyTime } from './toy-records.ts'
import { toyStore } from './toy-store.ts'
import { toyVenue } from './toy-venue.ts'

const { stream } = toyManifest

/** The frame at an entry: a snapshot at the start and at every `snapshotEvery`-th entry, small changes between. */
export const toyLines = (entries: number, snapshotEvery: number): readonly string[] => {
  const lines: string[] = []
  while (lines.length < entries - 1) {
    const at = lines.length % snapshotEvery
    const seq = lines.length
    if (at < toySnapshot.length) lines.push(toySnapshot[at] ?? '')
    else if (at % 3 === 0) lines.push(`open o${String(seq)} bid ${String(9000 + (seq % 700))} ${String(seq)}`)
    else if (at % 3 === 1) lines.push(`reduce o${String(seq - 1)} 1`)
    else lines.push('end')
  }
  return lines
}

/** The toy venue after an update that judges nothing otherwise. */
export const newerToyVenue: Venue = { ...toyVenue, decoderVersion: toyVenue.decoderVersion + 1 }

/** Puts keyframes at these entries, as replay gives them. */
const putKeyframes = async (
  store: EventStore,
  lines: readonly string[],
  seqs: readonly Seq[],
): Promise<void> => {
  for (const seq of seqs) {
    const keeper = new BookKeeper(toyVenue)
    keeper.applyRecords(toyRecords(lines.slice(0, seq - 1)))
    const { decoderVersion } = toyVenue
    const state = keeper.save()
    const put = store.putKeyframe(
      encodeKeyframe({ stream, seq, receiveTime: toyTime(seq), decoderVersion, state }),
    )
    if (isLeft(await put())) throw new Error('no keyframe')
  }
}

/** A store with the frames of `lines` in chunks that end at these entries; entry 1 is the run's start. */
export const proofStore = async (
  lines: readonly string[],
  chunkEnds: readonly Seq[],
  keyframes: readonly Seq[] = [],
): Promise<EventStore> => {
  const groups = chunkEnds.map((end, index) => {
    const before = chunkEnds[index - 1] ?? 1
    return lines.slice(before - 1, end - 1)
  })
  const store = await toyStore(...groups)
  await putKeyframes(store, lines, keyframes)
  return store
}

interface Tampering {
  /** Undefined: the part is gone. */
  readonly part?: (part: LogPart) => LogPart | undefined
  readonly payload?: (firstSeq: Seq, payload: Uint8Array) => Uint8Array
}

/** The same store, read otherwise than it was written. What is written to it is written. */
export const tampered = (store: EventStore, { part, payload }: Tampering): EventStore => {
  const parts: EventStore['parts'] = async (...words) => {
    const stored = await store.parts(...words)
    return part === undefined ? stored : stored.flatMap((found) => part(found) ?? [])
  }
  return {
    ...store,
    parts,
    headers: async (name, range) => {
      const headers: ChunkHeader[] = []
      for (const found of await parts(name, range)) {
        if (found.kind === 'unreadable')
          throw new StoreFailure({ kind: 'damaged', stream, seq: found.firstSeq, detail: found.detail })
        if (found.kind === 'chunk') headers.push(found.header)
      }
      return headers
    },
    payload: async (name, firstSeq) => {
      const stored = await store.payload(name, firstSeq)
      return payload === undefined ? stored : payload(firstSeq, stored)
    },
  }
}

/** Flips one bit of the payload of the chunk at this entry. */
export const flippedAt =
  (at: Seq, place = 20) =>
  (firstSeq: Seq, payload: Uint8Array): Uint8Array =>
    firstSeq === at
      ? payload.map((byte, index) => (index === place % payload.length ? byte ^ 1 : byte))
      : payload

/** Makes the header of the chunk at this entry unreadable. */
export const unreadableAt =
  (at: Seq) =>
  (part: LogPart): LogPart =>
    part.kind === 'chunk' && part.header.firstSeq === at
      ? { kind: 'unreadable', firstSeq: at, detail: 'the header of its chunk is wrong.' }
      : part
