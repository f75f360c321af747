/** Runs a Feed inside its thread: carries batches to the journal and to the live book, and commands back. */
import type { Micros } from '../../market/time.ts'
import type { GetRest } from '../../transport/rest.ts'
import { connectWebSocket } from '../../transport/websocket.ts'
import type { Credentials, Venue } from '../../venues/venue.ts'
import { AskedGrants, type AskGrant, type Limited } from '../asked-grants.ts'
import { Clock } from '../clock.ts'
import { systemScheduler } from '../scheduler.ts'
import type { FeedBegin, KeeperToFeed, ToFeed } from '../thread-messages.ts'
import { BatchCarrier, type BatchCarrierOptions } from './batch-carrier.ts'
import { type EntryBatch, EntryLog } from './entry-log.ts'
import { Feed } from './feed.ts'
import { FeedScout } from './feed-scout.ts'
import { HeldLog } from './held-log.ts'

/** The socket is not read while more bytes than this wait for their log to begin. */
const MOST_HELD_BYTES = 64 * 1024 * 1024

export interface FeedHostOptions extends BatchCarrierOptions {
  readonly venue: Venue
  readonly credentials: Credentials | undefined
  /** Requests are made elsewhere: they must not delay the socket. */
  readonly get: GetRest
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
  { start, venue, credentials, get }: FeedHostOptions,
  log: EntryLog | HeldLog,
  now: () => Micros,
  carrier: BatchCarrier,
  ask: AskGrant,
): Feed => {
  const { symbol, feed, endpoints, connections, renewAfter } = start.config
  return new Feed({
    venue,
    manifest: start.isHeld === true ? undefined : start.manifest,
    session: { symbol, feed, credentials },
    endpoints,
    mayConnect: (granted) => {
      ask('connection', granted)
    },
    mayRequest: (granted) => {
      ask('request', granted)
    },
    lines: connections,
    renewAfter,
    lastConnection: start.lastConnection,
    log,
    connect: connectWebSocket,
    get,
    now,
    scheduler: systemScheduler,
    random: () => Math.random(),
    onReport: (report) => {
      carrier.tellMain({ kind: 'report', report })
    },
  })
}

const newLog = (
  place: FeedBegin,
  { giveRoom }: BatchCarrier,
  now: () => Micros,
  onBatch: (batch: EntryBatch) => void,
): EntryLog => new EntryLog({ ...place, now, scheduler: systemScheduler, giveRoom, onBatch })

const newHeldLog = (
  { start, venue }: FeedHostOptions,
  carrier: BatchCarrier,
  now: () => Micros,
  onHeld: () => void,
): HeldLog => {
  const scout = new FeedScout(start, venue, () => {
    carrier.tellMain({ kind: 'ready' })
  })
  return new HeldLog({
    now,
    scheduler: systemScheduler,
    onHeld: (records) => {
      scout.look(records)
      onHeld()
    },
  })
}

/** What a feed's thread is told, to whom it concerns. */
const hearWith =
  (
    feed: Feed,
    carrier: BatchCarrier,
    log: {
      readonly begin: (place: FeedBegin) => void
      readonly end: () => void
      readonly grant: (what: Limited) => void
    },
  ) =>
  (message: ToFeed | KeeperToFeed): void => {
    switch (message.kind) {
      case 'command':
        feed.handle(message.command)
        return
      case 'started':
        feed.noteStarted(message.connection)
        return
      case 'clock':
        feed.noteClock(message.offset, message.quality)
        return
      case 'taken':
      case 'written':
      case 'freed':
        carrier.hear(message)
        return
      case 'begin':
        log.begin(message.begin)
        return
      case 'granted':
        log.grant(message.what)
        return
      case 'stop':
        log.end()
        void feed.stop().then(() => {
          carrier.end()
        })
    }
  }

/** Starts the feed and keeps it going until it is told to stop. */
export const hostFeed = (options: FeedHostOptions): void => {
  const { main, keeper, start } = options
  const carrier = new BatchCarrier(options)
  const clock = new Clock(start.clock)
  const now = (): Micros => clock.now()
  let isPaused = false
  const brake = (): void => {
    const mustPause = carrier.isLagging || (held !== undefined && held.heldBytes > MOST_HELD_BYTES)
    if (mustPause === isPaused) return
    isPaused = mustPause
    if (isPaused) feed.pause()
    else feed.resume()
  }
  const onBatch = (batch: EntryBatch): void => {
    carrier.carry(batch)
    brake()
  }
  let endInstants = (): void => undefined
  const openLog = (place: FeedBegin): EntryLog => {
    const log = newLog(place, carrier, now, onBatch)
    endInstants = tellInstants(start.config.sampling?.interval, now, log, carrier)
    return log
  }
  const held = start.isHeld === true ? newHeldLog(options, carrier, now, brake) : undefined
  const { stream } = start.config
  const grants = new AskedGrants((_stream, what) => {
    carrier.tellMain({ kind: 'ask', what })
  })
  const feed = newFeed(options, held ?? openLog(start), now, carrier, grants.of(stream))
  const begin = (place: FeedBegin): void => {
    feed.renumber(place.lastConnection)
    held?.release(openLog(place), place)
  }
  const hear = hearWith(feed, carrier, {
    begin,
    end: () => {
      endInstants()
    },
    grant: (what) => {
      grants.grant(stream, what)
    },
  })
  const listener = (message: ToFeed | KeeperToFeed): void => {
    hear(message)
    brake()
  }
  keeper?.on('message', listener)
  main.on('message', listener)
  feed.start()
}
