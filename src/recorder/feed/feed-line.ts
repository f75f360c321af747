/**
 * One of a stream's redundant connections: opens it, watches it, opens it again with back-off. Writes what it sends and
 * receives; understands no frame, and knows nothing of the lines beside it.
 */
import { Buffer } from 'node:buffer'

import { type CloseCause, encodeJson } from '../../log/payloads.ts'
import { Backoff } from '../../transport/backoff.ts'
import type { Socket } from '../../transport/websocket.ts'
import type { OutgoingFrame, SessionContext } from '../../venues/venue.ts'
import { NamedTimers } from '../named-timers.ts'
import type { FeedOptions } from './feed-options.ts'
import { jittered } from './jittered.ts'
import { SilenceWatch } from './silence-watch.ts'

const HANDSHAKE_TIMEOUT = 10_000
/** A peer that was told goodbye may still send what it had sent before; after this it is cut off. */
const GOODBYE_TIMEOUT = 2000
const RECONNECT_DELAYS = { first: 1000, most: 60_000 }
const REFUSED_DELAYS = { first: 10_000, most: 60_000 }
/** A product that was delisted hardly ever comes back. */
const GONE_DELAYS = { first: 60_000, most: 900_000 }

const AGE_JITTER = 0.1

/** One connection from its first attempt to its end. */
interface Connection {
  number: number
  socket: Socket | undefined
  isOpen: boolean
}

/** What the lines of a feed share. */
export interface FeedLineOptions extends FeedOptions {
  readonly redact: (text: string) => string
  readonly nextConnection: () => number
  readonly sessionNow: () => SessionContext
  /** How many lines are open. */
  readonly openLines: () => number
  /** True the first time for a text of refusal. */
  readonly isNewRefusal: (text: string) => boolean
  /** The connection of this line is as old as it should get. */
  readonly onAged: (line: FeedLine) => void
  /** Its connection is over, and is to be opened again. */
  readonly onLost: (line: FeedLine) => void
  /** The connection is over: what was planned for it is void. */
  readonly onEnded: (connection: number) => void
}

export class FeedLine {
  private readonly options: FeedLineOptions
  private readonly timers: NamedTimers
  private readonly reconnectDelays: Backoff
  private readonly refusedDelays: Backoff
  private readonly goneDelays: Backoff
  private readonly silence: SilenceWatch
  private connection: Connection | undefined
  private isPaused = false
  private isStopping = false
  private isAsking = false
  /** How its last connection is said to have ended. */
  private ending: { readonly cause: CloseCause; readonly reason: string } = { cause: 'shutdown', reason: '' }
  private onGoodbye: (() => void) | undefined

  constructor(options: FeedLineOptions) {
    this.options = options
    const { scheduler, random, venue } = options
    this.timers = new NamedTimers(scheduler)
    this.reconnectDelays = new Backoff({ ...RECONNECT_DELAYS, random })
    this.refusedDelays = new Backoff({ ...REFUSED_DELAYS, random })
    this.goneDelays = new Backoff({ ...GONE_DELAYS, random })
    this.silence = new SilenceWatch(venue.silenceLimit, scheduler, () => this.isPaused)
  }

  get isOpen(): boolean {
    return this.connection?.isOpen === true
  }

  has(connection: number): boolean {
    return this.connection?.number === connection
  }

  /** Connections are counted anew: the one at hand has its number raised. */
  renumber(by: number): void {
    if (this.connection !== undefined) this.connection.number += by
  }

  /** The connection delivers: the next trouble begins with short delays again. */
  noteStarted(): void {
    this.reconnectDelays.reset()
    this.refusedDelays.reset()
    this.goneDelays.reset()
  }

  /** As soon as the venue's limit lets it. */
  connect(): void {
    if (this.isAsking) return
    this.isAsking = true
    this.options.mayConnect(() => {
      this.isAsking = false
      if (!this.isStopping && this.connection === undefined) this.begin()
    })
  }

  private begin(): void {
    const { connect, endpoints, log, now, venue, onReport, nextConnection } = this.options
    const connection: Connection = { number: nextConnection(), socket: undefined, isOpen: false }
    this.connection = connection
    onReport({ kind: 'connecting' })
    const isCurrent = (): boolean => this.connection === connection
    connection.socket = connect(
      {
        url: endpoints.ws,
        offersCompression: venue.offersCompression,
        handshakeTimeout: HANDSHAKE_TIMEOUT,
        now,
      },
      {
        onOpen: () => {
          if (isCurrent()) this.open(connection)
        },
        onMessage: (bytes, isBinary, receiveTime) => {
          if (!isCurrent()) return
          this.silence.noteFrame()
          log.append('frame', connection.number, bytes, isBinary, receiveTime)
        },
        onClose: (code, detail) => {
          if (isCurrent()) this.closed(connection, code, detail)
        },
      },
    )
    if (this.isPaused) connection.socket.pause()
  }

  send(frame: OutgoingFrame): void {
    const { connection } = this
    if (connection?.isOpen !== true) return
    this.options.log.append('sent', connection.number, Buffer.from(frame.stored))
    connection.socket?.send(frame.text)
  }

  /** Gives the connection up and opens a new one, after `delay` ms at least. */
  reconnect(cause: string, delay: number): void {
    if (this.connection === undefined) return
    this.giveUp(this.connection, 'requested', cause, Math.max(delay, this.reconnectDelays.next()))
  }

  /** The venue refuses what this connection asked for. `isGone`: it has no such product any more. */
  refuse(text: string, isGone: boolean): void {
    if (this.connection === undefined) return
    const { isNewRefusal, onReport, openLines } = this.options
    const delays = isGone ? this.goneDelays : this.refusedDelays
    this.giveUp(this.connection, 'requested', 'refused', delays.next())
    if (isNewRefusal(text)) onReport({ kind: 'refused', text, open: openLines() })
  }

  pause(): void {
    this.isPaused = true
    this.connection?.socket?.pause()
  }

  resume(): void {
    this.isPaused = false
    this.connection?.socket?.resume()
  }

  /** Says goodbye and takes what is still on the way. Settles when the connection is over. */
  async stop(cause: CloseCause = 'shutdown', reason = ''): Promise<void> {
    this.isStopping = true
    this.ending = { cause, reason }
    this.timers.cancelAll()
    const { connection } = this
    if (connection?.isOpen === true) {
      this.resume()
      await new Promise<void>((resolve) => {
        this.onGoodbye = resolve
        this.timers.set('goodbye', GOODBYE_TIMEOUT, resolve)
        connection.socket?.close()
      })
      this.timers.cancelAll()
    }
    if (this.connection !== undefined) this.end(this.connection, cause, 1006, reason)
  }

  /** `onAged` is called when the connection at hand is so much older, about; 0: never. */
  ageFor(milliseconds: number): void {
    const { onAged, random } = this.options
    // Those that began together are not renewed together.
    if (milliseconds > 0)
      this.timers.set('age', jittered(milliseconds, AGE_JITTER, random), () => {
        onAged(this)
      })
  }

  private connectAfter(milliseconds: number): void {
    this.timers.set('connect', milliseconds, () => {
      this.connect()
    })
  }

  private open(connection: Connection): void {
    const { endpoints, log, venue, onReport, openLines, sessionNow } = this.options
    connection.isOpen = true
    log.append('opened', connection.number, encodeJson({ url: endpoints.ws }))
    onReport({ kind: 'connected', connection: connection.number, open: openLines() })
    for (const frame of venue.openingFrames(sessionNow())) this.send(frame)
    this.ageFor(this.options.renewAfter ?? 0)
    this.silence.watch(() => {
      log.append('timer', connection.number, encodeJson({ timer: 'silence' }))
      this.giveUp(connection, 'silence', '', this.reconnectDelays.next())
    })
  }

  /** The connection ended by itself, or never came to be. */
  private closed(connection: Connection, code: number, detail: string): void {
    const { onReport, openLines, redact } = this.options
    const text = redact(detail)
    if (this.isStopping) {
      this.end(connection, this.ending.cause, code, this.ending.reason === '' ? text : this.ending.reason)
      this.onGoodbye?.()
      return
    }
    const retryIn = this.reconnectDelays.next()
    this.end(connection, connection.isOpen ? 'remote' : 'failed', code, text)
    const open = openLines()
    onReport(
      connection.isOpen
        ? { kind: 'closed', cause: 'remote', code, detail: text, retryIn, open }
        : { kind: 'unreachable', detail: text, retryIn, open },
    )
    this.connectAfter(retryIn)
    this.options.onLost(this)
  }

  /** We end the connection; whatever still comes from it is no longer ours. */
  private giveUp(connection: Connection, cause: CloseCause, detail: string, retryIn: number): void {
    const { onReport, openLines } = this.options
    const code = 1006
    this.end(connection, cause, code, detail)
    if (detail !== 'refused') onReport({ kind: 'closed', cause, code, detail, retryIn, open: openLines() })
    this.connectAfter(retryIn)
    this.options.onLost(this)
  }

  private end(connection: Connection, cause: CloseCause, code: number, reason: string): void {
    this.connection = undefined
    this.timers.cancel('age')
    this.silence.stop()
    connection.socket?.terminate()
    this.options.onEnded(connection.number)
    this.options.log.append('closed', connection.number, encodeJson({ cause, code, reason }))
  }
}
