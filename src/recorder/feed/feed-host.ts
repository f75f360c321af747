/** Runs a Feed inside its thread: carries batches to the journal and to the live book, and commands back. */
import type { MessagePort } from 'node:worker_threads'

import type { Micros } from '../../market/time.ts'
import { getRest } from '../../transport/rest.ts'
import { connectWebSocket } from '../../transport/websocket.ts'
import type { Credentials, Venue } from '../../venues/venue.ts'
import { Clock } from '../clock.ts'
import { systemScheduler } from '../scheduler.ts'
import type { FeedStart, FeedToKeeper, FromFeed, KeeperToFeed, ToFeed } from '../thread-messages.ts'
import { type EntryBatch, EntryLog } from './entry-log.ts'
import { Feed } from './feed.ts'

/** The socket is not read while the journal or the live book lags by more bytes than this, until it lags by half of it. */
const MOST_LAG_BYTES = 64 * 1024 * 1024

export interface FeedHostOptions {
  readonly start: FeedStart
  readonly venue: Venue
  readonly credentials: Credentials | undefined
  /** To the thread that journals. */
  readonly main: MessagePort
  /** To the thread that keeps the live book; undefined: the journal's thread passes on what concerns it. */
  readonly keeper: MessagePort | undefined
}

/** How many bytes of batches somebody who follows has still to take. */
class Lag {
  isTooFar = false
  private bytes = 0

  add(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > MOST_LAG_BYTES) this.isTooFar = true
  }

  take(bytes: number): void {
    this.bytes -= bytes
    if (this.bytes < MOST_LAG_BYTES / 2) this.isTooFar = false
  }
}

const own = (bytes: Uint8Array): ArrayBuffer[] => (bytes.byteLength > 0 ? [bytes.buffer as ArrayBuffer] : [])

/** Hands batches to those who follow, and knows how far each of them is behind. */
class BatchCarrier {
  private readonly journalLag = new Lag()
  private readonly bookLag = new Lag()
  private readonly main: MessagePort
  private readonly keeper: MessagePort | undefined
  private readonly isJournaled: boolean

  constructor({ main, keeper, start }: FeedHostOptions) {
    this.main = main
    this.keeper = keeper
    this.isJournaled = start.config.sampling === undefined
  }

  carry(batch: EntryBatch): void {
    if (this.isJournaled) {
      // The journal's copy is of the exact size; the live book's one is short-lived and may carry slack.
      const copy = batch.records.slice()
      const toMain: FromFeed = { kind: 'batch', batch: { ...batch, records: copy } }
      this.main.postMessage(toMain, own(copy))
      this.journalLag.add(batch.records.length)
    }
    this.bookLag.add(batch.records.length)
    const toKeeper: FeedToKeeper = { kind: 'batch', batch }
    this.keeper?.postMessage(toKeeper, own(batch.records))
  }

  /** All batches up to this instant were carried. */
  tellInstant(time: Micros): void {
    const toKeeper: FeedToKeeper = { kind: 'instant', time }
    this.keeper?.postMessage(toKeeper)
  }

  /** By the live book, or written by the journal. */
  taken({ kind, bytes }: { readonly kind: 'taken' | 'written'; readonly bytes: number }): void {
    if (kind === 'taken') this.bookLag.take(bytes)
    else this.journalLag.take(bytes)
  }

  tellMain(message: FromFeed): void {
    this.main.postMessage(message)
  }

  get isLagging(): boolean {
    return this.journalLag.isTooFar || this.bookLag.isTooFar
  }

  /** The last batch was carried. */
  end(): void {
    const toKeeper: FeedToKeeper = { kind: 'end' }
    this.keeper?.postMessage(toKeeper)
    this.tellMain({ kind: 'ended' })
  }
}

/** Tells the instants at which books are sampled, if they are, until the answer is called. */
const tellInstants = (
  interval: number | undefined,
  now: () => Micros,
  log: EntryLog,
  carrier: BatchCarrier,
): (() => void) => {
  let cancel = (): void => undefined
  const wait = (): void => {
    if (interval === undefined) return
    const milliseconds = Math.ceil((interval - (now() % interval)) / 1000)
    cancel = systemScheduler.after(milliseconds, () => {
      carrier.tellInstant(log.passInstant())
      wait()
    })
  }
  wait()
  return () => {
    cancel()
  }
}

const newFeed = (
  { start, venue, credentials }: FeedHostOptions,
  log: EntryLog,
  now: () => Micros,
  carrier: BatchCarrier,
): Feed => {
  const { symbol, feed, endpoints, connectsPerMinute } = start.config
  return new Feed({
    venue,
    manifest: start.manifest,
    session: { symbol, feed, credentials },
    endpoints,
    connectsPerMinute,
    lastConnection: start.lastConnection,
    log,
    connect: connectWebSocket,
    get: getRest,
    now,
    scheduler: systemScheduler,
    random: () => Math.random(),
    onReport: (report) => {
      carrier.tellMain({ kind: 'report', report })
    },
  })
}

/** Starts the feed and keeps it going until it is told to stop. */
export const hostFeed = (options: FeedHostOptions): void => {
  const { main, keeper, start } = options
  const carrier = new BatchCarrier(options)
  const clock = new Clock(start.clock)
  const now = () => clock.now()
  const onBatch = (batch: EntryBatch): void => {
    carrier.carry(batch)
    brake()
  }
  const log = new EntryLog({ ...start, now, scheduler: systemScheduler, onBatch })
  let isPaused = false
  const brake = (): void => {
    if (carrier.isLagging === isPaused) return
    isPaused = carrier.isLagging
    if (isPaused) feed.pause()
    else feed.resume()
  }
  const feed = newFeed(options, log, now, carrier)
  const { sampling } = start.config
  const endInstants = tellInstants(sampling?.interval, now, log, carrier)
  const hear = (message: ToFeed | KeeperToFeed): void => {
    switch (message.kind) {
      case 'command':
        feed.handle(message.command)
        return
      case 'started':
        feed.noteStarted()
        return
      case 'clock':
        feed.noteClock(message.offset, message.quality)
        return
      case 'taken':
      case 'written':
        carrier.taken(message)
        brake()
        return
      case 'stop':
        endInstants()
        void feed.stop().then(() => {
          carrier.end()
        })
    }
  }
  keeper?.on('message', hear)
  main.on('message', hear)
  feed.start()
}
