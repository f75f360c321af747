/**
 * A store of recordings opened for reading, with the venues this version knows: the front door of the public API. Owns
 * how streams and instants are named; replaying is the replay part's.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { splitStreamId, type StreamId, streamIdOf } from '../../market/instrument.ts'
import { KeptState } from '../../replay/kept-state.ts'
import { playMerged } from '../../replay/merge.ts'
import { parsePosition, type Position, type ReplayRange } from '../../replay/position.ts'
import { type StreamInfo, streamInfo } from '../../replay/proof/stream-info.ts'
import type { ChunkOpener } from '../../replay/reading/chunk-opener.ts'
import { StreamPlayer } from '../../replay/reading/stream-player.ts'
import { replay } from '../../replay/replay.ts'
import { type ReplayError, ReplayFailure } from '../../replay/replay-failure.ts'
import type { Pace, ReplayOptions } from '../../replay/replay-options.ts'
import type { EntryStep, TransactionStep } from '../../replay/replay-step.ts'
import type { ReplaySummary } from '../../replay/replay-summary.ts'
import type { ReplayVisitor, StreamState } from '../../replay/stream-state.ts'
import { visit } from '../../replay/visit.ts'
import { openStore, venueOfStream } from '../production.ts'
import { OpenThreads } from '../replaying/open-threads.ts'
import { breathe, followUntil, newPace } from '../replaying/pacing.ts'

/**
 * An instant or an entry: a Position, microseconds since the Unix epoch, or text as the command line takes it (ISO-8601,
 * `2026-01-31` for its midnight in UTC, `seq:5000`).
 */
export type Place = Position | number | string

/** What of an archive is replayed, and how. */
export interface ArchiveRange {
  /**
   * Such as `coinbase:BTC-USD`; left out: all of them, by name. Entries come by receive time, those of one instant in
   * this order of their streams.
   */
  readonly streams?: readonly string[] | undefined
  /** The first entry told; the book is built from before it. Left out: from the beginning. */
  readonly from?: Place | undefined
  /** The last one, included. Left out: to the end. */
  readonly to?: Place | undefined
  /** The `position` of an earlier summary: goes on behind it, in place of `from`. */
  readonly resumeFrom?: string | undefined
  /** Times real time; left out: as fast as possible. */
  readonly speed?: number | undefined
  /** In place of `speed`: may be paused and stepped, see `newPace`. */
  readonly pace?: Pace | undefined
  /** Goes on with what is being recorded until the signal is aborted. */
  readonly follow?: boolean | undefined
  /** Once aborted the replay ends early; its summary says so. */
  readonly signal?: AbortSignal | undefined
  /** A range without entries is no error. */
  readonly mayBeEmpty?: boolean | undefined
}

/** An opened archive. Everything that reads throws ReplayFailure, which says in `error.kind` what is wrong. */
export interface Archive {
  /** The store beneath. */
  readonly store: EventStore
  /** What it holds, sorted by name. */
  readonly streams: () => Promise<readonly StreamId[]>
  /** Counts, spans, gaps and sizes of a stream as a whole; reads no payload. */
  readonly info: (stream: string) => Promise<StreamInfo>
  /**
   * Replays to a visitor: synchronously, with no object per event. Resolves at the end, or when the signal was aborted.
   * What the visitor throws ends the replay and is thrown on.
   */
  readonly visit: (range: ArchiveRange, visitor: ReplayVisitor) => Promise<ReplaySummary>
  /** The same as steps, one per entry, for comfort; leaving the loop closes everything. */
  readonly entries: (range: ArchiveRange) => AsyncGenerator<EntryStep, ReplaySummary>
  /** A step for all that the venue meant to be seen together: no half-applied book is ever seen. */
  readonly transactions: (range: ArchiveRange) => AsyncGenerator<TransactionStep, ReplaySummary>
  /**
   * The stream as it stood after all entries up to a place, that included; left out: at the end. The state is the caller's
   * and stays as it is. Throws ReplayFailure `empty-range` where the stream begins later or has no such entry.
   */
  readonly bookAt: (stream: string, at?: Place) => Promise<StreamState>
  /** Closes the store; nothing may be read afterwards. */
  readonly close: () => Promise<void>
}

const placeOf = (name: string, place: Place): Position => {
  if (typeof place === 'object') return place
  const position = parsePosition(String(place))
  if (position !== undefined) return position
  throw new RangeError(
    `${name} "${String(place)}" is no place: give an ISO-8601 instant, microseconds, or seq:N for an entry.`,
  )
}

const rangeOf = ({ from, to }: Pick<ArchiveRange, 'from' | 'to'>): ReplayRange => ({
  from: from === undefined ? undefined : placeOf('from', from),
  to: to === undefined ? undefined : placeOf('to', to),
})

/** The canonical spelling: `bitfinex:tBTCUSD` is `bitfinex:BTC-USD`. What is none is nobody's stream. */
const canonical = (name: string): StreamId => {
  const parts = splitStreamId(name)
  const venue = venueOfStream(name)
  const pair = parts === undefined ? undefined : venue?.pairOf(parts.pair)
  return venue === undefined || pair === undefined ? (name as StreamId) : streamIdOf(venue.id, pair)
}

const optionsOf = (range: ArchiveRange): ReplayOptions => ({
  venueOf: venueOfStream,
  streams: range.streams?.map(canonical),
  range: rangeOf(range),
  resumeFrom: range.resumeFrom,
  pace: range.pace ?? (range.speed === undefined ? undefined : newPace(range.speed)),
  signal: range.signal,
  waitForMore: range.follow === true ? followUntil(range.signal ?? new AbortController().signal) : undefined,
  mayBeEmpty: range.mayBeEmpty,
  breathe,
})

const refuse = (error: ReplayError): never => {
  throw new ReplayFailure(error)
}

/** A store's failure in the form that every reading method throws. */
const telling = async <Result>(read: () => Promise<Result>): Promise<Result> => {
  try {
    return await read()
  } catch (error) {
    throw error instanceof StoreFailure ? new ReplayFailure({ kind: 'store', error: error.error }) : error
  }
}

const held = async (store: EventStore, name: string): Promise<StreamId> => {
  const stream = canonical(name)
  const all = await store.streams()
  return all.includes(stream) ? stream : refuse({ kind: 'unknown-stream', stream, held: all })
}

const bookAt = async (
  store: EventStore,
  opener: ChunkOpener,
  name: string,
  at: Place | undefined,
): Promise<StreamState> => {
  const to = at === undefined ? undefined : placeOf('at', at)
  const stream = await held(store, name)
  const venue = venueOfStream(stream) ?? refuse({ kind: 'unknown-venue', stream })
  // Nothing is told of what comes before: the keyframe next to the end will do.
  const lastSeq = await store.lastSeq(stream)
  const from = to ?? { kind: 'seq', seq: lastSeq }
  const player = new StreamPlayer({ store, stream, venue, range: { from, to }, opener })
  await player.seek()
  await playMerged([player], {})
  player.settle()
  const state = new KeptState(stream, player.keeper)
  if (state.seq === 0 || (to?.kind === 'seq' && state.seq < to.seq))
    refuse({ kind: 'empty-range', streams: [stream] })
  return state
}

/** An archive over a store that is open already; closing the archive closes it. */
export const archiveOf = (store: EventStore): Archive => {
  const opener = new OpenThreads()
  return {
    store,
    streams: async () => await telling(async () => await store.streams()),
    info: async (stream) => await telling(async () => await streamInfo(store, await held(store, stream))),
    visit: async (range, visitor) => await visit(store, { ...optionsOf(range), opener }, visitor),
    entries: (range) => replay(store, { ...optionsOf(range), opener }),
    transactions: (range) => replay(store, { ...optionsOf(range), opener, groupBy: 'transaction' }),
    bookAt: async (stream, at) => await telling(async () => await bookAt(store, opener, stream, at)),
    close: async () => {
      await opener.close()
      await store.close()
    },
  }
}

/**
 * Opens a store for reading: `file:FOLDER` or `mongodb://HOST/DATABASE`. It may be one that is being recorded: what was
 * sealed is seen. Throws StoreFailure with one sentence where there is none.
 */
export const openArchive = async (url: string): Promise<Archive> => {
  const opened = await openStore(url, 'read')()
  if (isLeft(opened)) throw new StoreFailure(opened.left)
  return archiveOf(opened.right)
}
