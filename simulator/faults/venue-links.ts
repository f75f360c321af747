/** All links of one venue: what they share is its clock, its numbers, and whether it is up at all. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { SentLog } from '../playback/sent-log.ts'
import type { FaultSource } from './fault.ts'
import type { FaultLog } from './fault-log.ts'
import { FaultyLink, type MarkedBook } from './faulty-link.ts'
import { FaultyRequests } from './faulty-requests.ts'
import type { VenueDialect } from './frame-dialect.ts'
import type { GuardedConnection, LinkGuard } from './link-guard.ts'

export interface VenueLinksOptions {
  readonly venue: string
  readonly dialect: VenueDialect
  readonly plan: FaultSource
  readonly faults: FaultLog
  readonly sent: SentLog | undefined
}

export class VenueLinks implements LinkGuard {
  private readonly options: VenueLinksOptions
  private readonly requests: FaultyRequests
  private readonly links = new Set<FaultyLink>()
  private readonly startedAt = performance.now()
  private connections = 0
  private downUntil = 0
  private shift = 0

  constructor(options: VenueLinksOptions) {
    this.options = options
    this.requests = new FaultyRequests({
      ...options,
      seconds: this.seconds,
      clockShift: () => this.shift,
      hold: (seconds) => {
        for (const link of this.links) link.hold(seconds)
      },
    })
  }

  readonly isDown = (): boolean => this.seconds() < this.downUntil

  readonly client = (connection: GuardedConnection): void => {
    const link = new FaultyLink({
      ...this.options,
      connection,
      dialect: this.options.dialect.connected(),
      number: ++this.connections,
      seconds: this.seconds,
      clockShift: () => this.shift,
      stepClock: (seconds) => (this.shift += Math.round(seconds * 1e6)),
      goDown: (seconds) => {
        this.downUntil = this.seconds() + seconds
        for (const each of this.links) each.cut()
      },
      restarted: () => {
        this.requests.forget()
      },
    })
    this.links.add(link)
    connection.socket.on('close', () => this.links.delete(link))
  }

  readonly request = (request: IncomingMessage, response: ServerResponse, answer: () => void): void => {
    if (request.url?.startsWith('/simulator/') === true) answer()
    else this.requests.handle(request, response, answer)
  }

  /** See `FaultyLink.mark`. */
  mark(book: MarkedBook): void {
    for (const link of this.links) link.mark(book)
  }

  /** Faults that last are over. The venue's clock and numbers stay where they are. */
  heal(): void {
    this.downUntil = 0
    for (const link of this.links) link.heal()
  }

  private readonly seconds = (): number => (performance.now() - this.startedAt) / 1000
}
