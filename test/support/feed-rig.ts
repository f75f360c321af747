/** A Feed whose venue, sockets and time are played by the test. */
import { right } from 'fp-ts/lib/Either.js'

import { EntryCursor } from '../../src/log/entry.ts'
import { microsOf } from '../../src/market/time.ts'
import { EntryLog } from '../../src/recorder/feed/entry-log.ts'
import { Feed } from '../../src/recorder/feed/feed.ts'
import type { FeedOptions } from '../../src/recorder/feed/feed-options.ts'
import type { FeedReport } from '../../src/recorder/feed/feed-report.ts'
import type { GetRest, RestAnswer } from '../../src/transport/rest.ts'
import type { ConnectSocket, SocketHandlers } from '../../src/transport/websocket.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { ManualScheduler } from './manual-scheduler.ts'
import { toyVenue } from './toy-venue.ts'

export const SECRET = 'very-secret'

const venue: Venue = {
  ...toyVenue,
  silenceLimit: 4000,
  credentialsFrom: () => right({ key: SECRET }),
  openingFrames: () => [{ text: `hello ${SECRET}`, stored: 'hello ***' }],
  openingRequests: () => [],
}

interface Peer {
  readonly handlers: SocketHandlers
  readonly sent: string[]
  state: 'open' | 'closing' | 'terminated'
}

export class FeedRig {
  readonly scheduler = new ManualScheduler()
  readonly peers: Peer[] = []
  readonly reports: FeedReport[] = []
  readonly lines: string[] = []
  readonly asked: { url: string; answer: (answer: RestAnswer) => void }[] = []
  readonly feed: Feed
  mayConnect = (granted: () => void): void => {
    granted()
  }

  constructor(overrides: Partial<Venue> = {}, renewAfter = 0, mayRequest?: FeedOptions['mayRequest']) {
    const { scheduler } = this
    const log = new EntryLog({
      lastSeq: 0,
      lastReceiveTime: microsOf(0),
      now: scheduler.now,
      scheduler,
      onBatch: ({ records }) => {
        const cursor = new EntryCursor(records)
        while (cursor.next()) this.lines.push(`${cursor.kind}@${String(cursor.connection)} ${cursor.text()}`)
      },
    })
    const connect: ConnectSocket = (_options, handlers) => {
      const peer: Peer = { handlers, sent: [], state: 'open' }
      this.peers.push(peer)
      return {
        send: (text) => peer.sent.push(text),
        close: () => (peer.state = 'closing'),
        terminate: () => (peer.state = 'terminated'),
        pause: () => undefined,
        resume: () => undefined,
      }
    }
    const get: GetRest = ({ url }) => new Promise((answer) => this.asked.push({ url, answer }))
    this.feed = new Feed({
      venue: { ...venue, ...overrides },
      manifest: {
        software: 's',
        stream: 'toy:A-B',
        venue: 'toy',
        pair: 'A-B',
        symbol: 'AB',
        feed: 'f',
        mode: 'full',
        assumeEmptyBook: false,
      },
      session: { symbol: 'AB', feed: 'f', credentials: { key: SECRET } },
      endpoints: { ws: 'ws://venue', rest: 'http://venue' },
      mayConnect: (granted) => this.mayConnect(granted),
      mayRequest,
      renewAfter,
      lastConnection: 4,
      log,
      connect,
      get,
      now: scheduler.now,
      scheduler,
      random: () => 0,
      onReport: (report) => this.reports.push(report),
    })
  }

  get peer(): Peer {
    const peer = this.peers.at(-1)
    if (peer === undefined) throw new Error('nothing connected')
    return peer
  }

  frame(text: string): void {
    this.peer.handlers.onMessage(Buffer.from(text), false, this.scheduler.now())
  }

  /** What was written since the last call, without the run's manifest. */
  written(): string[] {
    this.scheduler.pass(20)
    return this.lines.splice(0).filter((line) => !line.startsWith('run-started'))
  }
}
