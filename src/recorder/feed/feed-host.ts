/** Runs a Feed inside its thread: carries batches to the journal and to the live book, and commands back. */
import type { MessagePort } from 'node:worker_threads'

import { EntryWriter } from '../../log/entry.ts'
import { encodeJson } from '../../log/payloads.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { BookKeeper } from '../../replay/keeper/book-keeper.ts'
import { getRest } from '../../transport/rest.ts'
import { connectWebSocket } from '../../transport/websocket.ts'
import type { Credentials, Venue } from '../../venues/venue.ts'
import { Clock } from '../clock.ts'
import { systemScheduler } from '../scheduler.ts'
import type {
  FeedBegin,
  FeedStart,
  FeedToKeeper,
  FromFeed,
  KeeperToFeed,
  ToFeed,
} from '../thread-messages.ts'
import { type EntryBatch, EntryLog } from './entry-log.ts'
import { Feed } from './feed.ts'
import { HeldLog } from './held-log.ts'

/** The socket is not read while the journal or the live book lags by more bytes than this, until it lags by half of it. */
const MOST_LAG_BYTES = 64 * 1024 * 1024

export interface FeedHostOptions {
  readonly start: FeedStart
  readonly venue: Venue
  readonly credentials: Credentials | undefined
  /** To the thread that journals. */
  readonly main: MessagePort
  /** To the thread that keeps the live book. */
  readonly keeper: MessagePort
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

/** Hands batches to both who follow, and knows how far each of them is behind. */
class BatchCarrier {
  readonly journalLag = new Lag()
  readonly bookLag = new Lag()
  private readonly main: MessagePort
  private readonly keeper: MessagePort

  constructor(main: MessagePort, keeper: MessagePort) {
    this.main = main
    this.keeper = keeper
  }

  carry(batch: EntryBatch): void {
    // The journal's copy is of the exact size; the live book's one is short-lived and may carry slack.
    const copy = batch.records.slice()
    const toMain: FromFeed = { kind: 'batch', batch: { ...batch, records: copy } }
    this.main.postMessage(toMain, own(copy))
    this.journalLag.add(batch.records.length)
    this.bookLag.add(batch.records.length)
    const toKeeper: FeedToKeeper = { kind: 'batch', batch }
    this.keeper.postMessage(toKeeper, own(batch.records))
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
    this.keeper.postMessage(toKeeper)
    this.tellMain({ kind: 'ended' })
  }
}

const newLog = (begin: FeedBegin, now: () => Micros, carrier: BatchCarrier, onBatch: () => void): EntryLog =>
  new EntryLog({
    ...begin,
    now,
    scheduler: systemScheduler,
    onBatch: (batch) => {
      carrier.carry(batch)
      onBatch()
    },
  })

/** Watches what a held feed receives, and says once when every connection delivers. */
const newScout = (
  { start, venue }: FeedHostOptions,
  onReady: () => void,
): ((records: Uint8Array) => void) => {
  let started = 0
  const scout = new BookKeeper(venue, {
    onStarted: () => {
      started++
      if (started === start.config.connections) onReady()
    },
  })
  if (start.manifest !== undefined) {
    const writer = new EntryWriter(1024)
    writer.append('run-started', 0, microsOf(0), 0, encodeJson(start.manifest))
    scout.applyRecords(writer.take() ?? new Uint8Array(0))
  }
  return (records) => {
    if (started < start.config.connections) scout.applyRecords(records)
  }
}

const newFeed = (
  { start, venue, credentials }: FeedHostOptions,
  log: EntryLog | HeldLog,
  now: () => Micros,
  carrier: BatchCarrier,
): Feed => {
  const { symbol, feed, endpoints, connectsPerMinute, connections } = start.config
  return new Feed({
    venue,
    manifest: start.isHeld === true ? undefined : start.manifest,
    session: { symbol, feed, credentials },
    endpoints,
    connectsPerMinute,
    lines: connections,
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

const newHeldLog = (
  options: FeedHostOptions,
  carrier: BatchCarrier,
  now: () => Micros,
  onHeld: () => void,
): HeldLog => {
  const look = newScout(options, () => {
    carrier.tellMain({ kind: 'ready' })
  })
  return new HeldLog({
    now,
    scheduler: systemScheduler,
    onHeld: (records) => {
      look(records)
      onHeld()
    },
  })
}

/** Starts the feed and keeps it going until it is told to stop. */
export const hostFeed = (options: FeedHostOptions): void => {
  const { main, keeper } = options
  const carrier = new BatchCarrier(main, keeper)
  let isPaused = false
  const brake = (): void => {
    const mustPause = carrier.isLagging || (held !== undefined && held.heldBytes > MOST_LAG_BYTES)
    if (mustPause === isPaused) return
    isPaused = mustPause
    if (isPaused) feed.pause()
    else feed.resume()
  }
  const clock = new Clock(options.start.clock)
  const now = (): Micros => clock.now()
  const held =
    options.start.isHeld === true
      ? newHeldLog(options, carrier, now, () => {
          brake()
        })
      : undefined
  const log = held ?? newLog(options.start, now, carrier, brake)
  const feed = newFeed(options, log, now, carrier)
  const begin = (place: FeedBegin): void => {
    const real = newLog(place, now, carrier, brake)
    // At the time of the log's last entry: what was kept came before now, and times never go back.
    if (place.manifest !== undefined)
      real.append('run-started', 0, encodeJson(place.manifest), false, place.lastReceiveTime)
    feed.renumber(place.lastConnection)
    held?.release(real, place.lastConnection)
    brake()
  }
  keeper.on('message', (message: KeeperToFeed) => {
    if (message.kind === 'command') feed.handle(message.command)
    else if (message.kind === 'started') feed.noteStarted(message.connection)
    else {
      carrier.bookLag.take(message.bytes)
      brake()
    }
  })
  main.on('message', (message: ToFeed) => {
    if (message.kind === 'clock') feed.noteClock(message.offset)
    else if (message.kind === 'written') {
      carrier.journalLag.take(message.bytes)
      brake()
    } else if (message.kind === 'begin') begin(message.begin)
    else
      void feed.stop().then(() => {
        carrier.end()
      })
  })
  feed.start()
}
