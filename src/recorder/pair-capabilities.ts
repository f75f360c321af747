/** What a PairRecorder is made of: threads, stores and journals as capabilities. */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import type { EventStore, StoreError } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import type { StreamId, VenueId } from '../market/instrument.ts'
import type { Venue } from '../venues/venue.ts'
import type { SpoolArchives } from './ownership/spool-archives.ts'
import type { FromPair, PairConfig } from './pair-messages.ts'
import type { Scheduler } from './scheduler.ts'
import type { HeldFeed, RunOptions, StreamThreads } from './stream-recorder-options.ts'
import type { FeedStart, KeeperStart, Sealer } from './thread-messages.ts'

/** What the methods that find a store's journals are told. */
type JournalPlace = Pick<PairConfig, 'store' | 'spool' | 'durability'>

/** A sealing thread. */
export interface SealerThread {
  readonly sealer: Sealer
  /** Nothing of this stream is sealed any more, unless it is opened anew. */
  readonly forget: (stream: StreamId) => void
  readonly end: () => Promise<void>
}

export interface PairCapabilities {
  readonly openStore: (url: string) => TaskEither<StoreError, EventStore>
  readonly openJournal: (place: JournalPlace, stream: StreamId) => TaskEither<StoreError, Journal>
  readonly openArchives: (place: JournalPlace) => SpoolArchives
  /** A name that no other process has. */
  readonly newOwnerName: () => string
  readonly venueById: (id: VenueId) => Venue | undefined
  readonly startSealer: () => SealerThread
  readonly startThreads: (feed: FeedStart, keeper: KeeperStart) => StreamThreads
  readonly startHeldFeed: (feed: FeedStart, askGrant: RunOptions['askGrant']) => HeldFeed
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly tell: (message: FromPair) => void
}
