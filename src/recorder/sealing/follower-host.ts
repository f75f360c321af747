/**
 * Runs the followers of all streams that are recorded without live books, beside their sealers. What breaks in one stream
 * is told of that stream, and the others go on.
 */
import type { Seq } from '../../log/entry.ts'
import type { StreamId, VenueId } from '../../market/instrument.ts'
import type { Venue } from '../../venues/venue.ts'
import { SeenRooms } from '../feed/carried-batch.ts'
import { LiveSummary } from '../live-summary.ts'
import type { FromFollower, KeeperStart, ToFollower } from '../thread-messages.ts'
import { HeldBytes } from './held-bytes.ts'
import { LiveFigureSink } from './live-figures.ts'
import { StreamFollower } from './stream-follower.ts'
import type { SealedChunk, StreamSealer } from './stream-sealer.ts'

/**
 * What the scans of open chunks may take, all streams together: what does not fit is scanned again for its seal. Records are
 * counted; their scalars and memory in reserve come on top, about as much again.
 */
const MOST_HELD_BYTES = 96 * 1024 * 1024

interface Followed {
  readonly follower: StreamFollower
  readonly figures: LiveFigureSink
  readonly live: LiveSummary
  readonly rooms: SeenRooms
}

export class FollowerHost {
  private readonly venueById: (id: VenueId) => Venue
  private readonly post: (word: FromFollower) => void
  private readonly room = new HeldBytes(MOST_HELD_BYTES)
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

  /** Seals the chunk that ends with this entry: with what its follower found, and as it was scanned there, where there is one. */
  seal(sealer: StreamSealer, stream: StreamId, records: Uint8Array, lastSeq: Seq): SealedChunk {
    const follower = this.streams.get(stream)?.follower
    if (follower === undefined) return sealer.seal(records)
    const followed = follower.takeHeld(sealer.nextSeq, lastSeq) ?? follower.take(lastSeq)
    const sealed = sealer.seal(records, followed)
    follower.noteSize(sealer.storedBytesPerEntry)
    return sealed
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
    if (message.kind === 'forget') {
      this.drop(stream)
      return
    }
    const followed = this.streams.get(stream)
    if (message.kind === 'follow-ended') {
      followed?.live.now()
      this.tell(stream, { kind: 'ended' })
      return
    }
    const { batch } = message
    followed?.follower.follow(followed.rooms.open(batch))
    followed?.figures.begin()
    this.tell(stream, { kind: 'taken', bytes: batch.part?.length ?? 0 })
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
      // One that was dropped since is not what there is to say of the stream.
      if (this.streams.get(stream)?.follower !== follower) return
      this.tell(stream, { kind: 'summary', summary: follower.summary(), figures: figures.figures() })
    })
    this.streams.set(stream, { follower, figures, live, rooms: new SeenRooms() })
  }

  private tell(stream: StreamId, told: FromFollower['told']): void {
    this.post({ stream, told })
  }
}
