/** A feed on real sockets with its live book, in this process, against a simulated venue; its timers run twenty times as fast. */
import type { SimulatedVenueId, Simulation } from '../../simulator/simulate.ts'
import { TEST_CREDENTIALS } from '../../simulator/simulate.ts'
import { venueById } from '../../src/app/production.ts'
import { microsOf } from '../../src/market/time.ts'
import { EntryLog } from '../../src/recorder/feed/entry-log.ts'
import { Feed } from '../../src/recorder/feed/feed.ts'
import type { FeedReport } from '../../src/recorder/feed/feed-report.ts'
import { type Scheduler, systemScheduler } from '../../src/recorder/scheduler.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { getRest } from '../../src/transport/rest.ts'
import { connectWebSocket } from '../../src/transport/websocket.ts'
import { manifestOf } from './entries.ts'

/** What takes hours in the field takes seconds here. */
const HASTE = 20
const hasty: Scheduler = {
  after: (milliseconds, action) => systemScheduler.after(milliseconds / HASTE, action),
}

const CREDENTIALS = {
  COINBASE_API_KEY: TEST_CREDENTIALS.key,
  COINBASE_API_SECRET: TEST_CREDENTIALS.secret,
  COINBASE_API_PASSPHRASE: TEST_CREDENTIALS.passphrase,
}

interface LiveFeedWish {
  readonly simulation: Simulation
  readonly venue: SimulatedVenueId
  readonly symbol: string
  readonly choice: string
  /** By the feed's fast timers; 0: never. */
  readonly renewAfter: number
}

export interface LiveFeed {
  readonly keeper: BookKeeper
  readonly reports: readonly FeedReport[]
  /** Why the book became invalid, each time after it was valid. */
  readonly invalid: readonly string[]
  readonly stop: () => Promise<void>
}

export const startLiveFeed = (wish: LiveFeedWish): LiveFeed => {
  const { simulation, venue: id, symbol, choice, renewAfter } = wish
  const known = venueById(id)
  if (known === undefined) throw new Error(`there is no venue ${id}`)
  const venue = { ...known, silenceLimit: known.silenceLimit * HASTE, productRefresh: undefined }
  const reports: FeedReport[] = []
  const invalid: string[] = []
  const keeper = new BookKeeper(venue, {
    onCommand: (command) => {
      feed.handle(command)
    },
    onStarted: (connection) => {
      feed.noteStarted(connection)
    },
  })
  const now = () => microsOf(Date.now() * 1000)
  const log = new EntryLog({
    ...{ lastSeq: 0, lastReceiveTime: microsOf(0), now, scheduler: systemScheduler },
    onBatch: ({ records }) => {
      const wasValid = keeper.isValid
      keeper.applyRecords(records)
      if (wasValid && !keeper.isValid) invalid.push(keeper.invalidReason ?? '')
    },
  })
  const feed = new Feed({
    ...{ venue, log, now, lastConnection: 0, renewAfter },
    manifest: manifestOf({ venue: id, symbol, feed: choice }),
    session: { symbol, feed: choice, credentials: choice === 'full' ? CREDENTIALS : undefined },
    endpoints: simulation.endpoints[id] ?? { ws: '', rest: '' },
    ...{ connect: connectWebSocket, get: getRest, scheduler: hasty },
    random: () => 0.5,
    mayConnect: (granted) => {
      granted()
    },
    onReport: (report) => reports.push(report),
  })
  feed.start()
  return {
    keeper,
    reports,
    invalid,
    stop: async () => {
      await feed.stop()
    },
  }
}
