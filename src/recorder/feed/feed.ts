/**
 * The live feed of one stream: owns its connections and everything that is written into its log, in the order in which
 * it arrives, whichever connection it comes from. It understands no frame: what to ask for comes from the venue, what to do
 * next from the decoder's commands.
 */
import { Buffer } from 'node:buffer'

import type { ClockQuality } from '../../log/clock-quality.ts'
import { RECORD_HEADER_BYTES } from '../../log/entry.ts'
import { encodeJson, encodeResponse, encodeResponseHead, type RestResponse } from '../../log/payloads.ts'
import type { FeedCommand, SessionContext } from '../../venues/venue.ts'
import { NamedTimers } from '../named-timers.ts'
import { redactionOf } from '../redaction.ts'
import { FeedLine } from './feed-line.ts'
import type { FeedOptions } from './feed-options.ts'
import { FeedRequests } from './feed-requests.ts'
import { jittered } from './jittered.ts'
import { LineRenewal } from './line-renewal.ts'

/** The product list is waited for this long before the first connection, so that scales are known from the start. */
const OPENING_TIMEOUT = 5000
/** A product is asked for again after its venue's interval, give or take this share: many pairs do not ask at once. */
const REFRESH_JITTER = 0.2
/** So much of a refusal is told. */
const DETAIL_LENGTH = 200
const READ_DETAIL_BYTES = 4096

export class Feed {
  private readonly options: FeedOptions
  private readonly requests: FeedRequests
  private readonly decoderTimers: NamedTimers
  private readonly timers: NamedTimers
  private readonly lines: FeedLine[]
  private readonly renewal: LineRenewal
  private isPaused = false
  private readonly redact: (text: string) => string
  /** What was told of each URL whose last answer was a failure. */
  private readonly failedRequests = new Map<string, string>()
  private connections: number
  private hasBegun = false
  private refusedText: string | undefined
  private isStopping = false

  constructor(options: FeedOptions) {
    this.options = options
    const { scheduler, get, endpoints, venue, mayRequest } = options
    this.connections = options.lastConnection
    this.redact = redactionOf(Object.values(options.session.credentials ?? {}))
    this.decoderTimers = new NamedTimers(scheduler)
    this.timers = new NamedTimers(scheduler)
    this.lines = Array.from({ length: options.lines ?? 1 }, () => this.newLine())
    this.renewal = new LineRenewal({
      scheduler,
      open: () => this.openFreshLine(),
      drop: (line) => {
        this.dropLine(line)
      },
    })
    this.requests = new FeedRequests({
      baseUrl: endpoints.rest,
      get,
      mayRequest,
      scheduler,
      headers: (path) => venue.requestHeaders(path, this.sessionNow()),
      onResponse: (response) => {
        this.noteResponse(response)
      },
    })
  }

  private newLine(): FeedLine {
    const { options } = this
    return new FeedLine({
      ...options,
      redact: this.redact,
      nextConnection: () => ++this.connections,
      sessionNow: () => this.sessionNow(),
      openLines: () => this.openLines,
      isNewRefusal: (text: string) => {
        const isNew = text !== this.refusedText
        this.refusedText = text
        return isNew
      },
      onAged: (line) => {
        this.renewal.renew(line)
      },
      onLost: (line) => {
        this.renewal.noteLost(line)
      },
      onEnded: (connection: number) => {
        this.decoderTimers.cancelAll(`${String(connection)}/`)
      },
    })
  }

  private get openLines(): number {
    return this.lines.filter((line) => line.isOpen).length
  }

  private openFreshLine(): FeedLine {
    const line = this.newLine()
    this.lines.push(line)
    if (this.isPaused) line.pause()
    line.connect()
    return line
  }

  private dropLine(line: FeedLine): void {
    const wasOpen = line.isOpen
    void line.stop('requested', 'renewed').then(() => {
      this.lines.splice(this.lines.indexOf(line), 1)
      if (wasOpen && !this.isStopping) this.options.onReport({ kind: 'renewed', open: this.openLines })
    })
  }

  /** Begins the run: its manifest, the product list, the first connections. */
  start(): void {
    const { log, manifest, venue } = this.options
    if (manifest !== undefined) log.append('run-started', 0, encodeJson(manifest))
    this.refreshLater()
    const paths = venue.openingRequests(this.sessionNow())
    const begin = (): void => {
      if (this.hasBegun || this.isStopping) return
      this.hasBegun = true
      for (const line of this.lines) line.connect()
    }
    if (paths.length === 0) {
      begin()
      return
    }
    this.timers.set('opening', OPENING_TIMEOUT, begin)
    const asked = paths.map((path, index) => this.requests.run(`opening-${String(index)}`, path))
    void Promise.all(asked).then(() => {
      this.timers.cancel('opening')
      begin()
    })
  }

  private refreshLater(): void {
    const { productRefresh } = this.options.venue
    if (productRefresh === undefined) return
    this.timers.set('product', jittered(productRefresh.interval, REFRESH_JITTER, this.options.random), () => {
      this.requests.request('product', productRefresh.path(this.sessionNow()), 0)
      this.refreshLater()
    })
  }

  /** The log counts connections from here on: those of this feed get numbers behind them. */
  renumber(lastConnection: number): void {
    this.connections += lastConnection
    for (const line of this.lines) line.renumber(lastConnection)
  }

  /** This connection delivers: its next trouble begins with short delays again. */
  noteStarted(connection: number): void {
    const line = this.lineOf(connection)
    line?.noteStarted()
    if (line !== undefined) this.renewal.noteStarted(line)
    this.refusedText = undefined
  }

  private lineOf(connection: number): FeedLine | undefined {
    return this.lines.find((line) => line.has(connection))
  }

  /** Does what the decoder asks. Commands for a connection that is gone are dropped. */
  handle(command: FeedCommand): void {
    if (this.isStopping) return
    switch (command.kind) {
      case 'send':
        this.lineOf(command.connection)?.send(command.frame)
        return
      case 'request':
        this.requests.request(command.purpose, command.path, command.delay)
        return
      case 'timer':
        this.setTimer(command.timer, command.connection ?? 0, command.delay)
        return
      case 'reconnect':
        this.lineOf(command.connection)?.reconnect(reasonOf(command), command.delay)
        return
      case 'renew':
        this.renew(command.connection)
        return
      case 'refused':
        this.lineOf(command.connection)?.refuse(this.redact(command.text), command.isGone === true)
    }
  }

  private renew(connection: number): void {
    const line = this.lineOf(connection)
    if (line !== undefined) this.renewal.renew(line)
  }

  private setTimer(timer: string, connection: number, delay: number): void {
    if (connection !== 0 && this.lineOf(connection) === undefined) return
    this.decoderTimers.set(`${String(connection)}/${timer}`, delay, () => {
      this.options.log.append('timer', connection, encodeJson({ timer }))
    })
  }

  /** Notes in the log how the clocks stand. */
  noteClock(offset: number, quality?: ClockQuality): void {
    if (!this.isStopping) this.options.log.append('clock', 0, encodeJson({ offset, quality }))
  }

  /** Stops reading from the sockets; the venue feels it. For when what follows cannot keep up. */
  pause(): void {
    this.isPaused = true
    for (const line of this.lines) line.pause()
  }

  resume(): void {
    this.isPaused = false
    for (const line of this.lines) line.resume()
  }

  /** Says goodbye, takes what is still on the way, ends the run. Settles when the last batch was handed on. */
  async stop(): Promise<void> {
    if (this.isStopping) return
    this.isStopping = true
    this.requests.stop()
    this.decoderTimers.cancelAll()
    this.timers.cancelAll()
    this.renewal.stop()
    await Promise.all(this.lines.map((line) => line.stop()))
    this.options.log.append('run-ended', 0, encodeJson({ cause: 'stopped' }))
    this.options.log.flush(true)
  }

  private sessionNow(): SessionContext {
    return { ...this.options.session, unixSeconds: Math.floor(this.options.now() / 1_000_000) }
  }

  /** Logs an answer; a failure is told once, until it changes. */
  private noteResponse(response: RestResponse): void {
    const { url, status, body } = response
    const record = recordAround(response)
    if (record === undefined) this.options.log.append('response', 0, encodeResponse(response))
    else this.options.log.appendRecord('response', 0, record)
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
}

/** The record of an answer in shared memory, made around its body; undefined: it has no memory of its own ahead of it. */
const recordAround = (response: RestResponse): Uint8Array | undefined => {
  const { body } = response
  if (!(body.buffer instanceof SharedArrayBuffer)) return undefined
  const head = encodeResponseHead(response)
  const length = RECORD_HEADER_BYTES + head.length
  if (length > body.byteOffset) return undefined
  const record = new Uint8Array(body.buffer, body.byteOffset - length, length + body.length)
  record.set(head, RECORD_HEADER_BYTES)
  return record
}

const reasonOf = ({ cause, detail }: { readonly cause: string; readonly detail?: string }): string =>
  detail === undefined ? cause : `${cause}: ${detail}`
