/**
 * Which of a stream's redundant connections the book follows. Goes over to another one's book when the followed one cannot
 * be followed any more; owns nothing of how a book fails.
 */
import type { DecoderSink } from '../venue.ts'
import type { BookFeed } from './book-feed.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import { StandbyBook } from './standby-book.ts'

export class Failover {
  private readonly connections: Connections
  private readonly book: BookFeed

  constructor(connections: Connections, book: BookFeed) {
    this.connections = connections
    this.book = book
  }

  /** Whether the book stands on another connection than this one. */
  isCoveredWithout(connection: Connection): boolean {
    const { source, phase } = this.book
    return source !== undefined && source.connection !== connection.number && phase === 'live'
  }

  /** The followed connection serves no longer: tells the book of another one. False where none has a whole one. */
  takeOver(sink: DecoderSink): boolean {
    const { source, phase } = this.book
    for (;;) {
      const next = this.best(source?.connection)
      const standby = next?.standby
      if (next === undefined || standby === undefined) return false
      if (!this.book.adopt(next.number, standby, sink)) {
        standby.halt()
        continue
      }
      next.standby = undefined
      const former = source === undefined ? undefined : this.connections.find(source.connection)
      if (source === undefined || former === undefined) return true
      // Its channel goes on; what of it may be used is seen with its next snapshot.
      const state = phase === 'awaiting-snapshot' ? phase : 'halted'
      former.standby = new StandbyBook(source.chanId, source, state)
      return true
    }
  }

  /** One that the venue has proved comes first. */
  private best(followed: number | undefined): Connection | undefined {
    let best: Connection | undefined
    for (const connection of this.connections.all()) {
      const { standby, number, givenUp } = connection
      if (number === followed || standby?.phase !== 'live' || givenUp !== undefined) continue
      if (best === undefined || (standby.isVerified && best.standby?.isVerified !== true)) best = connection
    }
    return best
  }

  /** Entries of the log are missing: no connection's book is whole. */
  forgetAll(): void {
    for (const connection of this.connections.all()) connection.standby?.halt()
  }
}
