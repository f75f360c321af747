/**
 * The way from a venue's server to one client: every frame passes here, may be spoiled, and is written down as it left.
 * The client's own `send` is replaced, so that servers need not know.
 */
import type { WebSocket } from 'ws'

import type { SentLog } from '../playback/sent-log.ts'
import type { FaultSource, FrameFault, FramePlace } from './fault.ts'
import type { FaultLog } from './fault-log.ts'
import { addedFrame, changedFrames, fitsFrame } from './frame-changes.ts'
import type { FrameDialect } from './frame-dialect.ts'
import type { GuardedConnection } from './link-guard.ts'
import { SendQueue } from './send-queue.ts'
import { SlowWire } from './slow-wire.ts'

export interface LinkOptions {
  readonly connection: GuardedConnection
  readonly venue: string
  /** Of this venue, from 1. */
  readonly number: number
  readonly dialect: FrameDialect
  readonly plan: FaultSource
  readonly faults: FaultLog
  readonly sent: SentLog | undefined
  /** Seconds since the venue began to listen. */
  readonly seconds: () => number
  /** Microseconds by which the venue's times are moved. */
  readonly clockShift: () => number
  readonly goDown: (seconds: number) => void
  readonly stepClock: (seconds: number) => void
  /** The venue's numbers began anew. */
  readonly restarted: () => void
}

type Done = ((error?: Error) => void) | undefined
/** A book as a client that has read so far must see it. */
export interface MarkedBook {
  /** `coinbase:BTC-USD` */
  readonly stream: string
  readonly digest: string
  /** Number of the event that last changed it, as the server counts. */
  readonly sequence: number
}
/** A frame with its caller's wish to be told. */
interface Frame {
  readonly data: string | Buffer
  readonly done: Done
}

/** A frame that waits to be overtaken goes after so many milliseconds anyway. */
const SWAP_PATIENCE = 1000
const ABNORMAL = 1006

export class FaultyLink {
  private readonly options: LinkOptions
  private readonly socket: WebSocket
  private readonly sendNow: (data: string | Buffer, done: (error?: Error) => void) => void
  private readonly queue = new SendQueue()
  private readonly timers = new Set<NodeJS.Timeout>()
  private slow: SlowWire | undefined
  private overtaken: { readonly frames: readonly Frame[]; readonly timer: NodeJS.Timeout } | undefined
  private frames = 0
  private sentFrames = 0
  private silentUntil = 0
  private isHalfOpen = false

  constructor(options: LinkOptions) {
    this.options = options
    const { socket, wire } = options.connection
    this.socket = socket
    this.sendNow = socket.send.bind(socket) as FaultyLink['sendNow']
    socket.send = ((data: string | Buffer, ...rest: unknown[]) => {
      const done = rest.find((value) => typeof value === 'function') as Done
      this.send({ data, done })
    }) as WebSocket['send']
    Object.defineProperty(socket, 'bufferedAmount', {
      get: () => wire.writableLength + this.queue.waitingBytes + (this.slow?.waitingBytes ?? 0),
    })
    socket.on('close', () => {
      this.end()
    })
  }

  /** Writes a book down between the frames that led to it and those after; nothing where it is between two books. */
  mark({ stream, digest, sequence }: MarkedBook): void {
    const { dialect, number, venue, sent } = this.options
    if (this.overtaken !== undefined || !this.isOpen || !dialect.isAt(stream, sequence)) return
    const told = dialect.toldNumber(stream, sequence)
    const text = `${stream} ${digest}${told === undefined ? '' : ` ${String(told)}`}`
    this.queue.add({ bytes: 0, run: () => sent?.mark(number, venue, text) })
  }

  /** Everything sent from now on waits. */
  hold(seconds: number): void {
    this.queue.hold(seconds * 1000)
  }

  cut(): void {
    this.options.connection.wire.destroy()
  }

  /** Faults that last are over; a connection that nothing passes any more is cut. */
  heal(): void {
    this.silentUntil = 0
    this.overtake()
    this.queue.release()
    this.slow?.stop()
    this.socket.resume()
    if (this.isHalfOpen) this.cut()
  }

  private get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  private send({ data, done }: Frame): void {
    const { dialect, venue, number, plan, seconds, clockShift, restarted } = this.options
    if (!this.isOpen) return
    if (typeof data !== 'string') {
      this.pass({ data, done })
      return
    }
    this.frames++
    const channel = dialect.channelOf(data)
    if (this.isHalfOpen || seconds() < this.silentUntil) {
      done?.()
      return
    }
    const place = { venue, connection: number, channel, seconds: seconds() }
    const due = plan.onFrame(place, (fault) => fitsFrame(fault, data, dialect))
    // A restart counts for its own frame.
    if (due.some(({ kind }) => kind === 'sequence-restart')) {
      dialect.restartNumbers(data)
      restarted()
    }
    const shift = clockShift()
    const counted = dialect.renumbered(data)
    const text = shift === 0 ? counted : dialect.retimed(counted, shift)
    if (due.length === 0) this.pass({ data: text, done })
    else this.spoil({ data: text, done }, due, place)
  }

  private spoil(
    { data, done }: { data: string; done: Done },
    due: readonly FrameFault[],
    place: FramePlace,
  ): void {
    const { dialect, faults } = this.options
    const { venue, connection, channel } = place
    let texts: readonly string[] = [data]
    let isOvertaken = false
    for (const fault of due) {
      const sent = this.sentFrames + (this.overtaken === undefined ? 0 : 1)
      faults.note({ venue, connection, frame: this.frames, sent, channel }, fault)
      texts = changedFrames(texts, fault, dialect)
      if (fault.kind === 'delay') this.hold(fault.seconds)
      if (fault.kind === 'swap' && this.overtaken === undefined) isOvertaken = true
    }
    if (isOvertaken) this.letOvertake(texts.map((text) => ({ data: text, done: undefined })))
    else for (const text of texts) this.pass({ data: text, done: undefined })
    done?.()
    for (const fault of due) {
      const added = addedFrame(fault, dialect)
      if (added !== undefined) this.pass({ data: added, done: undefined })
      else this.befall(fault)
    }
  }

  /** What happens to the connection or its venue after the frame; nothing by a fault of the frame itself. */
  private befall(fault: FrameFault): void {
    const { options, socket } = this
    const { wire } = options.connection
    if (fault.kind === 'silence') this.silentUntil = options.seconds() + fault.seconds
    else if (fault.kind === 'reset') this.queue.add({ bytes: 0, run: () => wire.resetAndDestroy() })
    else if (fault.kind === 'close') {
      const { code, reason } = fault
      const run = (): unknown => (code === ABNORMAL ? wire.destroy() : socket.close(code, reason))
      this.queue.add({ bytes: 0, run })
    } else if (fault.kind === 'half-open') {
      this.isHalfOpen = true
      socket.pause()
      this.later(fault.seconds, () => this.cut())
    } else if (fault.kind === 'slow-read') {
      socket.pause()
      this.later(fault.seconds, () => socket.resume())
    } else if (fault.kind === 'slow-write') {
      this.slow ??= new SlowWire(wire, fault.bytesPerSecond)
      this.later(fault.seconds, () => {
        this.slow?.stop()
        this.slow = undefined
      })
    } else if (fault.kind === 'down') options.goDown(fault.seconds)
    else if (fault.kind === 'clock-step') options.stepClock(fault.seconds)
  }

  private letOvertake(frames: readonly Frame[]): void {
    const timer = setTimeout(() => this.overtake(), SWAP_PATIENCE)
    this.overtaken = { frames, timer }
  }

  private overtake(): void {
    const { overtaken } = this
    if (overtaken === undefined) return
    this.overtaken = undefined
    clearTimeout(overtaken.timer)
    for (const frame of overtaken.frames) this.pass(frame)
  }

  /** Puts the frame in line; one that waits to be overtaken follows it. */
  private pass({ data, done }: Frame): void {
    this.sentFrames++
    this.queue.add({ bytes: data.length, run: () => this.emit(data, done) })
    this.overtake()
  }

  private emit(data: string | Buffer, done: Done): void {
    const { number, venue, sent } = this.options
    if (!this.isOpen) return
    sent?.write(number, data, venue)
    this.sendNow(data, (error) => done?.(error))
  }

  private later(seconds: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      run()
    }, seconds * 1000)
    this.timers.add(timer)
  }

  private end(): void {
    this.queue.drop()
    clearTimeout(this.overtaken?.timer)
    for (const timer of this.timers) clearTimeout(timer)
    this.slow?.stop()
  }
}
