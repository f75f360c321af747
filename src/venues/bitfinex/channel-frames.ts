/**
 * Frames of channels, taken apart already: which part they go to, and what a failure of the book leads to. Owns the
 * rules between the stream's book and its trades; the socket's counter and the entries are the decoder's.
 */
import { type GapCause, type InvalidReason, isGapCause } from '../../market/event.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { Micros } from '../../market/time.ts'
import type { DecoderSink } from '../venue.ts'
import type { ArrayFrame } from './array-frame.ts'
import type { BookFeed } from './book-feed.ts'
import { isBurstOver } from './burst.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import type { Failover } from './failover.ts'
import type { FrameBody } from './frame-body.ts'
import type { Recovery } from './recovery.ts'
import type { StandbyBook } from './standby-book.ts'
import type { TradeFeed } from './trade-feed.ts'
import type { WantedStream } from './wanted-stream.ts'

/** Longest name of an unknown thing that goes into a count. */
const NAME_LENGTH = 40

/** The parts of a decoder that its channels' frames go to. */
export interface ChannelParts {
  readonly frame: ArrayFrame
  readonly wanted: WantedStream
  readonly book: BookFeed
  readonly trades: TradeFeed
  readonly connections: Connections
  readonly recovery: Recovery
  readonly failover: Failover
}

export class ChannelFrames {
  /** What the venue's last checksum was, should the book refuse it. */
  private lastChecksum = 0
  private readonly frame: ArrayFrame
  private readonly wanted: WantedStream
  private readonly book: BookFeed
  private readonly trades: TradeFeed
  private readonly connections: Connections
  private readonly recovery: Recovery
  private readonly failover: Failover

  constructor(parts: ChannelParts) {
    this.frame = parts.frame
    this.wanted = parts.wanted
    this.book = parts.book
    this.trades = parts.trades
    this.connections = parts.connections
    this.recovery = parts.recovery
    this.failover = parts.failover
  }

  /** Decodes the frame that was just taken apart. */
  decode(connection: Connection, sink: DecoderSink): void {
    const { chanId, body } = this.frame
    connection.watch.pass(this.frame.receiveTime, connection.number, sink)
    // Any later frame of the socket shows that the burst is over.
    if (this.book.source?.connection === connection.number) this.book.burst.pass(this.frame.burstTime, sink)
    const { standby } = connection
    if (standby?.burstTime !== undefined && isBurstOver(standby.burstTime, this.frame.burstTime))
      standby.burstTime = undefined
    if (chanId < 0 || !body.isKnown) {
      this.malformed(connection, 'frame', sink)
      return
    }
    switch (connection.channels.roleOf(chanId)) {
      case 'book':
        connection.watch.note('book', body.name === 'hb', false)
        if (this.book.isFedBy(connection.number, chanId)) this.bookFrame(connection, body, sink)
        else if (standby?.chanId === chanId) this.standbyFrame(connection, standby, sink)
        break
      case 'trades':
        connection.watch.note('trades', body.name === 'hb', body.name === 'te')
        this.tradesFrame(connection, body, sink)
        break
      case undefined:
        // Heartbeats are normal before the confirmation; channel 0 is of accounts.
        if (body.name !== 'hb' && chanId !== 0)
          connection.waiting.add({ chanId, text: this.frame.text(), receiveTime: this.frame.receiveTime })
        break
      case 'other':
      case 'retired':
        break
    }
  }

  private bookFrame(connection: Connection, body: FrameBody, sink: DecoderSink): void {
    const { book, frame } = this
    const { name } = body
    if (name === 'hb') {
      book.burst.end(sink)
    } else if (name === 'cs') {
      const value = body.argument
      if (value === undefined || (value | 0) !== value) {
        sink.undecoded('malformed:cs')
        return
      }
      this.lastChecksum = value
      book.check(value, frame, sink)
    } else if (name !== undefined) {
      sink.undecoded(`book:${name.slice(0, NAME_LENGTH)}`)
    } else if (book.phase === 'awaiting-snapshot' || book.phase === 'live') {
      this.start(connection, sink)
      this.bookRows(connection, body, sink)
    }
  }

  /** A frame of a book that the stream does not follow. */
  private standbyFrame(connection: Connection, standby: StandbyBook, sink: DecoderSink): void {
    const { frame, book } = this
    const { body } = frame
    if (standby.phase === 'halted') return
    if (body.name === 'hb') {
      standby.burstTime = undefined
    } else if (body.name === 'cs') {
      if (standby.phase === 'live' && !standby.check(body.argument ?? NaN))
        this.failStandby(connection, standby, 'checksum', sink)
    } else if (body.name !== undefined) {
      sink.undecoded(`book:${body.name.slice(0, NAME_LENGTH)}`)
    } else {
      this.start(connection, sink)
      const isFirst = standby.phase === 'awaiting-snapshot'
      const failure = standby.take(frame, connection.isBulk, connection.isProvenBySequence)
      if (failure !== undefined) {
        this.failStandby(connection, standby, failure, sink)
        return
      }
      if (isFirst && connection.givenUp === undefined) connection.isInterruptionTold = false
      if (book.phase !== 'live') this.failover.takeOver(sink)
    }
  }

  /** No harm to the stream yet: counted, and the one channel begins anew. */
  private failStandby(connection: Connection, standby: StandbyBook, what: string, sink: DecoderSink): void {
    sink.undecoded(`standby-book:${what}`)
    standby.halt()
    this.recovery.resubscribeBook(connection, this.frame.receiveTime, sink)
  }

  private bookRows(connection: Connection, body: FrameBody, sink: DecoderSink): void {
    const { book, frame, wanted } = this
    if (book.phase === 'awaiting-snapshot' && wanted.assumesEmptyBook && !body.isList)
      book.startEmpty(frame, sink)
    const isFirst = book.phase === 'awaiting-snapshot'
    wanted.assumesEmptyBook = false
    let failure
    if (!body.isList)
      failure = isFirst
        ? ({ reason: 'malformed', detail: 'a change before the snapshot' } as const)
        : book.update(frame, sink)
    // Without groups every nested frame is a whole book.
    else if (!isFirst && connection.isBulk) failure = book.group(frame, sink)
    // Where the venue offers checksums, the first right one verifies the book; where it numbers its frames only, the
    // numbers are all the proof there is and hold until a hole. Without both nothing is ever verified.
    else failure = book.snapshot(frame, connection.isProvenBySequence, sink)
    if (failure !== undefined) this.fail(connection, failure.reason, failure.detail, sink)
    else if (isFirst && connection.givenUp === undefined) connection.isInterruptionTold = false
  }

  private tradesFrame(connection: Connection, body: FrameBody, sink: DecoderSink): void {
    const { name } = body
    if (name === 'hb') return
    if (name !== undefined && name !== 'te' && name !== 'tu') {
      sink.undecoded(`trades:${name.slice(0, NAME_LENGTH)}`)
      return
    }
    this.start(connection, sink)
    const failure = name === undefined ? this.trades.history(body) : this.trades.trade(this.frame, sink)
    if (failure === undefined) return
    // The book does not rest on trades: it stays as it is.
    if (failure === 'malformed') sink.undecoded('malformed:trades')
    else sink.gap({ cause: failure, expected: '', found: this.frame.text().slice(0, 2 * NAME_LENGTH) })
  }

  private start(connection: Connection, sink: DecoderSink): void {
    if (connection.isStarted) return
    connection.isStarted = true
    sink.started(connection.number)
  }

  /** An array frame that cannot be read. Of the book's own channel it may have changed the book. */
  malformed(connection: Connection, what: string, sink: DecoderSink): void {
    const { chanId } = this.frame
    if (this.book.isFedBy(connection.number, chanId) && this.book.phase !== 'halted') {
      this.fail(connection, 'malformed', `a malformed ${what}`, sink)
      return
    }
    sink.undecoded(`malformed:${what}`)
    const { standby } = connection
    if (standby !== undefined && standby.chanId === chanId && standby.phase !== 'halted')
      this.failStandby(connection, standby, 'malformed', sink)
    if (chanId >= 0 && connection.channels.roleOf(chanId) === undefined) connection.waiting.lose(chanId)
  }

  endBook(reason: InvalidReason, sink: DecoderSink): void {
    this.book.invalidate(reason, sink)
    this.book.halt(reason, sink)
  }

  private fail(
    connection: Connection,
    reason: InvalidReason & GapCause,
    detail: string,
    sink: DecoderSink,
  ): void {
    if (reason === 'malformed') sink.undecoded('malformed:book')
    // Another connection has whole what cannot be read here.
    if (!this.failover.takeOver(sink)) {
      this.endBook(reason, sink)
      sink.gap({ cause: reason, expected: '', found: detail })
    }
    this.recovery.resubscribeBook(connection, this.frame.receiveTime, sink)
  }

  /** The book refuses what the last entry, of this time, said. */
  reject(reason: InvalidReason, detail: string, now: Micros, sink: DecoderSink): void {
    this.endBook(reason, sink)
    const expected = reason === 'checksum' ? String(this.lastChecksum) : ''
    if (isGapCause(reason)) sink.gap({ cause: reason, expected, found: detail })
    const connection = this.connections.find(this.book.source?.connection ?? -1)
    if (reason === 'missing-entries') this.failover.forgetAll()
    // The book was wrong for a while, and that is told; another connection's may be right.
    else this.failover.takeOver(sink)
    if (connection !== undefined) this.recovery.resubscribeBook(connection, now, sink)
  }

  reset(): void {
    this.lastChecksum = 0
  }

  save(writer: StateWriter): void {
    writer.int(this.lastChecksum)
  }

  restore(reader: StateReader): void {
    this.lastChecksum = reader.int()
  }
}
