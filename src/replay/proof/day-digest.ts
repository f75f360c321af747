/**
 * What was recorded on a UTC day as one SHA-256, so that two people can prove that they have the same: it depends on the
 * entries of the day, the book at its end and the decoder's version, not on chunks, compaction, codec or backend.
 */
import { createHash, type Hash } from 'node:crypto'

import type { BookVerdict } from '../../log/chunk.ts'
import { EntryCursor, recordsAfter, type Seq } from '../../log/entry.ts'
import type { EventStore } from '../../log/event-store.ts'
import type { Tombstone, TombstoneKind } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type Micros, microsOf, microsToIso } from '../../market/time.ts'
import type { Venue } from '../../venues/venue.ts'
import { BookKeeper } from '../keeper/book-keeper.ts'
import { type OpenedChunk, readParts } from '../reading/chunk-reader.ts'
import { nearestKeyframe } from '../reading/nearest-keyframe.ts'

const DAY_MICROS = 86_400_000_000

/** Entries that are not there, and may have been received on the day. */
export interface MissingEntries {
  /** `absent`: nothing in the log tells why. */
  readonly kind: TombstoneKind | 'absent'
  readonly firstSeq: Seq
  readonly lastSeq: Seq
}

/** One stream on one UTC day. Times in microseconds, digests in hex. */
export interface DayDigest {
  readonly stream: StreamId
  /** `2026-01-31` */
  readonly day: string
  /** Over all that follows but the times and `complete`: see docs/storage-format.md. */
  readonly digest: string
  /** Over the records of the day's entries alone: no decoder has a part in it. */
  readonly entriesDigest: string
  readonly entries: number
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly firstReceiveTime: Micros
  readonly lastReceiveTime: Micros
  readonly decoderVersion: number
  /** After the day's last entry. */
  readonly book: BookVerdict
  /** The log begins before the day and goes on behind it, and nothing is missing. */
  readonly complete: boolean
  /** The log begins on this day; ends on it, as yet. */
  readonly begins: boolean
  readonly ends: boolean
  readonly missing: readonly MissingEntries[]
}

export interface DayDigestOptions {
  /** This day alone: any instant of it. */
  readonly day?: Micros | undefined
  /** Told of entries passed. */
  readonly onEntries?: ((entries: number) => void) | undefined
}

const startOfDay = (time: number): number => Math.floor(time / DAY_MICROS) * DAY_MICROS

/** Missing entries, none of them received before the first time or after the second. */
interface Gone extends MissingEntries {
  readonly firstReceiveTime: number
  readonly lastReceiveTime: number
}

/** A day under way. */
interface Day {
  readonly start: number
  readonly begins: boolean
  readonly hash: Hash
  readonly firstSeq: Seq
  readonly firstReceiveTime: Micros
  entries: number
  lastSeq: Seq
  lastReceiveTime: Micros
}

class DayWalk {
  private readonly stream: StreamId
  private readonly venue: Venue
  private readonly keeper: BookKeeper
  private readonly only: number | undefined
  private readonly holes: Gone[] = []
  /** Something stood before what comes next: the log does not begin there. */
  private hasEarlier = false
  private lastSeq: Seq = 0
  private lastReceiveTime = -Infinity
  private day: Day | undefined

  /** `only`: the start of the one day that is wanted; entries before it only build the book. */
  constructor(stream: StreamId, venue: Venue, only: number | undefined) {
    this.stream = stream
    this.venue = venue
    this.only = only
    this.keeper = new BookKeeper(venue)
  }

  get isDayOpen(): boolean {
    return this.day !== undefined
  }

  restore(seq: Seq, state: Uint8Array): void {
    this.keeper.restore(state)
    this.lastSeq = seq
    this.hasEarlier = true
  }

  skip(hole: Tombstone): void {
    this.lastSeq = hole.lastSeq
    // Numbers that no entry ever had: nothing is missing.
    if (hole.kind === 'unused') return
    this.keeper.skip(hole.lastSeq)
    this.holes.push(hole)
  }

  /** Takes the entries of a chunk; the days that ended with one of them. */
  take(chunk: OpenedChunk): readonly DayDigest[] {
    const records = recordsAfter(chunk.records, this.lastSeq)
    const ended: DayDigest[] = []
    const book = chunk.cursor()
    const bytes = new EntryCursor(records)
    let start = 0
    while (bytes.next()) {
      const { seq, receiveTime } = bytes
      const day = startOfDay(receiveTime)
      if (seq > this.lastSeq + 1) this.miss(seq, receiveTime)
      if (day !== this.day?.start) {
        this.day?.hash.update(records.subarray(start, bytes.recordStart))
        start = bytes.recordStart
        const before = this.close(false)
        if (before !== undefined) ended.push(before)
        if (this.only === undefined || this.only === day) this.open(day, seq, receiveTime)
      }
      this.hasEarlier = true
      // Rows, where the chunk has them, are applied faster than records.
      while (book.next() && book.seq < seq);
      this.keeper.apply(book)
      this.lastSeq = seq
      this.lastReceiveTime = receiveTime
      if (this.day === undefined) continue
      this.day.entries++
      this.day.lastSeq = seq
      this.day.lastReceiveTime = receiveTime
    }
    this.day?.hash.update(records.subarray(start))
    // Its counts are not wanted: without this they would grow with the stream.
    this.keeper.takeVerdict()
    return ended
  }

  /** Numbers were left out before this entry. */
  private miss(seq: Seq, lastReceiveTime: Micros): void {
    const { lastSeq, lastReceiveTime: firstReceiveTime } = this
    this.holes.push({
      kind: 'absent',
      firstSeq: lastSeq + 1,
      lastSeq: seq - 1,
      firstReceiveTime,
      lastReceiveTime,
    })
  }

  private open(start: number, firstSeq: Seq, firstReceiveTime: Micros): void {
    const earlierHole = this.holes.some(({ lastReceiveTime }) => lastReceiveTime < start)
    this.day = {
      start,
      begins: !this.hasEarlier && !earlierHole,
      hash: createHash('sha256'),
      firstSeq,
      firstReceiveTime,
      entries: 0,
      lastSeq: firstSeq,
      lastReceiveTime: firstReceiveTime,
    }
  }

  private missingOn(start: number): readonly MissingEntries[] {
    const touching = this.holes.filter(
      ({ firstReceiveTime, lastReceiveTime }) =>
        firstReceiveTime < start + DAY_MICROS && lastReceiveTime >= start,
    )
    return touching.map(({ kind, firstSeq, lastSeq }) => ({ kind, firstSeq, lastSeq }))
  }

  /** Ends the day under way, if there is one. `ends`: the log goes no further. */
  close(ends: boolean): DayDigest | undefined {
    const { day, stream, keeper } = this
    if (day === undefined) return undefined
    this.day = undefined
    const { decoderVersion } = this.venue
    const { book } = keeper.takeVerdict()
    const missing = this.missingOn(day.start)
    const name = microsToIso(microsOf(day.start)).slice(0, 10)
    const entriesDigest = day.hash.digest('hex')
    const state = `${book.reason ?? 'valid'} ${book.verified ? 'verified' : 'unverified'}`
    const lines = [
      'bookreel-day-1',
      stream,
      name,
      `entries ${String(day.entries)} ${entriesDigest}`,
      `decoder ${String(decoderVersion)}`,
      `book ${state} ${String(book.digestSeq)} ${book.digest}`,
    ]
    const { begins, entries, firstSeq, lastSeq, firstReceiveTime, lastReceiveTime } = day
    return {
      stream,
      day: name,
      digest: createHash('sha256')
        .update(lines.map((line) => `${line}\n`).join(''))
        .digest('hex'),
      entriesDigest,
      entries,
      firstSeq,
      lastSeq,
      firstReceiveTime,
      lastReceiveTime,
      decoderVersion,
      book,
      complete: !begins && !ends && missing.length === 0,
      begins,
      ends,
      missing,
    }
  }
}

/**
 * The days on which a stream has entries, in order, in memory bounded by a chunk and the book. Behind missing entries the
 * book is what the entries alone tell: invalid until the venue's next snapshot or the next run, whatever keyframes there
 * are. Throws StoreFailure, `damaged` where a part of the log cannot be read.
 */
export async function* dayDigests(
  store: EventStore,
  stream: StreamId,
  venue: Venue,
  { day, onEntries }: DayDigestOptions = {},
): AsyncGenerator<DayDigest, void> {
  const only = day === undefined ? undefined : startOfDay(day)
  const walk = new DayWalk(stream, venue, only)
  let first: Seq = 1
  if (only !== undefined) {
    const hole = (await store.parts(stream)).find(
      (part) => part.kind === 'hole' && part.tombstone.kind !== 'unused',
    )
    const holeSeq = hole?.kind === 'hole' ? hole.tombstone.firstSeq : Infinity
    const keyframe = await nearestKeyframe(
      store,
      stream,
      venue,
      ({ seq, receiveTime }) => receiveTime < only && seq < holeSeq,
    )
    if (keyframe !== undefined) walk.restore(keyframe.seq, keyframe.state)
    first = (keyframe?.seq ?? 0) + 1
  }
  for await (const part of readParts(store, stream, { from: first })) {
    if (part.kind === 'hole') {
      walk.skip(part.tombstone)
      continue
    }
    for (const ended of walk.take(part.chunk)) {
      yield ended
      if (only !== undefined) return
    }
    onEntries?.(part.chunk.header.entries)
    // Nothing of the day was received before it ended.
    if (only !== undefined && !walk.isDayOpen && part.chunk.header.lastReceiveTime >= only + DAY_MICROS)
      return
  }
  const last = walk.close(true)
  if (last !== undefined) yield last
}
