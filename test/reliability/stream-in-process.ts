/**
 * Records one stream inside this process: the feed, its sockets, timers and clock are a recorder's own, what its mode makes
 * of them too; what would reach the journal is kept in memory. Cheap enough to run many beside each other.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { venueById } from '../../src/app/production.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { type Micros, microsOf } from '../../src/market/time.ts'
import { anchorAtTick, Clock } from '../../src/recorder/clock.ts'
import { EntryLog } from '../../src/recorder/feed/entry-log.ts'
import { Feed } from '../../src/recorder/feed/feed.ts'
import { systemScheduler } from '../../src/recorder/scheduler.ts'
import type { KeeperSummary } from '../../src/replay/keeper/book-keeper.ts'
import { getRest } from '../../src/transport/rest.ts'
import { connectWebSocket } from '../../src/transport/websocket.ts'
import { fullBook, lightBook, type LiveBook, type ModeFindings, snapshotBook } from './live-books.ts'
import { CREDENTIALS, PAIR, type VenueName } from './recorded-venues.ts'

export interface InProcessWay {
  readonly mode: 'full' | 'light' | 'snapshot'
  /** Connections at a time. */
  readonly lines: number
}

const BOOKS = { full: fullBook, light: lightBook, snapshot: snapshotBook } as const

export class StreamInProcess {
  readonly stream: StreamId
  /** Packed records, in order. */
  readonly batches: Uint8Array[] = []
  private readonly book: LiveBook
  private readonly feed: Feed
  private instants: NodeJS.Timeout | undefined

  constructor(
    venueName: VenueName,
    endpoints: { readonly ws: string; readonly rest: string },
    { mode, lines }: InProcessWay,
  ) {
    const venue = venueById(venueName)
    if (venue === undefined) throw new Error(`there is no venue ${venueName}`)
    const credentials = venue.credentialsFrom(CREDENTIALS)
    if (isLeft(credentials)) throw new Error(credentials.left)
    const stream = (this.stream = `${venueName}:${PAIR}`)
    const symbol = venue.symbolOf(PAIR)
    const [feed = ''] = venue.feeds
    const clock = new Clock(anchorAtTick())
    const manifest = {
      ...{ software: 'reliability', stream, venue: venue.id, pair: PAIR, symbol, feed },
      ...{ mode, assumeEmptyBook: false },
    }
    const now = (): Micros => clock.now()
    this.book = BOOKS[mode]({
      ...{ stream, venue, manifest, now },
      onCommand: (command) => {
        // Commands reach a feed between two of its frames, never in the midst of one.
        setImmediate(() => {
          this.feed.handle(command)
        })
      },
      onStarted: (connection) => {
        this.feed.noteStarted(connection)
      },
    })
    const shared = { now, scheduler: systemScheduler }
    const log = new EntryLog({
      ...{ ...shared, lastSeq: 0, lastReceiveTime: microsOf(0) },
      ...(this.book.limits === undefined ? {} : { limits: this.book.limits }),
      onBatch: (batch) => {
        this.batches.push(batch.records)
        this.book.take(batch)
      },
    })
    if (this.book.interval !== undefined)
      this.instants = setInterval(() => {
        this.book.reach(log.passInstant())
      }, this.book.interval / 1000)
    this.feed = new Feed({
      ...{ ...shared, venue, endpoints, log, connect: connectWebSocket, get: getRest, random: Math.random },
      session: { symbol, feed, credentials: credentials.right },
      // What a sampled feed receives is live as that of a full recording; see liveManifestOf.
      ...{ manifest: { ...manifest, mode: mode === 'snapshot' ? 'full' : mode }, lines },
      mayConnect: (granted) => {
        granted()
      },
      lastConnection: 0,
      onReport: () => undefined,
    })
    this.feed.start()
  }

  summary(): KeeperSummary {
    return this.book.summary()
  }

  digest(): string {
    return this.book.digest()
  }

  /** What the mode did. */
  async stop(): Promise<ModeFindings> {
    clearInterval(this.instants)
    await this.feed.stop()
    return this.book.end(this.batches)
  }
}
