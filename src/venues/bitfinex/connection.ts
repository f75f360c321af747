/** State of one connection: its flags, its counter, its channels, and how it stands. All of it dies with the socket. */
import type { DisconnectCause } from '../../market/event.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { ChannelTable } from './channel-table.ts'
import { ChannelWatch } from './channel-watch.ts'
import { type BookRequest, FLAGS } from './requests.ts'
import { SocketSequence } from './socket-sequence.ts'
import { StandbyBook } from './standby-book.ts'
import { WaitingFrames } from './waiting-frames.ts'

const CAUSES = ['disconnect', 'stale', 'maintenance', 'resubscribe'] as const

export class Connection {
  readonly number: number
  /** We saw it open, so its first array frame is the socket's first. */
  wasOpened: boolean
  /** A frame of ours came. */
  isStarted = false
  /** The venue refused what we ask for: the feed retries slowly. */
  isRefused = false
  /** Between codes 20060 and 20061. */
  isInMaintenance = false
  /** The venue said that it stops: it will close this one. */
  isEnding = false
  /** The gap or interruption that will end this connection is told already. */
  isInterruptionTold = false
  hasArrayFrames = false
  /** We asked for a new connection in its place, for this cause. */
  givenUp: DisconnectCause | undefined
  /** How its book was confirmed last: what to ask for again. */
  bookRequest: BookRequest | undefined
  /** Subscriptions we asked for again that are not confirmed yet. */
  awaitsBook = false
  awaitsTrades = false
  /** How often the venue called the new subscription a duplicate. */
  duplicates = 0
  /** Its book, where the stream follows another connection's. */
  standby: StandbyBook | undefined
  readonly sequence = new SocketSequence()
  readonly channels = new ChannelTable()
  readonly waiting = new WaitingFrames()
  readonly watch = new ChannelWatch()
  private confirmedFlags: number | undefined
  private requestedFlags: number | undefined

  constructor(number: number, wasOpened: boolean) {
    this.number = number
    this.wasOpened = wasOpened
  }

  /** Flags in force: what the venue confirmed; where its answer is missing, what we asked for. */
  get flags(): number {
    return this.confirmedFlags ?? this.requestedFlags ?? 0
  }

  /** Whether every array frame has a number here, the only proof where no checksums were asked for. */
  get isProvenBySequence(): boolean {
    return (this.flags & FLAGS.sequence) !== 0 && (this.flags & FLAGS.checksum) === 0
  }

  get isBulk(): boolean {
    return (this.flags & FLAGS.bulk) !== 0
  }

  requestFlags(flags: number): void {
    this.requestedFlags = flags
  }

  confirmFlags(flags: number): void {
    this.confirmedFlags = flags
    // Measured: the first array frame of a socket has number 1. Where we saw the socket open and the flags confirmed
    // before any array frame, a higher first number means that frames are missing.
    if ((flags & FLAGS.sequence) !== 0 && this.wasOpened && !this.hasArrayFrames) this.sequence.beginAtOne()
  }

  /** The venue keeps the flags it had. */
  refuseFlags(): void {
    this.requestedFlags = undefined
  }

  save(writer: StateWriter): void {
    writer.bool(this.wasOpened)
    writer.bool(this.isStarted)
    writer.bool(this.isRefused)
    writer.bool(this.isInMaintenance)
    writer.bool(this.isEnding)
    writer.bool(this.isInterruptionTold)
    writer.bool(this.hasArrayFrames)
    writer.uint(this.givenUp === undefined ? 0 : CAUSES.indexOf(this.givenUp) + 1)
    writer.optionalText(this.bookRequest === undefined ? undefined : JSON.stringify(this.bookRequest))
    writer.bool(this.awaitsBook)
    writer.bool(this.awaitsTrades)
    writer.uint(this.duplicates)
    writer.optionalNumber(this.confirmedFlags)
    writer.optionalNumber(this.requestedFlags)
    this.sequence.save(writer)
    this.channels.save(writer)
    this.waiting.save(writer)
    writer.bool(this.standby !== undefined)
    this.standby?.save(writer)
  }

  restore(reader: StateReader): void {
    this.wasOpened = reader.bool()
    this.isStarted = reader.bool()
    this.isRefused = reader.bool()
    this.isInMaintenance = reader.bool()
    this.isEnding = reader.bool()
    this.isInterruptionTold = reader.bool()
    this.hasArrayFrames = reader.bool()
    this.givenUp = CAUSES[reader.uint() - 1]
    const request = reader.optionalText()
    this.bookRequest = request === undefined ? undefined : (JSON.parse(request) as BookRequest)
    this.awaitsBook = reader.bool()
    this.awaitsTrades = reader.bool()
    this.duplicates = reader.uint()
    this.confirmedFlags = reader.optionalNumber()
    this.requestedFlags = reader.optionalNumber()
    this.sequence.restore(reader)
    this.channels.restore(reader)
    this.waiting.restore(reader)
    this.standby = reader.bool() ? StandbyBook.restore(reader) : undefined
  }
}
