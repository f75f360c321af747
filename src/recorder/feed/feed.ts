/**
 * The live feed of one stream: owns its connection and everything that is written into its log. It understands no
 * frame: what to ask for comes from the venue, what to do next from the decoder's commands.
 */
import { Buffer } from 'node:buffer'

import { type CloseCause, encodeJson, encodeResponse, type RestResponse } from '../../log/payloads.ts'
import { Backoff } from '../../transport/backoff.ts'
import type { Socket } from '../../transport/websocket.ts'
import type { FeedCommand, OutgoingFrame, SessionContext } from '../../venues/venue.ts'
import { NamedTimers } from '../named-timers.ts'
import { redactionOf } from '../redaction.ts'
import { ConnectLimiter } from './connect-limiter.ts'
import type { FeedOptions } from './feed-options.ts'
import { FeedRequests } from './feed-requests.ts'
import { SilenceWatch } from './silence-watch.ts'

const HANDSHAKE_TIMEOUT = 10_000
/** The product list is waited for this long before the first connection, so that scales are known from the start. */
const OPENING_TIMEOUT = 5000
/** A peer that was told goodbye may still send what it had sent before; after this it is cut off. */
const GOODBYE_TIMEOUT = 2000
const RECONNECT_DELAYS = { first: 1000, most: 60_000 }
/** So much of a refusal is told. */
const DETAIL_LENGTH = 200
const READ_DETAIL_BYTES = 4096
const REFUSED_DELAYS = { first: 10_000, most: 60_000 }

/** One connection from its first attempt to its end. */
interface Connection {
  readonly number: number
  socket: Socket | undefined
  isOpen: boolean
}

export class Feed {
  private readonly options: FeedOptions
  private readonly requests: FeedRequests
  private readonly decoderTimers: NamedTimers
  private readonly timers: NamedTimers
  private readonly reconnectDelays: Backoff
  private readonly refusedDelays: Backoff
  private readonly limiter: ConnectLimiter
  private readonly silence: SilenceWatch
  private readonly redact: (text: string) => string
  /** What was told of each URL whose last answer was a failure. */
  private readonly failedRequests = new Map<string, string>()
  private connection: Connection | undefined
  private connections: number
  private isPaused = false
  private refusedText: string | undefined
  private onGoodbye: (() => void) | undefined
  private isStopping = false

  constructor(options: FeedOptions) {
    this.options = options
    const { scheduler, random, get, endpoints, venue } = options
    this.connections = options.lastConnection
    this.redact = redactionOf(Object.values(options.session.credentials ?? {}))
    this.decoderTimers = new NamedTimers(scheduler)
    this.timers = new NamedTimers(scheduler)
    this.reconnectDelays = new Backoff({ ...RECONNECT_DELAYS, random })
    this.refusedDelays = new Backoff({ ...REFUSED_DELAYS, random })
    this.limiter = new ConnectLimiter(options.connectsPerMinute)
    this.silence = new SilenceWatch(venue.silenceLimit, scheduler, () => this.isPaused)
    this.requests = new FeedRequests({
      baseUrl: endpoints.rest,
      get,
      scheduler,
      headers: (path) => venue.requestHeaders(path, this.sessionNow()),
      onResponse: (response) => {
        this.noteResponse(response)
      },
    })
  }

  /** Begins the run: its manifest, the product list, the first connection. */
  start(): void {
    const { log, manifest, venue } = this.options
    if (manifest !== undefined) log.append('run-started', 0, encodeJson(manifest))
    const paths = venue.openingRequests(this.sessionNow())
    if (paths.length === 0) {
      this.connect()
      return
    }
    const begin = (): void => {
      if (!this.isStopping && this.connection === undefined && this.connections === this.options.lastConnection) this.connect()
    }
    this.timers.set('opening', OPENING_TIMEOUT, begin)
    const asked = paths.map((path, index) => this.requests.run(`opening-${String(index)}`, path))
    void Promise.all(asked).then(() => {
      this.timers.cancel('opening')
      begin()
    })
  }

  /** The stream delivers: the next trouble begins with short delays again. */
  noteStarted(): void {
    this.reconnectDelays.reset()
    this.refusedDelays.reset()
    this.refusedText = undefined
  }

  /** Does what the decoder asks. Commands for a connection that is gone are dropped. */
  handle(command: FeedCommand): void {
    if (this.isStopping) return
    const { connection } = this
    switch (command.kind) {
      case 'send':
        if (connection?.number === command.connection) this.send(connection, command.frame)
        return
      case 'request':
        this.requests.request(command.purpose, command.path, command.delay)
        return
      case 'timer':
        this.decoderTimers.set(command.timer, command.delay, () => {
          this.options.log.append('timer', 0, encodeJson({ timer: command.timer }))
        })
        return
      case 'reconnect':
        if (connection?.number !== command.connection) return
        this.giveUp(
          connection,
          'requested',
          1006,
          command.cause,
          Math.max(command.delay, this.reconnectDelays.next()),
        )
        return
      case 'refused':
        if (connection?.number !== command.connection) return
        this.refuse(connection, this.redact(command.text))
    }
  }

  /** Notes a clock correction in the log. */
  noteClock(offset: number): void {
    if (!this.isStopping) this.options.log.append('clock', 0, encodeJson({ offset }))
  }

  /** Stops reading from the socket; the venue feels it. For when what follows cannot keep up. */
  pause(): void {
    this.isPaused = true
    this.connection?.socket?.pause()
  }

  resume(): void {
    this.isPaused = false
    this.connection?.socket?.resume()
  }

  /** Says goodbye, takes what is still on the way, ends the run. Settles when the last batch was handed on. */
  async stop(): Promise<void> {
    if (this.isStopping) return
    this.isStopping = true
    this.requests.stop()
    this.decoderTimers.cancelAll()
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
    if (this.connection !== undefined) this.end(this.connection, 'shutdown', 1006, '')
    this.options.log.append('run-ended', 0, encodeJson({ cause: 'stopped' }))
    this.options.log.flush(true)
  }

  private sessionNow(): SessionContext {
    return { ...this.options.session, unixSeconds: Math.floor(this.options.now() / 1_000_000) }
  }

  /** Logs an answer; a failure is told once, until it changes. */
  private noteResponse(response: RestResponse): void {
    const { url, status, body } = response
    this.options.log.append('response', 0, encodeResponse(response))
    const told = this.failedRequests.get(url)
    this.failedRequests.delete(url)
    if (status === 200) return
    // Cut behind the redaction: half a secret would not be known as one.
    const text = Buffer.from(body.subarray(0, READ_DETAIL_BYTES)).toString('utf8')
    const detail = this.redact(text).slice(0, DETAIL_LENGTH)
    const failure = `${String(status)} ${detail}`
    this.failedRequests.set(url, failure)
    if (failure !== told) this.options.onReport({ kind: 'request-failed', url, status, detail })
  }

  private connectAfter(milliseconds: number): void {
    this.timers.set('connect', milliseconds, () => {
      this.connect()
    })
  }

  private connect(): void {
    const { connect, endpoints, log, now, venue, onReport } = this.options
    const wait = this.limiter.take(now())
    if (wait > 0) {
      this.connectAfter(wait)
      return
    }
    const connection: Connection = {
      number: ++this.connections,
      socket: undefined,
      isOpen: false,
    }
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

  private open(connection: Connection): void {
    const { endpoints, log, venue, onReport } = this.options
    connection.isOpen = true
    log.append('opened', connection.number, encodeJson({ url: endpoints.ws }))
    onReport({ kind: 'connected', connection: connection.number })
    for (const frame of venue.openingFrames(this.sessionNow())) this.send(connection, frame)
    this.silence.watch(() => {
      log.append('timer', connection.number, encodeJson({ timer: 'silence' }))
      this.giveUp(connection, 'silence', 1006, '', this.reconnectDelays.next())
    })
  }

  private send(connection: Connection, frame: OutgoingFrame): void {
    if (!connection.isOpen) return
    this.options.log.append('sent', connection.number, Buffer.from(frame.stored))
    connection.socket?.send(frame.text)
  }

  private refuse(connection: Connection, text: string): void {
    if (text !== this.refusedText) this.options.onReport({ kind: 'refused', text })
    this.refusedText = text
    this.giveUp(connection, 'requested', 1006, 'refused', this.refusedDelays.next())
  }

  /** The connection ended by itself, or never came to be. */
  private closed(connection: Connection, code: number, detail: string): void {
    const text = this.redact(detail)
    if (this.isStopping) {
      this.end(connection, 'shutdown', code, text)
      this.onGoodbye?.()
      return
    }
    const retryIn = this.reconnectDelays.next()
    this.end(connection, connection.isOpen ? 'remote' : 'failed', code, text)
    this.options.onReport(
      connection.isOpen
        ? { kind: 'closed', cause: 'remote', code, detail: text, retryIn }
        : { kind: 'unreachable', detail: text, retryIn },
    )
    this.connectAfter(retryIn)
  }

  /** We end the connection; whatever still comes from it is no longer ours. */
  private giveUp(
    connection: Connection,
    cause: CloseCause,
    code: number,
    detail: string,
    retryIn: number,
  ): void {
    this.end(connection, cause, code, detail)
    if (detail !== 'refused') this.options.onReport({ kind: 'closed', cause, code, detail, retryIn })
    this.connectAfter(retryIn)
  }

  private end(connection: Connection, cause: CloseCause, code: number, reason: string): void {
    this.connection = undefined
    this.silence.stop()
    connection.socket?.terminate()
    this.options.log.append('closed', connection.number, encodeJson({ cause, code, reason }))
  }
}
