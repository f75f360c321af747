import { afterEach, describe, expect, it } from 'vitest'

import { type Simulation, startSimulation, TEST_CREDENTIALS } from '../../../simulator/simulate.ts'
import { venueById } from '../../../src/app/production.ts'
import { microsOf } from '../../../src/market/time.ts'
import { EntryLog } from '../../../src/recorder/feed/entry-log.ts'
import { Feed } from '../../../src/recorder/feed/feed.ts'
import type { FeedReport } from '../../../src/recorder/feed/feed-report.ts'
import { type Scheduler, systemScheduler } from '../../../src/recorder/scheduler.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { getRest } from '../../../src/transport/rest.ts'
import { connectWebSocket } from '../../../src/transport/websocket.ts'
import { until } from '../../simulator/playback/playback-client.ts'
import { manifestOf } from '../../support/entries.ts'

let simulation: Simulation | undefined
let feed: Feed | undefined
afterEach(async () => {
  await feed?.stop()
  await simulation?.stop()
})

/** Twenty times as fast: what takes hours in the field takes seconds here. */
const HASTE = 20
const hasty: Scheduler = {
  after: (milliseconds, action) => systemScheduler.after(milliseconds / HASTE, action),
}

const CREDENTIALS = {
  COINBASE_API_KEY: TEST_CREDENTIALS.key,
  COINBASE_API_SECRET: TEST_CREDENTIALS.secret,
  COINBASE_API_PASSPHRASE: TEST_CREDENTIALS.passphrase,
}

describe('connections that are renewed under load', () => {
  it.each([
    ['coinbase', 'BTC-USD', 'full'],
    ['coinbase', 'BTC-USD', 'level2_batch'],
    ['bitfinex', 'tBTCUSD', 'R0'],
  ] as const)(
    'lose nothing of %s %s %s: the book is valid all the while, and right at the end',
    async (id, symbol, choice) => {
      simulation = await startSimulation({
        seed: 8,
        venues: [id],
        pairs: ['BTC-USD'],
        rate: 400,
        orders: 300,
      })
      const known = venueById(id)
      if (known === undefined) throw new Error('no such venue')
      const venue = { ...known, silenceLimit: known.silenceLimit * HASTE, productRefresh: undefined }
      const reports: FeedReport[] = []
      const invalid: string[] = []
      const keeper = new BookKeeper(venue, {
        onCommand: (command) => feed?.handle(command),
        onStarted: (connection) => feed?.noteStarted(connection),
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
      feed = new Feed({
        ...{ venue, log, now, lastConnection: 0, renewAfter: 40_000 },
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
      const before = simulation.books()[0]
      feed.start()
      const renewals = () => reports.filter(({ kind }) => kind === 'renewed').length
      await until('renewals', () => renewals() >= 2 && keeper.summary().valid)
      simulation.stopFlow()
      await simulation.flowEnded
      const { digest } = simulation.books()[0] ?? {}
      expect(digest).not.toBe(before?.digest)
      if (choice !== 'level2_batch')
        await until('the last of the flow', () => keeper.digest().digest === digest)
      expect(invalid).toEqual([])
      expect(keeper.summary()).toMatchObject({ gaps: 0, disconnects: 0, valid: true })
    },
  )
})
