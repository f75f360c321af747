/**
 * Frames that are objects: the session's events. Owns what each means for a connection and the stream's book; frames
 * of channels are the decoder's, and so is a failure of the book.
 */
import { goneProduct } from '../../market/product-state.ts'
import type { Micros } from '../../market/time.ts'
import type { DecoderSink } from '../venue.ts'
import type { BookFeed } from './book-feed.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import type { Failover } from './failover.ts'
import {
  ConfEventCodec,
  ErrorEventCodec,
  InfoEventCodec,
  type SubscribedEvent,
  SubscribedEventCodec,
  UnsubscribedEventCodec,
} from './frames.ts'
import { IN_MAINTENANCE } from './listed-pair.ts'
import { PAIR_LIST } from './pair-list.ts'
import type { Recovery } from './recovery.ts'
import type { BookRequest } from './requests.ts'
import { StandbyBook } from './standby-book.ts'
import type { WantedStream } from './wanted-stream.ts'

const PROTOCOL_VERSION = 2

/** The server stops: a new connection is needed before this one ends. */
const STOPPING = 20_051
const MAINTENANCE_BEGINS = 20_060
const MAINTENANCE_ENDED = 20_061

const DUPLICATE = 10_301
/** Unknown pair, precision, length; subscription failed; unknown channel; too many channels. */
const REFUSALS: readonly number[] = [10_001, 10_011, 10_012, 10_300, 10_302, 10_305]

const UNKNOWN_PAIR = 10_001

const isUnknownSymbol = ({
  code,
  msg,
}: {
  readonly code: number
  readonly msg?: string | null | undefined
}): boolean => code === UNKNOWN_PAIR || msg?.includes('symbol: invalid') === true

/** Longest name of an unknown thing that goes into a count. */
const NAME_LENGTH = 40

/** The parts of a decoder that events touch. */
export interface EventParts {
  readonly connections: Connections
  readonly book: BookFeed
  readonly wanted: WantedStream
  readonly recovery: Recovery
  readonly failover: Failover
}

export class EventFrames {
  private readonly connections: Connections
  private readonly book: BookFeed
  private readonly wanted: WantedStream
  private readonly recovery: Recovery
  private readonly failover: Failover

  constructor(parts: EventParts) {
    this.connections = parts.connections
    this.book = parts.book
    this.wanted = parts.wanted
    this.recovery = parts.recovery
    this.failover = parts.failover
  }

  /** Returns the channel that became ours by this event: frames that waited for it can be decoded now. */
  decode(connection: Connection, event: object, now: Micros, sink: DecoderSink): number | undefined {
    const name: unknown = (event as { event?: unknown }).event
    switch (name) {
      case 'info':
        this.info(connection, event, sink)
        return undefined
      case 'conf':
        this.conf(connection, event, sink)
        return undefined
      case 'subscribed':
        if (SubscribedEventCodec.is(event)) return this.subscribed(connection, event, now, sink)
        sink.undecoded('malformed:subscribed')
        return undefined
      case 'unsubscribed':
        this.unsubscribed(connection, event, sink)
        return undefined
      case 'error':
        this.refused(connection, event, sink)
        return undefined
      case 'pong':
        return undefined
      default:
        sink.undecoded(typeof name === 'string' ? `event:${name.slice(0, NAME_LENGTH)}` : 'malformed:event')
        return undefined
    }
  }

  private info(connection: Connection, event: object, sink: DecoderSink): void {
    if (!InfoEventCodec.is(event)) {
      sink.undecoded('malformed:info')
      return
    }
    const { version, code, platform } = event
    if (typeof version === 'number' && version !== PROTOCOL_VERSION) {
      sink.undecoded(`version:${String(version)}`)
      this.refuse(connection, `the venue speaks version ${String(version)} of its protocol`, sink)
    }
    if (code === STOPPING) {
      connection.isEnding = true
      sink.command({ kind: 'renew', connection: connection.number })
    } else if (code === MAINTENANCE_BEGINS || platform?.status === 0) {
      this.interrupt(connection, sink)
      connection.isInMaintenance = true
      sink.product(IN_MAINTENANCE)
      this.recovery.startMaintenance(connection, sink)
    } else if (code === MAINTENANCE_ENDED) {
      this.interrupt(connection, sink)
      connection.isInMaintenance = false
      sink.command({ kind: 'request', purpose: 'product', path: PAIR_LIST.path, delay: 0 })
      this.recovery.resubscribeAll(connection, sink)
    } else if (typeof code === 'number') {
      sink.undecoded(`info:${String(code)}`)
    }
  }

  /** The venue will say nothing more that counts until a new subscription. */
  private interrupt(connection: Connection, sink: DecoderSink): void {
    const isFollowed = this.book.source?.connection === connection.number
    connection.standby?.halt()
    if (!(isFollowed ? this.failover.takeOver(sink) : this.failover.isCoveredWithout(connection))) {
      if (isFollowed) this.book.halt('maintenance', sink)
      if (connection.isStarted && !connection.isInterruptionTold) sink.disconnected('maintenance')
    }
    connection.isInterruptionTold ||= connection.isStarted
  }

  private conf(connection: Connection, event: object, sink: DecoderSink): void {
    if (ConfEventCodec.is(event) && event.status === 'OK' && typeof event.flags === 'number') {
      connection.confirmFlags(event.flags)
      return
    }
    sink.undecoded('event:conf-refused')
    connection.refuseFlags()
  }

  private subscribed(
    connection: Connection,
    event: SubscribedEvent,
    now: Micros,
    sink: DecoderSink,
  ): number | undefined {
    const role = this.wanted.roleOf(event)
    const { chanId } = event
    if (role === 'trades') {
      this.retire(connection, 'trades')
      connection.channels.set(chanId, role)
      connection.awaitsTrades = false
      return chanId
    }
    const isFree = this.isBookFree(connection, chanId)
    if (role !== 'book' || (!isFree && this.book.source?.connection === connection.number)) {
      connection.channels.set(chanId, 'other')
      connection.waiting.take(chanId)
      return undefined
    }
    this.retire(connection, 'book')
    connection.channels.set(chanId, role)
    if (isFree) this.bindBook(connection, event, sink)
    else this.bindStandby(connection, event, sink)
    if (!connection.waiting.isIncomplete(chanId)) return chanId
    // Its snapshot may be among the frames that were given up while it was unknown.
    connection.waiting.take(chanId)
    if (isFree) this.book.halt('resubscribe', sink)
    else connection.standby?.halt()
    this.recovery.resubscribeBook(connection, now, sink)
    return undefined
  }

  /** The first book of the symbol is the stream's, until it fails or goes. */
  private isBookFree(connection: Connection, chanId: number): boolean {
    const { source, phase } = this.book
    if (source === undefined || phase === 'halted' || this.book.isFedBy(connection.number, chanId))
      return true
    return this.connections.find(source.connection)?.givenUp !== undefined
  }

  private requestOf(event: SubscribedEvent): BookRequest {
    return {
      symbol: event.symbol ?? this.wanted.symbol,
      prec: event.prec ?? 'P0',
      freq: event.freq ?? 'F0',
      len: String(event.len ?? 25),
    }
  }

  /** The stream follows another connection: this one's book stands by. */
  private bindStandby(connection: Connection, event: SubscribedEvent, sink: DecoderSink): void {
    const request = this.requestOf(event)
    connection.bookRequest = request
    connection.awaitsBook = false
    connection.standby = new StandbyBook(event.chanId, request)
    if (connection.givenUp === undefined) this.recovery.watch(connection, sink)
  }

  private bindBook(connection: Connection, event: SubscribedEvent, sink: DecoderSink): void {
    const request = this.requestOf(event)
    connection.bookRequest = request
    connection.awaitsBook = false
    connection.standby = undefined
    this.book.bind({ ...request, connection: connection.number, chanId: event.chanId }, sink)
    if (connection.givenUp === undefined) this.recovery.watch(connection, sink)
  }

  /** Frames of the channel that was ours may still be on their way. */
  private retire(connection: Connection, role: 'book' | 'trades'): void {
    const chanId = connection.channels.find(role)
    if (chanId !== undefined) connection.channels.set(chanId, 'retired')
  }

  private unsubscribed(connection: Connection, event: object, sink: DecoderSink): void {
    if (!UnsubscribedEventCodec.is(event)) {
      sink.undecoded('malformed:unsubscribed')
      return
    }
    connection.channels.set(event.chanId, 'retired')
    if (connection.standby?.chanId === event.chanId) connection.standby = undefined
    if (!this.book.isFedBy(connection.number, event.chanId)) return
    if (this.failover.takeOver(sink)) {
      connection.standby = undefined
      return
    }
    if (this.book.isValid) sink.disconnected('resubscribe')
    this.book.halt('resubscribe', sink)
    this.book.release()
  }

  private refused(connection: Connection, event: object, sink: DecoderSink): void {
    if (!ErrorEventCodec.is(event)) {
      sink.undecoded('malformed:error')
      return
    }
    const { code, symbol, pair } = event
    sink.undecoded(`error:${String(code)}`)
    const isOfAnother =
      (typeof symbol === 'string' || typeof pair === 'string') && !this.wanted.names(symbol, pair)
    if (isOfAnother) return
    if (code === DUPLICATE) this.recovery.duplicate(connection, sink)
    else if (REFUSALS.includes(code))
      this.refuse(connection, `${event.msg ?? 'refused'} (${String(code)})`, sink, isUnknownSymbol(event))
  }

  private refuse(connection: Connection, text: string, sink: DecoderSink, isGone = false): void {
    connection.isRefused = true
    if (isGone) sink.product(goneProduct(text))
    const refused = { kind: 'refused', connection: connection.number, text } as const
    sink.command(isGone ? { ...refused, isGone } : refused)
  }
}
