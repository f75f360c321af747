/** Records one pair on all its venues: what the forked process of a pair does. Threads and stores come as capabilities. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import { describeStoreError, type EventStore, type StoreError, StoreFailure } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import type { StreamId, VenueId } from '../market/instrument.ts'
import { Backoff } from '../transport/backoff.ts'
import type { Venue } from '../venues/venue.ts'
import { anchorClock, ClockSteering, STEERING_INTERVAL, systemTime } from './clock.ts'
import type { FromPair, PairConfig } from './pair-messages.ts'
import type { Scheduler } from './scheduler.ts'
import { StreamRecorder, type StreamRecorderOptions, type StreamThreads } from './stream-recorder.ts'
import type { FeedStart, KeeperStart, Sealer, StreamConfig } from './thread-messages.ts'

const STATUS_INTERVAL = 250
const REOPEN_DELAYS = { first: 500, most: 10_000 }

export interface PairCapabilities {
  readonly openStore: (url: string) => TaskEither<StoreError, EventStore>
  readonly openJournal: (
    place: { readonly store: string; readonly spool: string | undefined; readonly durability: number },
    stream: StreamId,
  ) => TaskEither<StoreError, Journal>
  readonly venueById: (id: VenueId) => Venue | undefined
  readonly startSealer: () => { readonly sealer: Sealer; readonly end: () => Promise<void> }
  readonly startThreads: (feed: FeedStart, keeper: KeeperStart) => StreamThreads
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly tell: (message: FromPair) => void
}

export class PairRecorder {
  private readonly capabilities: PairCapabilities
  private readonly config: PairConfig
  private readonly clock = anchorClock(systemTime)
  private readonly recorders: StreamRecorder[] = []
  private readonly stopControl = new AbortController()
  private starting: Promise<void> = Promise.resolve()
  private stopping: Promise<void> | undefined
  private store: EventStore | undefined
  private endSealer: (() => Promise<void>) | undefined
  private cancelTimers: (() => void)[] = []

  constructor(config: PairConfig, capabilities: PairCapabilities) {
    this.config = config
    this.capabilities = capabilities
  }

  /** Settles when recording has begun, or failed and was told. */
  async start(): Promise<void> {
    this.starting = this.begin().catch((error: unknown) => {
      if (!(error instanceof StoreFailure)) throw error
      this.capabilities.tell({ kind: 'failed', sentence: describeStoreError(error.error) })
    })
    await this.starting
  }

  /** Flushes, seals and stores; settles when nothing is open any more. May be called more than once. */
  async stop(): Promise<void> {
    this.stopControl.abort()
    this.stopping ??= this.finish()
    await this.stopping
  }

  private async begin(): Promise<void> {
    const { startSealer } = this.capabilities
    const store = (this.store = await this.openStore())
    if (store === undefined) return
    const { sealer, end } = startSealer()
    this.endSealer = end
    this.every(STATUS_INTERVAL, () => {
      this.tellStatus()
    })
    // In order: each has to recover through the one sealing thread.
    for (const stream of this.config.streams) {
      if (this.stopping !== undefined) return
      this.recorders.push(await this.record(stream, store, sealer))
    }
    const steering = new ClockSteering(this.clock)
    this.every(STEERING_INTERVAL, () => {
      const offset = steering.tick()
      if (offset !== undefined) for (const recorder of this.recorders) recorder.noteClock(offset)
    })
  }

  /** However long a server is away, unless recording is to end (undefined). Throws StoreFailure. */
  private async openStore(): Promise<EventStore | undefined> {
    const { openStore, random, scheduler, tell } = this.capabilities
    const { pair: about, store, isStoreRemote } = this.config
    const delays = new Backoff({ ...REOPEN_DELAYS, random })
    for (let isFirst = true; ; isFirst = false) {
      const opened = await openStore(store)()
      if (!isLeft(opened)) return opened.right
      if (!isStoreRemote) throw new StoreFailure(opened.left)
      const message = `${describeStoreError(opened.left)} Recording waits for it.`
      if (isFirst) tell({ kind: 'log', line: { level: 'warn', about, message } })
      if (this.stopControl.signal.aborted) return undefined
      await new Promise<void>((resolve) => {
        const cancel = scheduler.after(delays.next(), resolve)
        this.stopControl.signal.addEventListener('abort', () => {
          cancel()
          resolve()
        })
      })
      if (this.stopControl.signal.aborted) return undefined
    }
  }

  private async record(config: StreamConfig, store: EventStore, sealer: Sealer): Promise<StreamRecorder> {
    const { openJournal, venueById, startThreads, scheduler, random, tell } = this.capabilities
    const { stream } = config
    const venue = venueById(config.venue)
    if (venue === undefined) throw new Error(`there is no venue ${config.venue}`)
    const journal = await openJournal(this.config, stream)()
    if (isLeft(journal)) throw new StoreFailure(journal.left)
    const options: StreamRecorderOptions = {
      config,
      software: this.config.software,
      venue,
      journal: journal.right,
      store,
      sealer,
      clock: this.clock,
      scheduler,
      random,
      startThreads,
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
      onFailure: (sentence) => {
        tell({ kind: 'failed', sentence })
      },
    }
    try {
      return await StreamRecorder.start(options)
    } catch (error) {
      // Gives the stream free for another process.
      await journal.right.close().catch(() => undefined)
      throw error
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
    this.capabilities.tell({ kind: 'status', streams: this.recorders.map((recorder) => recorder.status()) })
  }

  private async finish(): Promise<void> {
    await this.starting
    await Promise.all(this.recorders.map((recorder) => recorder.stop()))
    for (const cancel of this.cancelTimers) cancel()
    await this.endSealer?.()
    await this.store?.close()
    this.tellStatus()
  }
}
