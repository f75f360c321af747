/**
 * Ways to a fresh start: of the book's channel, of all our channels, of the connection. Owns what is asked of the live
 * feed and when it is asked again; the same entries ask the same, whether anybody listens or not.
 */
import type { DisconnectCause } from '../../market/event.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { DecoderSink } from '../venue.ts'
import type { BookFeed } from './book-feed.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import {
  bookRequestOf,
  DEFAULT_FEED,
  subscribeBookFrame,
  subscribeTradesFrame,
  unsubscribeFrame,
} from './requests.ts'
import type { WantedStream } from './wanted-stream.ts'

// The venue answers bad requests with silence; good ones were confirmed after up to 11 s.
const ANSWER_LIMIT = 15_000
const MAINTENANCE_LIMIT = 120_000
const DUPLICATE_DELAY = 1000
const MOST_DUPLICATES = 5

// A channel that fails again and again within a minute is given up with its connection, at growing intervals.
const FAILURES_IN_A_ROW = 5
const ROW_MICROS = 60_000_000
const LONGEST_DELAY = 60_000

export class Recovery {
  private failures = 0
  private lastFailure = microsOf(0)
  /** The connection that timers without a connection are about. */
  private watched = 0
  private readonly connections: Connections
  private readonly book: BookFeed
  private readonly wanted: WantedStream

  constructor(connections: Connections, book: BookFeed, wanted: WantedStream) {
    this.connections = connections
    this.book = book
    this.wanted = wanted
  }

  /** Answers to what was just asked on this connection must come in time. */
  watch(connection: Connection, sink: DecoderSink): void {
    this.watched = connection.number
    this.setTimer('subscribe', ANSWER_LIMIT, connection, sink)
  }

  private setTimer(timer: string, delay: number, { number }: Connection, sink: DecoderSink): void {
    sink.command({ kind: 'timer', timer, delay, connection: number })
  }

  giveUp(connection: Connection, cause: DisconnectCause, delay: number, sink: DecoderSink): void {
    if (connection.givenUp !== undefined) return
    connection.givenUp = cause
    sink.command({ kind: 'reconnect', connection: connection.number, cause, delay })
  }

  /** The book's channel alone begins anew; the connection and its other channels go on. */
  resubscribeBook(connection: Connection, now: Micros, sink: DecoderSink): void {
    if (connection.givenUp !== undefined) return
    this.failures = now - this.lastFailure > ROW_MICROS ? 1 : this.failures + 1
    this.lastFailure = now
    if (this.failures > FAILURES_IN_A_ROW) {
      const delay = Math.min(LONGEST_DELAY, 1000 * 2 ** (this.failures - FAILURES_IN_A_ROW))
      this.giveUp(connection, 'resubscribe', delay, sink)
      return
    }
    connection.watch.reset()
    this.askBookAgain(connection, true, sink)
    this.watch(connection, sink)
  }

  /** After maintenance the venue wants every channel subscribed anew. */
  resubscribeAll(connection: Connection, sink: DecoderSink): void {
    connection.watch.reset()
    this.askBookAgain(connection, true, sink)
    this.askTradesAgain(connection, true, sink)
    this.watch(connection, sink)
  }

  private askBookAgain(connection: Connection, isFirst: boolean, sink: DecoderSink): void {
    const { number } = connection
    const request =
      connection.bookRequest ?? bookRequestOf(this.wanted.symbol, this.wanted.feed ?? DEFAULT_FEED)
    const chanId = connection.channels.find('book')
    connection.awaitsBook = true
    if (isFirst) connection.duplicates = 0
    if (isFirst && chanId !== undefined)
      sink.command({ kind: 'send', connection: number, frame: unsubscribeFrame(chanId) })
    sink.command({ kind: 'send', connection: number, frame: subscribeBookFrame(request) })
  }

  private askTradesAgain(connection: Connection, isFirst: boolean, sink: DecoderSink): void {
    const { number } = connection
    const chanId = connection.channels.find('trades')
    connection.awaitsTrades = true
    if (isFirst && chanId !== undefined)
      sink.command({ kind: 'send', connection: number, frame: unsubscribeFrame(chanId) })
    sink.command({ kind: 'send', connection: number, frame: subscribeTradesFrame(this.wanted.symbol) })
  }

  /**
   * `subscribe: dup`. Of a first subscription it says that the one asked for is on its way. Of a repeated one it says
   * that the old one is not gone yet: asked again, a few times.
   */
  duplicate(connection: Connection, sink: DecoderSink): void {
    if (!connection.awaitsBook && !connection.awaitsTrades) return
    connection.duplicates++
    this.watched = connection.number
    if (connection.duplicates > MOST_DUPLICATES) this.giveUp(connection, 'resubscribe', 0, sink)
    else this.setTimer('resubscribe', DUPLICATE_DELAY, connection, sink)
  }

  startMaintenance(connection: Connection, sink: DecoderSink): void {
    connection.watch.reset()
    this.watched = connection.number
    this.setTimer('maintenance', MAINTENANCE_LIMIT, connection, sink)
  }

  /** A timer of ours fired. `about`: the connection it names; 0: it names none, as in older logs. */
  fired(timer: string, about: number, sink: DecoderSink): void {
    const connection = this.connections.find(about === 0 ? this.watched : about)
    if (connection === undefined || connection.isRefused) return
    if (timer === 'maintenance') {
      if (connection.isInMaintenance) this.giveUp(connection, 'maintenance', 0, sink)
    } else if (timer === 'resubscribe') {
      if (connection.awaitsBook) this.askBookAgain(connection, false, sink)
      if (connection.awaitsTrades) this.askTradesAgain(connection, false, sink)
    } else if (timer === 'subscribe' && !connection.isInMaintenance && !this.isComplete(connection)) {
      this.giveUp(connection, 'stale', 0, sink)
    }
  }

  private isComplete(connection: Connection): boolean {
    if (connection.channels.find('trades') === undefined) return false
    if (connection.channels.find('book') === undefined) return false
    if (connection.standby !== undefined) return connection.standby.phase === 'live'
    return this.book.source?.connection !== connection.number || this.book.phase === 'live'
  }

  reset(): void {
    this.failures = 0
    this.lastFailure = microsOf(0)
    this.watched = 0
  }

  save(writer: StateWriter): void {
    writer.uint(this.failures)
    writer.uint(this.lastFailure)
    writer.uint(this.watched)
  }

  restore(reader: StateReader): void {
    this.failures = reader.uint()
    this.lastFailure = microsOf(reader.uint())
    this.watched = reader.uint()
  }
}
