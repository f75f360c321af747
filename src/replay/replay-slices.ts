/**
 * Cuts a replay into parts that follow one another, each beginning behind a keyframe: replayed one after the other or at
 * the same time they tell what the whole tells. Owns where to cut; reads headers and notes of keyframes alone.
 */
import type { ChunkHeader } from '../log/chunk.ts'
import type { EventStore, KeyframeRef } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'
import { type Micros, microsOf } from '../market/time.ts'
import type { Venue } from '../venues/venue.ts'
import type { Position, ReplayRange } from './position.ts'

export interface ReplaySlice {
  readonly range: ReplayRange
  /** The time of the last entries in front of it, those of the slices before; undefined: it is the first. */
  readonly after: Micros | undefined
}

export interface SliceLimits {
  readonly mostSlices: number
  /** Entries that a slice has at least: seeking costs about as many. */
  readonly leastEntries: number
}

interface SlicedStream {
  readonly stream: StreamId
  readonly venue: Venue
}

const isMonotone = (headers: readonly ChunkHeader[]): boolean =>
  headers.every((header, index) => {
    const before = headers[index - 1]
    return before === undefined || before.lastReceiveTime <= header.firstReceiveTime
  })

const entriesOf = (headers: readonly ChunkHeader[]): number =>
  headers.reduce((sum, { entries }) => sum + entries, 0)

const isBehind = ({ seq, receiveTime }: KeyframeRef, from: Position | undefined): boolean =>
  from === undefined || (from.kind === 'seq' ? seq >= from.seq : receiveTime >= from.time)

const isInFront = ({ seq, receiveTime }: KeyframeRef, to: Position | undefined): boolean =>
  to === undefined || (to.kind === 'seq' ? seq < to.seq : receiveTime < to.time)

const touches = (
  { firstSeq, lastSeq, firstReceiveTime, lastReceiveTime }: ChunkHeader,
  range: ReplayRange,
): boolean => {
  const { from, to } = range
  const endsBefore =
    from !== undefined && (from.kind === 'seq' ? lastSeq < from.seq : lastReceiveTime < from.time)
  const beginsBehind =
    to !== undefined && (to.kind === 'seq' ? firstSeq > to.seq : firstReceiveTime > to.time)
  return !endsBefore && !beginsBehind
}

/** Times of keyframes to cut at, about so many entries apart, ascending. */
const cutsAt = (keyframes: readonly KeyframeRef[], firstSeq: number, entries: number): readonly Micros[] => {
  const cuts: Micros[] = []
  let lastSeq = firstSeq
  let lastTime = -Infinity
  for (const { seq, receiveTime } of keyframes) {
    if (seq - lastSeq < entries || receiveTime <= lastTime) continue
    cuts.push(receiveTime)
    lastSeq = seq
    lastTime = receiveTime
  }
  return cuts
}

/** The slices in order, at least one. Throws StoreFailure. */
export const sliceReplay = async (
  store: EventStore,
  streams: readonly SlicedStream[],
  range: ReplayRange,
  { mostSlices, leastEntries }: SliceLimits,
): Promise<readonly ReplaySlice[]> => {
  const whole = [{ range, after: undefined }]
  const hasSeq = range.from?.kind === 'seq' || range.to?.kind === 'seq'
  // A number means another time in each stream: there is no one instant to cut all of them at.
  if (mostSlices < 2 || (hasSeq && streams.length > 1)) return whole
  let heaviest: SlicedStream | undefined
  let headers: readonly ChunkHeader[] = []
  for (const sliced of streams) {
    const all = await store.headers(sliced.stream)
    if (!isMonotone(all)) return whole
    const own = all.filter((header) => touches(header, range))
    if (heaviest !== undefined && entriesOf(own) <= entriesOf(headers)) continue
    heaviest = sliced
    headers = own
  }
  const firstSeq = headers[0]?.firstSeq
  if (heaviest === undefined || firstSeq === undefined) return whole
  const { stream, venue } = heaviest
  const keyframes = (await store.keyframes(stream)).filter(
    (keyframe) =>
      keyframe.decoderVersion === venue.decoderVersion &&
      isBehind(keyframe, range.from) &&
      isInFront(keyframe, range.to) &&
      // Its entry may have been deleted: a slice must hold the one it ends with.
      headers.some((header) => header.firstSeq <= keyframe.seq && keyframe.seq <= header.lastSeq),
  )
  const apart = Math.max(leastEntries, entriesOf(headers) / mostSlices)
  const cuts = cutsAt(keyframes, firstSeq, apart).slice(0, mostSlices - 1)
  return [undefined, ...cuts].map((after, index) => {
    const end = cuts[index]
    const from = after === undefined ? range.from : ({ kind: 'time', time: microsOf(after + 1) } as const)
    return { range: { from, to: end === undefined ? range.to : { kind: 'time', time: end } }, after }
  })
}
