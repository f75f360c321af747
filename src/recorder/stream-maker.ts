/**
 * Makes what records one stream of a pair's process: alone on this machine, or in a store that several machines share.
 * Knows the feeds that run ahead of their streams; which streams there are is RecordedStreams'.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { type EventStore, StoreFailure } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'
import { microsOf } from '../market/time.ts'
import type { Venue } from '../venues/venue.ts'
import type { AskedGrants } from './asked-grants.ts'
import type { ClockAnchor } from './clock.ts'
import { LeaseKeeper } from './ownership/lease-keeper.ts'
import { LoneStream } from './ownership/lone-stream.ts'
import { liveManifestOf } from './ownership/run-claim.ts'
import type { SpoolArchives } from './ownership/spool-archives.ts'
import { StreamOwner, type StreamOwnerOptions } from './ownership/stream-owner.ts'
import type { PairCapabilities } from './pair-capabilities.ts'
import type { PairConfig } from './pair-messages.ts'
import type { HeldBytes } from './sealing/held-bytes.ts'
import type { HeldFeed, OpenJournal, RunOptions, StreamThreads } from './stream-recorder-options.ts'
import type { StreamStatus } from './stream-status.ts'
import type { FeedStart, KeeperStart, Sealer, StreamConfig } from './thread-messages.ts'

/** So long the recorder before this one may take to end, in milliseconds, looked at so often. */
const TAKE_OVER_LIMIT = 300_000
const TAKE_OVER_LOOK = 50

/** One stream for as long as it is wanted; see StreamOwner and LoneStream. */
export interface RecordedStream {
  readonly keep: () => Promise<void>
  readonly status: () => StreamStatus
  readonly noteClock: (offset: number) => void
  /** Settles when nothing of it is open any more. May be called more than once. */
  readonly stop: () => Promise<void>
}

export interface StreamMakerOptions {
  readonly config: PairConfig
  readonly capabilities: PairCapabilities
  readonly sealer: Sealer
  /** One store for all streams. Rejects with StoreFailure. */
  readonly reach: () => Promise<EventStore>
  readonly heldBytes: HeldBytes
  readonly clock: ClockAnchor
  readonly clockFigures: RunOptions['clockFigures']
  readonly grants: AskedGrants
}

/** What the streams of a shared store have in common. */
interface Sharing {
  readonly archives: SpoolArchives
  readonly leases: LeaseKeeper
}

export class StreamMaker {
  private readonly options: StreamMakerOptions
  private readonly sharing: Sharing | undefined
  private readonly owners = new Map<StreamId, StreamOwner>()
  /** Feeds that run before their streams are this recorder's. */
  private readonly heldFeeds = new Map<StreamId, HeldFeed>()

  /** Throws StoreFailure. */
  constructor(options: StreamMakerOptions) {
    this.options = options
    this.sharing = options.config.isStoreRemote ? this.share() : undefined
  }

  /** `takesOver`: connects before the stream is this recorder's. One of each stream at a time. */
  make(config: StreamConfig, takesOver: boolean): RecordedStream {
    const { reach } = this.options
    const control = new AbortController()
    const run = this.runOptions(config, control.signal, takesOver)
    const openJournal: OpenJournal = async (stream) => await this.openJournal(stream, control.signal)
    const made =
      this.sharing === undefined
        ? new LoneStream({ run, openJournal, reach })
        : this.own({ run, openJournal, reach, ...this.sharing })
    let stopping: Promise<void> | undefined
    return {
      keep: async () => {
        await made.keep()
      },
      status: () => made.status(),
      noteClock: (offset) => {
        made.noteClock(offset)
      },
      stop: async () => {
        control.abort()
        stopping ??= made.stop().then(async () => {
          await this.forget(config.stream)
        })
        await stopping
      },
    }
  }

  private async forget(stream: StreamId): Promise<void> {
    this.owners.delete(stream)
    this.options.grants.forget(stream)
    const held = this.heldFeeds.get(stream)
    this.heldFeeds.delete(stream)
    await held?.end()
  }

  private share(): Sharing {
    const { config, capabilities } = this.options
    const { scheduler, newOwnerName, openArchives } = capabilities
    const archives = openArchives(config)
    const leases = new LeaseKeeper({
      owner: newOwnerName(),
      recorder: archives.recorderId(),
      scheduler,
      patience: config.patience,
      onLost: (stream) => {
        this.owners.get(stream)?.noteLost()
      },
    })
    return { archives, leases }
  }

  private own(options: Omit<StreamOwnerOptions, 'standsBy'>): StreamOwner {
    const owner = new StreamOwner({ ...options, standsBy: this.options.config.standsBy })
    this.owners.set(options.run.config.stream, owner)
    return owner
  }

  /** One that takes a stream over waits for the recorder that has it. */
  private readonly openJournal = async (stream: StreamId, signal: AbortSignal): ReturnType<OpenJournal> => {
    const { config, capabilities } = this.options
    for (let waited = 0; ; waited += TAKE_OVER_LOOK) {
      const opened = await capabilities.openJournal(config, stream)()
      if (!isLeft(opened)) return opened.right
      const mayBeFreed = opened.left.kind === 'unavailable' && this.heldFeeds.has(stream)
      if (!mayBeFreed || waited >= TAKE_OVER_LIMIT || signal.aborted) throw new StoreFailure(opened.left)
      await new Promise<void>((resolve) => {
        capabilities.scheduler.after(TAKE_OVER_LOOK, resolve)
      })
    }
  }

  /** Connects before the stream is this recorder's. */
  private holdFeed(config: StreamConfig, venue: Venue): void {
    const { capabilities, clock, grants } = this.options
    const { startHeldFeed, tell } = capabilities
    const { stream } = config
    const held = startHeldFeed(
      {
        config,
        manifest: liveManifestOf({ config, venue, software: this.options.config.software }),
        clock,
        lastSeq: 0,
        lastReceiveTime: microsOf(0),
        lastConnection: 0,
      },
      grants.of(stream),
    )
    this.heldFeeds.set(stream, held)
    void held.ready.then(() => {
      tell({ kind: 'ready', stream })
    })
  }

  /** The first run of a stream goes on with the feed that was held for it. */
  private readonly startThreads = (feed: FeedStart, keeper: KeeperStart): StreamThreads => {
    const { stream } = feed.config
    const held = this.heldFeeds.get(stream)
    this.heldFeeds.delete(stream)
    return held === undefined
      ? this.options.capabilities.startThreads(feed, keeper)
      : held.begin(feed, keeper)
  }

  private runOptions(config: StreamConfig, stopSignal: AbortSignal, takesOver: boolean): RunOptions {
    const { capabilities, sealer, heldBytes, clock, clockFigures, grants } = this.options
    const { software, spoolLimit, mode } = this.options.config
    const { venueById, scheduler, random, tell } = capabilities
    const { startThreads } = this
    const { stream } = config
    const venue = venueById(config.venue)
    if (venue === undefined) throw new Error(`there is no venue ${config.venue}`)
    if (takesOver) this.holdFeed(config, venue)
    return {
      config,
      software,
      venue,
      sealer,
      heldBytes,
      clock,
      clockFigures,
      scheduler,
      random,
      startThreads,
      askGrant: grants.of(stream),
      stopSignal,
      writeLog: (line) => {
        tell({ kind: 'log', line })
      },
      spoolLimit,
      onEnded: (sentence) => {
        tell({ kind: 'ended', stream, sentence })
      },
      onStarted: () => {
        tell({ kind: 'started', stream })
      },
      onCouldNotStart: (sentence) => {
        tell({ kind: 'could-not-start', stream, sentence })
      },
      onFailure: (sentence, hasNoRoom) => {
        if (mode === 'light') tell({ kind: 'ended', stream, sentence, hasNoRoom })
        else tell({ kind: 'failed', sentence, hasNoRoom })
      },
    }
  }
}
