/**
 * Runs the followers of all streams that are recorded without live books, beside their sealers. What breaks in one stream
 * is told of that stream, and the others go on.
 */
import { EntryCursor, type Seq } from '../../log/entry.ts'
import type { StreamId, VenueId } from '../../market/instrument.ts'
import type { Venue } from '../../venues/venue.ts'
import { LiveSummary } from '../live-summary.ts'
import type { FromFollower, HeldSeal, KeeperStart, ToFollower } from '../thread-messages.ts'
import { LiveFigureSink } from './live-figures.ts'
import { ScanRoom } from './scan-room.ts'
import { StreamFollower } from './stream-follower.ts'
import type { SealedChunk, StreamSealer } from './stream-sealer.ts'

const lastSeqIn = (records: Uint8Array): Seq => {
  const cursor = new EntryCursor(records)
  let lastSeq = 0
  while (cursor.next()) lastSeq = cursor.seq
  return lastSeq
}

interface Followed {
  readonly follower: StreamFollower
  readonly figures: LiveFigureSink
  readonly live: LiveSummary
}

export class FollowerHost {
  private readonly venueById: (id: VenueId) => Venue
  private readonly post: (word: FromFollower) => void
  private readonly room = new ScanRoom()
  private readonly streams = new Map<StreamId, Followed>()

  constructor(venueById: (id: VenueId) => Venue, post: (word: FromFollower) => void) {
    this.venueById = venueById
    this.post = post
  }

  hear(message: ToFollower): void {
    const stream = message.kind === 'follow' ? message.start.stream : message.stream
    try {
      this.take(message)
    } catch (error) {
      this.drop(stream)
      this.tell(stream, { kind: 'failed', sentence: `Its entries could not be followed: ${String(error)}.` })
      if (message.kind === 'follow-ended') this.tell(stream, { kind: 'ended' })
    }
  }

  /** Seals the chunk with what its follower found, where there is one. */
  seal(sealer: StreamSealer, stream: StreamId, records: Uint8Array): SealedChunk {
    const followed = this.streams.get(stream)
    if (followed === undefined) return sealer.seal(records)
    const sealed = sealer.seal(records, followed.follower.take(lastSeqIn(records)))
    followed.follower.noteSize(sealer.storedBytesPerEntry)
    return sealed
  }

  /** Seals the chunk that ends with this entry as the follower holds it; undefined: its records are needed. */
  sealHeld(sealer: StreamSealer, stream: StreamId, lastSeq: Seq): HeldSeal | undefined {
    const follower = this.streams.get(stream)?.follower
    const followed = follower?.takeHeld(sealer.nextSeq, lastSeq)
    if (follower === undefined || followed === undefined) return undefined
    const { scan } = followed
    // Before the seal, behind which the scan is no more.
    const { kind: lastKind } = scan
    const lastConnection = scan.lastConnection()
    const sealed = sealer.seal(scan.packed, followed)
    follower.noteSize(sealer.storedBytesPerEntry)
    return { sealed, lastKind, lastConnection }
  }

  private drop(stream: StreamId): void {
    this.streams.get(stream)?.follower.end()
    this.streams.delete(stream)
  }

  private take(message: ToFollower): void {
    if (message.kind === 'follow') {
      this.begin(message.start)
      return
    }
    const { stream } = message
    const followed = this.streams.get(stream)
    if (message.kind === 'follow-ended') {
      followed?.live.now()
      this.tell(stream, { kind: 'ended' })
      return
    }
    const { batch } = message
    followed?.follower.follow(batch)
    followed?.figures.begin()
    this.tell(stream, { kind: 'taken', bytes: batch.records.length })
    followed?.live.note()
  }

  private begin({ stream, venue, state }: KeeperStart): void {
    const figures = new LiveFigureSink(() => follower.receiveTime)
    const follower: StreamFollower = new StreamFollower({
      stream,
      venue: this.venueById(venue),
      state,
      room: this.room,
      listener: figures,
      onCommand: (command) => {
        this.tell(stream, { kind: 'command', command })
      },
      onStarted: (connection) => {
        this.tell(stream, { kind: 'started', connection })
      },
    })
    this.drop(stream)
    const live = new LiveSummary(() => {
      this.tell(stream, { kind: 'summary', summary: follower.summary(), figures: figures.figures() })
    })
    this.streams.set(stream, { follower, figures, live })
  }

  private tell(stream: StreamId, told: FromFollower['told']): void {
    this.post({ stream, told })
  }
}
