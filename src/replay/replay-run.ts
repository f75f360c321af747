/**
 * A replay under way: its streams, sought and merged, from their opening to their closing. Owns what `visit` and `replay`
 * have in common; who is told what, and when, is theirs.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { MalformedBatch } from '../log/entry.ts'
import { type EventStore, StoreFailure } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'
import { type Micros, microsOf } from '../market/time.ts'
import { BookKeeper } from './keeper/book-keeper.ts'
import { MergedHeads } from './merge.ts'
import { decodePlace, encodePlace, type ReplayPlace, type StreamPlace } from './position-token.ts'
import { type ReplayError, ReplayFailure } from './replay-failure.ts'
import { ReplayLane } from './replay-lane.ts'
import type { ReplayOptions } from './replay-options.ts'
import { addCounts, type ReplaySummary } from './replay-summary.ts'

const stop = (error: ReplayError): never => {
  throw new ReplayFailure(error)
}

const placeOf = (text: string | undefined): ReplayPlace | undefined => {
  if (text === undefined) return undefined
  const place = decodePlace(text)
  return isLeft(place) ? stop({ kind: 'bad-position', detail: place.left }) : place.right
}

/** The streams to play, each held by the store, none twice. */
const streamsToPlay = (
  held: readonly StreamId[],
  { streams: wanted }: ReplayOptions,
  place: ReplayPlace | undefined,
): readonly StreamId[] => {
  const streams = wanted ?? place?.streams.map(({ stream }) => stream) ?? held
  if (held.length === 0 && streams.length === 0) stop({ kind: 'empty-store' })
  streams.forEach((stream, index) => {
    if (!held.includes(stream)) stop({ kind: 'unknown-stream', stream, held })
    if (streams.indexOf(stream) !== index) stop({ kind: 'stream-twice', stream })
  })
  const isSame =
    place === undefined ||
    (place.streams.length === streams.length &&
      place.streams.every(({ stream }, index) => stream === streams[index]))
  const detail = 'The position is one of other streams, or of the same in another order.'
  if (!isSame) stop({ kind: 'bad-position', detail })
  return streams
}

export class ReplayRun {
  readonly lanes: readonly ReplayLane[]
  readonly heads: MergedHeads
  /** No further entry may be applied. */
  isStopped = false
  readonly options: ReplayOptions
  /** The lane whose entries are applied. */
  private lane: ReplayLane | undefined
  private readonly from: ReplayPlace['from']
  private readonly stopHere = (): void => {
    this.isStopped = true
  }

  private constructor(options: ReplayOptions, lanes: readonly ReplayLane[], from: ReplayPlace['from']) {
    this.options = options
    this.lanes = lanes
    this.from = from
    this.heads = new MergedHeads(lanes.map(({ player }) => player))
    this.isStopped = options.signal?.aborted === true
    options.signal?.addEventListener('abort', this.stopHere)
  }

  /** Every stream at its place, its first head fetched. Throws ReplayFailure. `isProbing`: the players have probes. */
  static async open(store: EventStore, options: ReplayOptions, isProbing: boolean): Promise<ReplayRun> {
    const place = placeOf(options.resumeFrom)
    const held = await told(async () => await store.streams())
    const from = place === undefined ? options.range?.from : place.from
    const lanes = streamsToPlay(held, options, place).map((stream, index) => {
      const venue = options.venueOf(stream) ?? stop({ kind: 'unknown-venue', stream })
      const resumed = place?.streams[index]
      const begin = resumed === undefined || resumed.seq === 0 ? from : afterPlace(resumed)
      const probe = isProbing ? new BookKeeper(venue) : undefined
      const { waitForMore, opener } = options
      const range = { from: begin, to: options.range?.to }
      return new ReplayLane({ store, stream, venue, range, resumed, probe, waitForMore, opener })
    })
    const run = new ReplayRun(options, lanes, from)
    try {
      await told(async () => {
        for (const lane of lanes) {
          await checkIsHeld(store, lane)
          await lane.player.seek()
        }
        for (const lane of lanes) if (!run.isStopped) await lane.player.fetch()
      })
    } catch (error) {
      await run.close()
      throw error
    }
    return run
  }

  /** The lane whose head comes next; undefined: there is none any more. */
  next(): ReplayLane | undefined {
    this.lane = this.isStopped ? undefined : this.lanes[this.heads.choose()]
    return this.lane
  }

  summary(isComplete = !this.isStopped): ReplaySummary {
    const streams = this.lanes.map((lane) => lane.summary())
    return { ...addCounts(streams), isComplete, position: this.position(), streams }
  }

  /** See `ReplaySummary.position`. */
  position(): string {
    return encodePlace({ from: this.from, streams: this.lanes.map((lane) => lane.place()) })
  }

  /** Refuses a range in which nothing was found, unless there may be more, or was before. */
  checkIsFound(): void {
    const { mayBeEmpty = false, resumeFrom, waitForMore } = this.options
    if (this.isStopped || mayBeEmpty || resumeFrom !== undefined || waitForMore !== undefined) return
    if (this.lanes.some(({ hasBegun }) => hasBegun)) return
    const streams = this.lanes.map(({ stream }) => stream)
    throw new ReplayFailure({ kind: 'empty-range', streams }, this.summary())
  }

  /** All entries received up to here were applied; undefined: there were none. */
  lastInstant(): Micros | undefined {
    const { lanes, options } = this
    const to = options.range?.to
    if (to?.kind === 'time' && lanes.some(({ player }) => player.isCutShort)) return to.time
    let last = -Infinity
    for (const { hasBegun, state } of lanes)
      if (hasBegun && state.receiveTime > last) last = state.receiveTime
    return last === -Infinity ? undefined : microsOf(last)
  }

  /** What the store threw becomes a ReplayFailure that says how far the replay came; all else stays as it is. */
  failureOf(error: unknown): unknown {
    const { lane } = this
    if (!(error instanceof MalformedBatch) || lane === undefined)
      return asFailure(error, () => this.summary(false))
    const { seq, stream } = lane.state
    return asFailure(new StoreFailure({ kind: 'damaged', stream, seq, detail: `${error.message}.` }), () =>
      this.summary(false),
    )
  }

  async close(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.stopHere)
    for (const { player } of this.lanes) await player.close()
  }
}

const checkIsHeld = async (store: EventStore, { stream, resumed }: ReplayLane): Promise<void> => {
  const last = resumed === undefined ? 0 : await store.lastSeq(stream)
  if (resumed === undefined || resumed.seq <= last) return
  const detail = `The position is at entry ${String(resumed.seq)} of ${stream}, which ends at entry ${String(last)}.`
  stop({ kind: 'bad-position', detail })
}

/** Behind the place; in a hole the hole is entered again, so that what stands behind it is told as it would have been. */
const afterPlace = ({ seq, receiveTime }: StreamPlace): { readonly kind: 'seq'; readonly seq: number } => ({
  kind: 'seq',
  seq: receiveTime === 0 ? seq : seq + 1,
})

const asFailure = (error: unknown, summary: () => ReplaySummary | undefined): unknown => {
  if (error instanceof StoreFailure)
    return new ReplayFailure({ kind: 'store', error: error.error }, summary())
  return error
}

const told = async <A>(use: () => Promise<A>): Promise<A> => {
  try {
    return await use()
  } catch (error) {
    throw asFailure(error, () => undefined)
  }
}
