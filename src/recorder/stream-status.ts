/** A stream at a glance, as the status line shows it: plain data that crosses processes. */
import type { LatencyFigures } from '../log/clock-quality.ts'
import type { Seq } from '../log/entry.ts'
import type { InvalidReason } from '../market/event.ts'
import type { StreamId } from '../market/instrument.ts'
import type { ProductState } from '../market/product-state.ts'
import type { Micros } from '../market/time.ts'
import type { KeeperSummary } from '../replay/keeper/book-keeper.ts'
import type { ClockFigures } from './clock-sums.ts'
import type { RecordMode } from './thread-messages.ts'

export type StreamState =
  | 'starting' // recovering, or not connected yet
  | 'standby' // another recorder has it
  | 'connecting'
  | 'live' // connected
  | 'waiting' // disconnected, will connect again
  | 'refused' // the venue refuses; tried again slowly
  | 'stopped'
  | 'fenced' // another recorder has taken it over
  | 'failed' // given up

export interface StreamStatus {
  readonly stream: StreamId
  readonly mode: RecordMode
  readonly state: StreamState
  /** Entries of this run. */
  readonly entries: number
  /** Entries that the live book has taken: in mode snapshot the frames, of which samples alone are recorded. */
  readonly followed: number
  /** The last entry the journal has written. */
  readonly lastSeq: Seq
  /** When the last entry was received; null before the first one. */
  readonly lastReceiveTime: Micros | null
  /** When the venue last sent a frame to this run; null: not yet. What we note ourselves does not count. */
  readonly lastFrameTime: Micros | null
  /** Milliseconds since the venue last sent a frame, or recording began; the supervisor counts them, across runs. */
  readonly silence: number
  /** Of this run, as are the counts below. */
  readonly gaps: number
  readonly disconnects: number
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly undecoded: number
  /** Messages that came again, over redundant connections: what they are there for. */
  readonly duplicates: number
  /** Connections that are open now. */
  readonly connections: number
  readonly trades: number
  readonly valid: boolean
  /** Null when valid. */
  readonly reason: InvalidReason | null
  readonly verified: boolean
  /** Share of the run's time in which the book was valid, from 0 to 1. */
  readonly validShare: number
  /** Of the last trade; null: none yet. */
  readonly lastPrice: string | null
  /** Null where the book may not be used, or has no such side. */
  readonly bestBid: string | null
  readonly bestAsk: string | null
  /** What the venue says of the product; null: nothing yet. */
  readonly product: ProductState | null
  /** From venue to receipt; null: no frame told a time of the venue yet. */
  readonly latency: LatencyFigures | null
  /** How the machine's clocks stand; null: not told yet. */
  readonly clock: ClockFigures | null
  /** Chunks that wait in the journal for the seal or the store. */
  readonly spooledChunks: number
  /** Bytes of entries held in the journal, stored ones not freed yet among them. */
  readonly spooledBytes: number
  /** Why the store takes no chunks, or does not answer, and for how long already; null: nothing keeps it. */
  readonly storeAway: { readonly why: string; readonly milliseconds: number } | null
  /** Seals that did not agree with the live book. */
  readonly sealMismatches: number
  /** The book at the end of the last sealed chunk. */
  readonly digest: string | null
  readonly digestSeq: Seq | null
}

/** The status of a stream of which nothing is known yet. */
export const emptyStatus = (stream: StreamId, mode: RecordMode = 'full'): StreamStatus => ({
  stream,
  mode,
  state: 'starting',
  entries: 0,
  followed: 0,
  lastSeq: 0,
  lastReceiveTime: null,
  lastFrameTime: null,
  silence: 0,
  gaps: 0,
  disconnects: 0,
  checksums: { right: 0, wrong: 0 },
  undecoded: 0,
  duplicates: 0,
  connections: 0,
  trades: 0,
  valid: false,
  reason: 'no-snapshot',
  verified: false,
  validShare: 0,
  lastPrice: null,
  bestBid: null,
  bestAsk: null,
  product: null,
  latency: null,
  clock: null,
  spooledChunks: 0,
  spooledBytes: 0,
  storeAway: null,
  sealMismatches: 0,
  digest: null,
  digestSeq: null,
})

/** What the live book tells of a stream; undefined: nothing yet. */
export const statusOf = (stream: StreamId, summary: KeeperSummary | undefined): StreamStatus => {
  if (summary === undefined) return emptyStatus(stream)
  const { gaps, disconnects, checksums, undecodedFrames, trades, valid, reason, verified, bestBid, bestAsk } =
    summary
  const { lastReceiveTime, lastFrameTime, duplicates, product } = summary
  return {
    ...emptyStatus(stream),
    lastReceiveTime: lastReceiveTime > 0 ? lastReceiveTime : null,
    lastFrameTime: lastFrameTime > 0 ? lastFrameTime : null,
    gaps,
    disconnects,
    checksums,
    undecoded: undecodedFrames,
    followed: summary.entries,
    duplicates,
    trades,
    valid,
    reason,
    verified,
    bestBid: valid ? bestBid : null,
    bestAsk: valid ? bestAsk : null,
    product,
  }
}
