/** What a StreamRecorder is made of: the stream, where it goes on, and every effect as a capability. */
import type { EventStore } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import type { StreamId } from '../market/instrument.ts'
import type { Venue } from '../venues/venue.ts'
import type { AskGrant } from './asked-grants.ts'
import type { ClockAnchor } from './clock.ts'
import type { ClockFigures } from './clock-sums.ts'
import type { WriteLog } from './recorder-log.ts'
import type { LogEnd } from './recovery.ts'
import type { Scheduler } from './scheduler.ts'
import type { Resumed } from './sealing/chunk-writer.ts'
import type { HeldBytes } from './sealing/held-bytes.ts'
import type {
  FeedStart,
  FromFeed,
  FromKeeper,
  KeeperStart,
  Sealer,
  StreamConfig,
  ToFeed,
} from './thread-messages.ts'

/** The feed's and the live book's threads of one stream. */
export interface StreamThreads {
  readonly tellFeed: (message: ToFeed) => void
  readonly onFeed: (listener: (message: FromFeed) => void) => void
  readonly onKeeper: (listener: (message: FromKeeper) => void) => void
  readonly end: () => Promise<void>
}

/** A feed that runs before it is known where its stream's log goes on. */
export interface HeldFeed {
  /** Settles when every one of its connections delivers. */
  readonly ready: Promise<void>
  /** The log goes on there: what was kept is written first. Once at most. */
  readonly begin: (feed: FeedStart, keeper: KeeperStart) => StreamThreads
  /** It is not wanted any more. */
  readonly end: () => Promise<void>
}

/** How a stream is recorded into a store that several machines share. */
export interface SharedRun {
  /** Number of the run, in its manifest. */
  readonly epoch: number
  readonly recorder: string
  /** Asked for the store when it was away at the start; see ChunkWriter. */
  readonly resume: () => Promise<Resumed>
}

export interface StreamRecorderOptions {
  readonly config: StreamConfig
  readonly software: string
  readonly venue: Venue
  readonly journal: Journal
  /** Undefined: it is away; `shared` says how it is reached later. */
  readonly store: EventStore | undefined
  /** The end of what is stored, as far as it is known; the sealer stands there unless the store is away. */
  readonly stored: LogEnd
  /** Undefined: nobody else can write into the store. */
  readonly shared: SharedRun | undefined
  readonly sealer: Sealer
  /** What all streams of the process may hold in memory until it is sealed. */
  readonly heldBytes: HeldBytes
  readonly clock: ClockAnchor
  /** How the machine's clocks stand. */
  readonly clockFigures: () => ClockFigures
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly startThreads: (feed: FeedStart, keeper: KeeperStart) => StreamThreads
  /** How this stream asks for what its venue limits. */
  readonly askGrant: AskGrant
  /** Aborted when recording is to end: a start that waits for the store gives up. */
  readonly stopSignal: AbortSignal
  readonly writeLog: WriteLog
  /** The stream delivers, for the first time. */
  readonly onStarted: () => void
  /** It never delivered, and what was tried failed; one sentence. It goes on trying. */
  readonly onCouldNotStart: (sentence: string) => void
  /** Bytes of entries that may wait for the store. */
  readonly spoolLimit: number
  /** Recording ended before its time, cleanly; one sentence. */
  readonly onEnded: (sentence: string) => void
  /** Nothing more can be journaled or stored; one sentence. `hasNoRoom`: because the disk is full. */
  readonly onFailure: (sentence: string, hasNoRoom: boolean) => void
  /** Another recorder has the stream now: this one writes nothing more, and waits for `stop`. */
  readonly onFenced: () => void
}

/** What every recorder of a stream is made of; what differs from run to run is left out. */
export type RunOptions = Omit<StreamRecorderOptions, 'journal' | 'store' | 'stored' | 'shared' | 'onFenced'>

/** Rejects with StoreFailure. */
export type OpenJournal = (stream: StreamId) => Promise<Journal>
