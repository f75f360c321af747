/**
 * Gives meaning to the entries of one Bitfinex stream: runs, connections, frames. Routes them to the parts that own
 * them and judges the socket's counter, which spans all channels.
 */
import type { EntryView } from '../../log/entry.ts'
import { type ClosedPayload, parseJson } from '../../log/payloads.ts'
import type { InvalidReason } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { microsOf } from '../../market/time.ts'
import { isSilentChannel } from '../silent-channel.ts'
import type { Decoder, DecoderSink } from '../venue.ts'
import { ArrayFrame } from './array-frame.ts'
import { BookFeed } from './book-feed.ts'
import { ChannelFrames } from './channel-frames.ts'
import type { Connection } from './connection.ts'
import { Connections } from './connections.ts'
import { EventFrames } from './event-frames.ts'
import { Failover } from './failover.ts'
import { ClosedCodec, ManifestCodec, SentConfCodec, TimerCodec } from './frames.ts'
import { tellListed } from './listed-pair.ts'
import { Recovery } from './recovery.ts'
import { TradeFeed } from './trade-feed.ts'
import { WantedStream } from './wanted-stream.ts'

export class BitfinexDecoder implements Decoder {
  private readonly wanted = new WantedStream()
  private readonly book = new BookFeed()
  private readonly trades = new TradeFeed(this.book.scales)
  private readonly connections = new Connections()
  private readonly recovery = new Recovery(this.connections, this.book, this.wanted)
  private readonly failover = new Failover(this.connections, this.book)
  private readonly events = new EventFrames({
    connections: this.connections,
    book: this.book,
    wanted: this.wanted,
    recovery: this.recovery,
    failover: this.failover,
  })
  private readonly frame = new ArrayFrame()
  private readonly channels = new ChannelFrames({
    frame: this.frame,
    wanted: this.wanted,
    book: this.book,
    trades: this.trades,
    connections: this.connections,
    recovery: this.recovery,
    failover: this.failover,
  })
  private now = microsOf(0)

  decode(entry: EntryView, sink: DecoderSink): void {
    this.now = entry.receiveTime
    switch (entry.kind) {
      case 'frame':
        this.received(entry, sink)
        break
      case 'sent':
        this.sent(entry)
        break
      case 'opened':
        this.closed(entry.connection, 'disconnect', sink)
        this.recovery.watch(this.connections.open(entry.connection, true), sink)
        break
      case 'closed':
        this.closed(entry.connection, closeReason(entry), sink)
        break
      case 'timer': {
        const payload = parseJson(entry.text())
        if (TimerCodec.is(payload)) this.recovery.fired(payload.timer, entry.connection, sink)
        break
      }
      case 'run-started':
        this.runStarted(entry)
        break
      case 'run-ended':
        this.book.invalidate('run-ended', sink)
        this.book.release()
        this.connections.clear()
        break
      case 'response':
        tellListed(entry.bytes(), this.wanted.symbol, sink)
        break
      case 'clock':
      case 'sample':
        break
    }
  }

  /** A run may be replayed without those before it: nothing is carried over. */
  private runStarted(entry: EntryView): void {
    this.connections.clear()
    this.book.reset()
    this.trades.reset()
    this.recovery.reset()
    this.channels.reset()
    const manifest = parseJson(entry.text())
    if (ManifestCodec.is(manifest))
      this.wanted.begin(manifest.symbol, manifest.feed ?? undefined, manifest.assumeEmptyBook)
    else this.wanted.begin('', undefined, false)
  }

  private closed(number: number, how: 'disconnect' | 'stale' | 'run-ended', sink: DecoderSink): void {
    const connection = this.connections.find(number)
    if (connection === undefined) return
    const reason = how === 'disconnect' && connection.isEnding ? 'maintenance' : how
    const isCovered = this.failover.isCoveredWithout(connection)
    this.connections.close(number)
    if (isCovered) return
    if (this.book.source?.connection === number) {
      if (reason !== 'run-ended' && this.failover.takeOver(sink)) return
      this.book.halt(reason, sink)
      this.book.release()
    }
    if (!connection.isStarted || connection.isInterruptionTold || reason === 'run-ended') return
    sink.disconnected(connection.givenUp ?? reason)
  }

  private sent(entry: EntryView): void {
    const sent = parseJson(entry.text())
    if (SentConfCodec.is(sent)) this.connectionOf(entry).requestFlags(sent.flags)
  }

  /** Imports may have no entry that tells of the opening. */
  private connectionOf(entry: EntryView): Connection {
    return this.connections.find(entry.connection) ?? this.connections.open(entry.connection, false)
  }

  private received(entry: EntryView, sink: DecoderSink): void {
    if (entry.isBinary) {
      sink.undecoded('binary')
      return
    }
    const { row } = entry
    const bound = row === undefined ? undefined : this.frame.bindingOf(row)
    if (row !== undefined && bound !== undefined) {
      const connection = this.connectionOf(entry)
      if (this.frame.readRow(entry, row, bound, connection.flags)) {
        this.arrayFrame(connection, true, sink)
        return
      }
    }
    this.receivedText(entry, sink)
  }

  /** Events, and array frames that cannot be read as rows. */
  private receivedText(entry: EntryView, sink: DecoderSink): void {
    const text = entry.text()
    const value = parseJson(text)
    if (value === undefined) {
      sink.undecoded('not-json')
    } else if (Array.isArray(value)) {
      const connection = this.connectionOf(entry)
      const isWhole = this.frame.readText(text, value, connection.flags, this.now)
      this.arrayFrame(connection, isWhole, sink)
    } else if (typeof value === 'object' && value !== null) {
      const connection = this.connectionOf(entry)
      const chanId = this.events.decode(connection, value, this.now, sink)
      if (chanId !== undefined) this.decodeWaiting(connection, chanId, sink)
    } else {
      sink.undecoded('primitive')
    }
  }

  /** Frames that came before the venue confirmed their channel; their numbers were counted then. */
  private decodeWaiting(connection: Connection, chanId: number, sink: DecoderSink): void {
    for (const waiting of connection.waiting.take(chanId)) {
      const items = parseJson(waiting.text)
      if (!Array.isArray(items)) continue
      if (this.frame.readText(waiting.text, items, connection.flags, waiting.receiveTime))
        this.channels.decode(connection, sink)
    }
  }

  /** The frame was taken apart. `isWhole`: with the tail that the connection's flags promise. */
  private arrayFrame(connection: Connection, isWhole: boolean, sink: DecoderSink): void {
    const { frame } = this
    if (frame.sequence !== undefined && !this.isNew(connection, frame.sequence, sink)) return
    connection.hasArrayFrames = true
    if (isWhole) this.channels.decode(connection, sink)
    else this.channels.malformed(connection, 'frame', sink)
  }

  /**
   * Counts the frame. A hole, a step back and a restart all prove that something is wrong with the whole socket: each
   * is told, and the book waits for a new connection. The very same frame once more is only dropped.
   */
  private isNew(connection: Connection, sequence: number, sink: DecoderSink): boolean {
    const expected = connection.sequence.expected
    const verdict = connection.sequence.accept(sequence, this.frame)
    if (verdict === 'next') return true
    if (verdict === 'repeat') {
      sink.undecoded('duplicate-sequence')
      return false
    }
    const isFollowed = this.book.source?.connection === connection.number
    connection.standby?.halt()
    // Another connection has what this one lost.
    if (!(isFollowed ? this.failover.takeOver(sink) : this.failover.isCoveredWithout(connection))) {
      if (isFollowed) this.channels.endBook('venue-sequence', sink)
      sink.gap({ cause: 'venue-sequence', expected: String(expected), found: String(sequence) })
    }
    connection.waiting.dropAll()
    connection.isInterruptionTold = true
    this.recovery.giveUp(connection, 'resubscribe', 0, sink)
    return true
  }

  reject(reason: InvalidReason, detail: string, sink: DecoderSink): void {
    this.channels.reject(reason, detail, this.now, sink)
  }

  orderId(order: OrderHandle): string {
    return this.book.orderId(order)
  }

  isMidTransaction(): boolean {
    return this.book.burst.isOpen
  }

  save(): Uint8Array {
    const writer = new StateWriter()
    writer.uint(this.now)
    this.channels.save(writer)
    this.wanted.save(writer)
    this.book.save(writer)
    this.trades.save(writer)
    this.recovery.save(writer)
    this.connections.save(writer)
    return writer.finish()
  }

  restore(state: Uint8Array): void {
    const reader = new StateReader(state)
    this.now = microsOf(reader.uint())
    this.channels.restore(reader)
    this.wanted.restore(reader)
    this.book.restore(reader)
    this.trades.restore(reader)
    this.recovery.restore(reader)
    this.connections.restore(reader)
  }
}

/** Why a closed connection makes its book unusable. The run that shut it down ends with the next entry. */
const closeReason = (entry: EntryView): 'disconnect' | 'stale' | 'run-ended' => {
  const payload = parseJson(entry.text())
  if (!ClosedCodec.is(payload)) return 'disconnect'
  if (payload.cause === ('silence' satisfies ClosedPayload['cause'])) return 'stale'
  if (isSilentChannel(payload)) return 'stale'
  return payload.cause === ('shutdown' satisfies ClosedPayload['cause']) ? 'run-ended' : 'disconnect'
}
