/** What the threads of one recording process say to each other. Batches are read where they were packed; nothing is sent per frame. */
import type { Seq } from '../log/entry.ts'
import type { ClockPayload, RunManifest, RunMode } from '../log/payloads.ts'
import type { StreamId, VenueId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'
import type { KeeperSummary } from '../replay/keeper/book-keeper.ts'
import type { FeedCommand, RateLimit } from '../venues/venue.ts'
import type { Limited } from './asked-grants.ts'
import type { ClockAnchor } from './clock.ts'
import type { CarriedBatch } from './feed/carried-batch.ts'
import type { EntryBatch } from './feed/entry-log.ts'
import type { FeedReport } from './feed/feed-report.ts'
import type { Sampling } from './sampling/book-sampler.ts'
import type { LiveFigures } from './sealing/live-figures.ts'
import type { SealedChunk, SealerStart } from './sealing/stream-sealer.ts'

/** What of a stream is kept, and where: see RunMode. */
export type RecordMode = Exclude<RunMode, 'import'>

/** One stream to record, as it comes from the command line; holds no secrets. */
export interface StreamConfig {
  readonly stream: StreamId
  readonly venue: VenueId
  readonly pair: string
  readonly symbol: string
  readonly feed: string
  readonly endpoints: { readonly ws: string; readonly rest: string }
  readonly connectLimit: RateLimit
  readonly requestLimit: RateLimit
  /** Redundant connections of the stream. */
  readonly connections: number
  /** Milliseconds after which a connection is renewed; 0: never. */
  readonly renewAfter: number
  readonly mode: RecordMode
  /** Of mode `snapshot` alone. */
  readonly sampling?: Sampling | undefined
}

/** What a feed thread is started with. */
export interface FeedStart {
  readonly config: StreamConfig
  /** Undefined: the log has this run's first entry already. */
  readonly manifest: RunManifest | undefined
  readonly clock: ClockAnchor
  readonly lastSeq: Seq
  readonly lastReceiveTime: Micros
  readonly lastConnection: number
  /** Connects at once and keeps what comes until `begin` says where the log goes on; the numbers above mean nothing then. */
  readonly isHeld?: boolean
}

/** Where the log of a feed goes on that was started before this was known. */
export type FeedBegin = Pick<FeedStart, 'manifest' | 'lastSeq' | 'lastReceiveTime' | 'lastConnection'>

/** What a keeper thread is started with. `state`: see BookKeeper.restore. */
export interface KeeperStart {
  readonly stream: StreamId
  readonly venue: VenueId
  readonly state: Uint8Array
  /** The book is sampled, and the samples are the log; `state` does not count then. */
  readonly sampler: SamplerStart | undefined
}

/** Where a log of samples goes on. */
export interface SamplerStart extends Sampling {
  /** Undefined: the log has this run's first entry already. */
  readonly manifest: RunManifest | undefined
  readonly clock: ClockAnchor
  readonly lastSeq: Seq
  readonly lastReceiveTime: Micros
}

export type ToFeed =
  | { readonly kind: 'stop' }
  /** So many bytes of batches are with the operating system. */
  | { readonly kind: 'written'; readonly bytes: number }
  /** A batch in this room is not read by the journal's thread any more, nor by who seals. */
  | { readonly kind: 'freed'; readonly room: number }
  | ({ readonly kind: 'clock' } & ClockPayload)
  | { readonly kind: 'begin'; readonly begin: FeedBegin }
  /** What was asked for first may be done. */
  | { readonly kind: 'granted'; readonly what: Limited }

export type FromFeed =
  /** Every connection of a held feed delivers. */
  | { readonly kind: 'ready' }
  /** It wants to open a connection, or to send a request; `granted` answers. */
  | { readonly kind: 'ask'; readonly what: Limited }
  | { readonly kind: 'batch'; readonly batch: CarriedBatch }
  | { readonly kind: 'report'; readonly report: FeedReport }
  /** The last batch was sent. */
  | { readonly kind: 'ended' }

export type FeedToKeeper =
  | { readonly kind: 'batch'; readonly batch: CarriedBatch }
  /** Every entry that follows has a later time. */
  | { readonly kind: 'instant'; readonly time: Micros }
  | { readonly kind: 'end' }

export type KeeperToFeed =
  | { readonly kind: 'command'; readonly command: FeedCommand }
  | { readonly kind: 'started'; readonly connection: number }
  /** The batch that follows, of so many bytes, was applied, and is not read any more. */
  | { readonly kind: 'taken'; readonly bytes: number }

/** The live book at the end of a chunk. */
export interface LiveDigest {
  readonly seq: Seq
  readonly digest: string
  readonly digestSeq: Seq
}

/** The live book at a glance. */
export interface KeptBook {
  readonly summary: KeeperSummary
  readonly figures: LiveFigures
}

export type FromKeeper =
  | ({ readonly kind: 'summary' } & KeptBook)
  | { readonly kind: 'digest'; readonly live: LiveDigest }
  /** Of a log of samples. */
  | { readonly kind: 'batch'; readonly batch: EntryBatch }
  /** What the stream's entries mean cannot be followed any more; one sentence. */
  | { readonly kind: 'failed'; readonly sentence: string }
  | { readonly kind: 'started' }
  /** The last batch was applied. */
  | { readonly kind: 'ended' }

export type ToSealer =
  | { readonly kind: 'open'; readonly id: number; readonly venue: VenueId; readonly start: SealerStart }
  | {
      readonly kind: 'catch-up'
      readonly id: number
      readonly stream: StreamId
      readonly records: Uint8Array
    }
  | {
      readonly kind: 'seal'
      readonly id: number
      readonly stream: StreamId
      readonly records: Uint8Array
      readonly lastSeq: Seq
    }
  | { readonly kind: 'save'; readonly id: number; readonly stream: StreamId }
  | ToFollower

/** What follows a stream that has no keeper thread; needs no answer. */
export type ToFollower =
  | { readonly kind: 'follow'; readonly start: KeeperStart }
  | { readonly kind: 'followed'; readonly stream: StreamId; readonly batch: CarriedBatch }
  | { readonly kind: 'follow-ended'; readonly stream: StreamId }
  /** It is not recorded any more, unless it is opened and followed anew. */
  | { readonly kind: 'forget'; readonly stream: StreamId }

/** What a follower says of its stream. */
export interface FromFollower {
  readonly stream: StreamId
  readonly told: Exclude<FromKeeper, { kind: 'started' }> | KeeperToFeed
}

/** Answers in the order of the questions. */
export interface SealerAnswer {
  readonly id: number
  readonly sealed?: SealedChunk
  readonly state?: Uint8Array
  /** The question could not be answered; one sentence. */
  readonly failure?: string
}

export type FromSealer = SealerAnswer | FromFollower

/** The sealer as its users see it. Rejects when its thread died. */
export interface Sealer {
  readonly open: (venue: VenueId, start: SealerStart) => Promise<void>
  readonly catchUp: (stream: StreamId, records: Uint8Array) => Promise<void>
  readonly seal: (stream: StreamId, records: Uint8Array, lastSeq: Seq) => Promise<SealedChunk>
  readonly save: (stream: StreamId) => Promise<Uint8Array>
}
