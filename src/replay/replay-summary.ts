/** What a replay comes to: counts of its range, and the books at its end. */
import { isLeft } from 'fp-ts/lib/Either.js'

import type { Seq } from '../log/entry.ts'
import type { InvalidReason } from '../market/event.ts'
import type { StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'
import { decodePlace, encodePlace, type StreamPlace } from './position-token.ts'

/** Counted inside the range: entries in front of it, which only build the book, are left out. */
export interface ReplayCounts {
  readonly entries: number
  readonly events: number
  readonly trades: number
  readonly gaps: number
  readonly disconnects: number
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly undecodedFrames: number
}

/** One stream: its counts, and its book as last applied. */
export interface StreamSummary extends ReplayCounts {
  readonly stream: StreamId
  /** The last entry applied; 0: none. */
  readonly lastSeq: Seq
  readonly lastReceiveTime: Micros
  readonly valid: boolean
  /** Null when valid. */
  readonly reason: InvalidReason | null
  readonly verified: boolean
  /** The venue had begun something and not ended it. */
  readonly midTransaction: boolean
  /** Decimal text; null where the side is empty. */
  readonly bestBid: string | null
  readonly bestAsk: string | null
  /** SHA-256 of the book, hex, and the entry that last changed it. */
  readonly digest: string
  readonly digestSeq: Seq
}

export interface ReplaySummary extends ReplayCounts {
  /** False: the replay was aborted before the end of its range. */
  readonly isComplete: boolean
  /** Where it stands, for `resumeFrom`. */
  readonly position: string
  /** In the order of the request. */
  readonly streams: readonly StreamSummary[]
}

const NOTHING: ReplayCounts = {
  entries: 0,
  events: 0,
  trades: 0,
  gaps: 0,
  disconnects: 0,
  checksums: { right: 0, wrong: 0 },
  undecodedFrames: 0,
}

const combined = (one: ReplayCounts, other: ReplayCounts, sign: 1 | -1): ReplayCounts => ({
  entries: one.entries + sign * other.entries,
  events: one.events + sign * other.events,
  trades: one.trades + sign * other.trades,
  gaps: one.gaps + sign * other.gaps,
  disconnects: one.disconnects + sign * other.disconnects,
  checksums: {
    right: one.checksums.right + sign * other.checksums.right,
    wrong: one.checksums.wrong + sign * other.checksums.wrong,
  },
  undecodedFrames: one.undecodedFrames + sign * other.undecodedFrames,
})

/** The counts of all of them together. */
export const addCounts = (all: readonly ReplayCounts[]): ReplayCounts =>
  all.reduce((sum, counts) => combined(sum, counts, 1), NOTHING)

/** What was counted since `before`. */
export const countsSince = (now: ReplayCounts, before: ReplayCounts): ReplayCounts =>
  combined(now, before, -1)

/**
 * The summary of one replay made of those of its parts, which follow one another and have the same streams: what
 * replaying the whole at once gives, up to where the first of them was left. Throws where there is no part.
 */
export const joinSummaries = (all: readonly ReplaySummary[]): ReplaySummary => {
  const left = all.findIndex(({ isComplete }) => !isComplete)
  const parts = left < 0 ? all : all.slice(0, left + 1)
  const last = parts.at(-1)
  if (last === undefined) throw new Error('a replay has at least one part')
  return {
    ...addCounts(parts),
    isComplete: last.isComplete,
    position: joinPositions(parts.map(({ position }) => position)),
    streams: last.streams.map((stream, index) => ({
      ...stream,
      ...addCounts(parts.flatMap(({ streams }) => streams[index] ?? [])),
    })),
  }
}

/** Each stream stands where the last part that told of it was left, with what the venue stamped last in any of them. */
const joinPositions = (texts: readonly string[]): string => {
  const places = texts.flatMap((text) => {
    const place = decodePlace(text)
    return isLeft(place) ? [] : [place.right]
  })
  const [first] = places
  if (first === undefined) throw new Error('a part has a position')
  const streams = first.streams.map((start, index) =>
    places.flatMap(({ streams: all }) => all[index] ?? []).reduce(laterPlace, start),
  )
  return encodePlace({ from: first.from, streams })
}

const laterPlace = (before: StreamPlace, place: StreamPlace): StreamPlace => {
  if (place.seq === 0) return before
  if (place.exchangeTime !== null || place.venueSequence !== null) return place
  return { ...place, exchangeTime: before.exchangeTime, venueSequence: before.venueSequence }
}
