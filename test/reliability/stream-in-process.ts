/**
 * Records one stream inside this process: the feed, its sockets, timers and clock are a recorder's own, its live book too;
 * what would reach the journal is kept in memory. Cheap enough to run many beside each other.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { venueById } from '../../src/app/production.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { microsOf } from '../../src/market/time.ts'
import { anchorAtTick, Clock } from '../../src/recorder/clock.ts'
import { EntryLog } from '../../src/recorder/feed/entry-log.ts'
import { Feed } from '../../src/recorder/feed/feed.ts'
import { systemScheduler } from '../../src/recorder/scheduler.ts'
import { BookKeeper, type KeeperSummary } from '../../src/replay/keeper/book-keeper.ts'
import { getRest } from '../../src/transport/rest.ts'
import { connectWebSocket } from '../../src/transport/websocket.ts'
import { CREDENTIALS, PAIR, type VenueName } from './recorded-venues.ts'

export class StreamInProcess {
  readonly stream: StreamId
  /** Packed records, in order. */
  readonly batches: Uint8Array[] = []
  private readonly keeper: BookKeeper
  private readonly feed: Feed

  constructor(venueName: VenueName, endpoints: { readonly ws: string; readonly rest: string }) {
    const venue = venueById(venueName)
    if (venue === undefined) throw new Error(`there is no venue ${venueName}`)
    const credentials = venue.credentialsFrom(CREDENTIALS)
    if (isLeft(credentials)) throw new Error(credentials.left)
    const stream = (this.stream = `${venueName}:${PAIR}`)
    const symbol = venue.symbolOf(PAIR)
    const [feed = ''] = venue.feeds
    const clock = new Clock(anchorAtTick())
    this.keeper = new BookKeeper(venue, {
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
    const shared = { now: () => clock.now(), scheduler: systemScheduler }
    const log = new EntryLog({
      ...{ ...shared, lastSeq: 0, lastReceiveTime: microsOf(0) },
      onBatch: ({ records }) => {
        this.batches.push(records)
        this.keeper.applyRecords(records)
      },
    })
    this.feed = new Feed({
      ...{ ...shared, venue, endpoints, log, connect: connectWebSocket, get: getRest, random: Math.random },
      session: { symbol, feed, credentials: credentials.right },
      manifest: {
        ...{ software: 'reliability', stream, venue: venue.id, pair: PAIR, symbol, feed },
        ...{ mode: 'full', assumeEmptyBook: false },
      },
      mayConnect: (granted) => {
        granted()
      },
      lastConnection: 0,
      onReport: () => undefined,
    })
    this.feed.start()
  }

  summary(): KeeperSummary {
    return this.keeper.summary()
  }

  digest(): string {
    return this.keeper.digest().digest
  }

  async stop(): Promise<void> {
    await this.feed.stop()
  }
}
