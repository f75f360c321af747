/** Records one pair on all its venues: what the forked process of a pair does. Threads and stores come as capabilities. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import { describeStoreError, type EventStore, type StoreError, StoreFailure } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import type { StreamId, VenueId } from '../market/instrument.ts'
import { microsOf } from '../market/time.ts'
import type { Venue } from '../venues/venue.ts'
import { AskedGrants } from './asked-grants.ts'
import { anchorAtTick, ClockSteering, STEERING_INTERVAL } from './clock.ts'
import { ClockWatch } from './clock-watch.ts'
import { LeaseKeeper } from './ownership/lease-keeper.ts'
import { LoneStream } from './ownership/lone-stream.ts'
import { liveManifestOf } from './ownership/run-claim.ts'
import type { SpoolArchives } from './ownership/spool-archives.ts'
import { StreamOwner } from './ownership/stream-owner.ts'
import type { FromPair, PairConfig } from './pair-messages.ts'
import { isNoRoom } from './recovery.ts'
import type { Scheduler } from './scheduler.ts'
import { MOST_HELD_BYTES } from './sealing/chunk-memory.ts'
import { HeldBytes } from './sealing/held-bytes.ts'
import type { HeldFeed, OpenJournal, RunOptions, StreamThreads } from './stream-recorder-options.ts'
import type { StreamStatus } from './stream-status.ts'
import type { FeedStart, KeeperStart, Sealer, StreamConfig } from './thread-messages.ts'

const STATUS_INTERVAL = 250
/** So long the recorder before this one may take to end, in milliseconds, looked at so often. */
const TAKE_OVER_LIMIT = 300_000
const TAKE_OVER_LOOK = 50

/** One stream for as long as recording lasts; see StreamOwner and LoneStream. */
interface RecordedStream {
  readonly keep: () => Promise<void>
  readonly status: () => StreamStatus
  readonly noteClock: (offset: number) => void
  readonly stop: () => Promise<void>
}

/** What the methods that find a store's journals are told. */
type JournalPlace = Pick<PairConfig, 'store' | 'spool' | 'durability'>

export interface PairCapabilities {
  readonly openStore: (url: string) => TaskEither<StoreError, EventStore>
  readonly openJournal: (place: JournalPlace, stream: StreamId) => TaskEither<StoreError, Journal>
  readonly openArchives: (place: JournalPlace) => SpoolArchives
  /** A name that no other process has. */
  readonly newOwnerName: () => string
  readonly venueById: (id: VenueId) => Venue | undefined
  readonly startSealer: () => { readonly sealer: Sealer; readonly end: () => Promise<void> }
  readonly startThreads: (feed: FeedStart, keeper: KeeperStart) => StreamThreads
  readonly startHeldFeed: (feed: FeedStart, askGrant: RunOptions['askGrant']) => HeldFeed
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly tell: (message: FromPair) => void
}

export class PairRecorder {
  private readonly capabilities: PairCapabilities
  private readonly config: PairConfig
  private readonly clock = anchorAtTick()
  private readonly steering = new ClockSteering(this.clock)
  private readonly clockWatch = new ClockWatch()
  private readonly heldBytes = new HeldBytes(MOST_HELD_BYTES)
  private streams: readonly RecordedStream[] = []
  private readonly stopControl = new AbortController()
  private running: Promise<unknown> = Promise.resolve()
  private stopping: Promise<void> | undefined
  private opening: Promise<EventStore> | undefined
  /** Feeds that run before their streams are this recorder's. */
  private readonly heldFeeds = new Map<StreamId, HeldFeed>()
  readonly grants: AskedGrants
  private endSealer: (() => Promise<void>) | undefined
  private cancelTimers: (() => void)[] = []

  constructor(config: PairConfig, capabilities: PairCapabilities) {
    this.config = config
    this.capabilities = capabilities
    this.grants = new AskedGrants((stream, what) => {
      capabilities.tell({ kind: 'ask', stream, what })
    })
  }

  /** Begins to record; what fails is told. */
  start(): void {
    try {
      this.begin()
    } catch (error) {
      this.tellFailure(error)
    }
  }

  /** Flushes, seals and stores; settles when nothing is open any more. May be called more than once. */
  async stop(): Promise<void> {
    this.stopControl.abort()
    this.stopping ??= this.finish()
    await this.stopping
  }

  private begin(): void {
    const { startSealer } = this.capabilities
    const { sealer, end } = startSealer()
    this.endSealer = end
    this.streams = this.config.isStoreRemote ? this.sharedStreams(sealer) : this.loneStreams(sealer)
    this.every(STATUS_INTERVAL, () => {
      this.tellStatus()
    })
    this.every(STEERING_INTERVAL, () => {
      this.clockWatch.tick()
      const offset = this.steering.tick()
      if (offset !== undefined) for (const stream of this.streams) stream.noteClock(offset)
    })
    this.running = Promise.all(
      this.streams.map(async (stream) => {
        await stream.keep().catch((error: unknown) => {
          this.noteFailure(stream.status().stream, error)
        })
      }),
    )
  }

  /** Where other pairs are recorded in the same process, a stream that fails ends alone. */
  private noteFailure(stream: StreamId, error: unknown): void {
    if (this.config.mode !== 'light' || !(error instanceof StoreFailure)) {
      this.tellFailure(error)
      return
    }
    const { tell } = this.capabilities
    const sentence = describeStoreError(error.error)
    tell({ kind: 'log', line: { level: 'error', about: stream, message: sentence } })
    tell({ kind: 'ended', stream, sentence, hasNoRoom: isNoRoom(error) })
  }

  private tellFailure(error: unknown): void {
    if (!(error instanceof StoreFailure)) throw error
    const { tell } = this.capabilities
    const sentence = describeStoreError(error.error)
    tell({ kind: 'log', line: { level: 'error', about: this.config.pair, message: sentence } })
    tell({ kind: 'failed', sentence, hasNoRoom: isNoRoom(error) })
  }

  private loneStreams(sealer: Sealer): readonly RecordedStream[] {
    return this.config.streams.map(
      (stream) =>
        new LoneStream({
          run: this.runOptions(stream, sealer),
          openJournal: this.openJournal,
          reach: this.reach,
        }),
    )
  }

  private sharedStreams(sealer: Sealer): readonly RecordedStream[] {
    const { scheduler, newOwnerName, openArchives } = this.capabilities
    const { patience, standsBy } = this.config
    const archives = openArchives(this.config)
    const owners = new Map<StreamId, StreamOwner>()
    const leases = new LeaseKeeper({
      owner: newOwnerName(),
      recorder: archives.recorderId(),
      scheduler,
      patience,
      onLost: (stream) => {
        owners.get(stream)?.noteLost()
      },
    })
    const { openJournal, reach } = this
    for (const stream of this.config.streams) {
      const run = this.runOptions(stream, sealer)
      owners.set(stream.stream, new StreamOwner({ run, leases, archives, openJournal, reach, standsBy }))
    }
    return [...owners.values()]
  }

  /** One for all streams of the process, opened at the first call that finds it there. Rejects with StoreFailure. */
  private readonly reach = async (): Promise<EventStore> => {
    this.opening ??= this.openStore()
    const { opening } = this
    try {
      return await opening
    } catch (error) {
      if (this.opening === opening) this.opening = undefined
      throw error
    }
  }

  private async openStore(): Promise<EventStore> {
    const opened = await this.capabilities.openStore(this.config.store)()
    if (isLeft(opened)) throw new StoreFailure(opened.left)
    return opened.right
  }

  /** One that takes a stream over waits for the recorder that has it. */
  private readonly openJournal: OpenJournal = async (stream) => {
    for (let waited = 0; ; waited += TAKE_OVER_LOOK) {
      const opened = await this.capabilities.openJournal(this.config, stream)()
      if (!isLeft(opened)) return opened.right
      const mayBeFreed = opened.left.kind === 'unavailable' && this.heldFeeds.has(stream)
      if (!mayBeFreed || waited >= TAKE_OVER_LIMIT || this.stopControl.signal.aborted)
        throw new StoreFailure(opened.left)
      await new Promise<void>((resolve) => {
        this.capabilities.scheduler.after(TAKE_OVER_LOOK, resolve)
      })
    }
  }

  /** Connects before the stream is this recorder's. */
  private holdFeed(config: StreamConfig, venue: Venue): void {
    const { startHeldFeed, tell } = this.capabilities
    const { stream } = config
    const held = startHeldFeed(
      {
        config,
        manifest: liveManifestOf({ config, venue, software: this.config.software }),
        clock: this.clock,
        lastSeq: 0,
        lastReceiveTime: microsOf(0),
        lastConnection: 0,
      },
      this.grants.of(stream),
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
    return held === undefined ? this.capabilities.startThreads(feed, keeper) : held.begin(feed, keeper)
  }

  private runOptions(config: StreamConfig, sealer: Sealer): RunOptions {
    const { venueById, scheduler, random, tell } = this.capabilities
    const { startThreads } = this
    const { stream } = config
    const venue = venueById(config.venue)
    if (venue === undefined) throw new Error(`there is no venue ${config.venue}`)
    if (this.config.takesOver) this.holdFeed(config, venue)
    return {
      config,
      software: this.config.software,
      venue,
      sealer,
      heldBytes: this.heldBytes,
      clock: this.clock,
      clockFigures: () => ({ offset: this.steering.offset(), ...this.clockWatch.figures() }),
      scheduler,
      random,
      startThreads,
      askGrant: this.grants.of(stream),
      stopSignal: this.stopControl.signal,
      writeLog: (line) => {
        tell({ kind: 'log', line })
      },
      spoolLimit: this.config.spoolLimit,
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
        if (this.config.mode === 'light') tell({ kind: 'ended', stream, sentence, hasNoRoom })
        else tell({ kind: 'failed', sentence, hasNoRoom })
      },
    }
  }

  private every(milliseconds: number, action: () => void): void {
    const place = this.cancelTimers.length
    const again = (): void => {
      action()
      this.cancelTimers[place] = this.capabilities.scheduler.after(milliseconds, again)
    }
    this.cancelTimers[place] = this.capabilities.scheduler.after(milliseconds, again)
  }

  private tellStatus(): void {
    this.capabilities.tell({ kind: 'status', streams: this.streams.map((stream) => stream.status()) })
  }

  private async finish(): Promise<void> {
    await Promise.all(this.streams.map((stream) => stream.stop()))
    await this.running
    for (const cancel of this.cancelTimers) cancel()
    for (const held of this.heldFeeds.values()) await held.end()
    await this.endSealer?.()
    const store = await this.opening?.catch(() => undefined)
    await store?.close()
    this.tellStatus()
  }
}
