/**
 * Follows a stream that has no live book of its own: the sealing thread's book takes each batch as it comes, so that what
 * the decoder asks of the feed is asked at once, and has each chunk's verdict and keyframes ready when it is sealed. Pure.
 */
import { encodeKeyframe } from '../../codec/keyframe.ts'
import { FrameScanner } from '../../codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../codec/template/scanning-cursor.ts'
import type { Keyframe, Verdict } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { Micros } from '../../market/time.ts'
import type { ApplierOptions } from '../../replay/keeper/book-applier.ts'
import { BookKeeper, type KeeperSummary } from '../../replay/keeper/book-keeper.ts'
import type { Venue } from '../../venues/venue.ts'
import type { EntryBatch } from '../feed/entry-log.ts'
import { isKeyframeDue, KEYFRAME_CADENCE, type KeyframeCadence } from './keyframe-cadence.ts'

/** What replaying a chunk would show. */
export interface FollowedChunk {
  readonly verdict: Verdict
  /** Those that became due with its entries, in order. */
  readonly keyframes: readonly Keyframe[]
}

export interface FollowerOptions extends Pick<ApplierOptions, 'onCommand' | 'onStarted' | 'listener'> {
  readonly stream: StreamId
  readonly venue: Venue
  /** Of book and decoder at the end of the log; see BookKeeper.restore. */
  readonly state: Uint8Array
  readonly cadence?: KeyframeCadence
}

/** While more chunks wait for the seal no keyframes are made for them: a verdict is small, a keyframe is not. */
const MOST_WAITING = 2

export class StreamFollower {
  private readonly stream: StreamId
  private readonly venue: Venue
  private readonly cadence: KeyframeCadence
  private readonly keeper: BookKeeper
  private readonly scanner = new FrameScanner()
  private readonly followed = new Map<Seq, FollowedChunk>()
  private keyframes: Keyframe[] = []
  private keyframeSeq: Seq
  /** Of the last chunk as stored; 0: not known yet. */
  private bytesPerEntry = 0

  constructor({ stream, venue, state, cadence, ...options }: FollowerOptions) {
    this.stream = stream
    this.venue = venue
    this.cadence = cadence ?? KEYFRAME_CADENCE
    this.keeper = new BookKeeper(venue, options)
    this.keeper.restore(state)
    this.keeper.takeVerdict()
    this.keyframeSeq = this.keeper.seq
  }

  /** Takes the entries that follow. */
  follow({ records, endsChunk, lastSeq }: EntryBatch): void {
    const { keeper, cadence } = this
    const cursor = new ScanningCursor(records, this.scanner)
    while (cursor.next()) {
      keeper.apply(cursor)
      if (isKeyframeDue(cadence, cursor.seq - this.keyframeSeq, keeper.book(), this.bytesPerEntry))
        this.addKeyframe()
    }
    if (!endsChunk) return
    this.followed.set(lastSeq, { verdict: keeper.takeVerdict(), keyframes: this.keyframes })
    this.keyframes = []
  }

  private addKeyframe(): void {
    if (this.followed.size > MOST_WAITING) return
    const { stream, keeper } = this
    const { seq, receiveTime } = keeper
    const { decoderVersion } = this.venue
    this.keyframes.push(encodeKeyframe({ stream, seq, receiveTime, decoderVersion, state: keeper.save() }))
    this.keyframeSeq = seq
  }

  /** Of the last entry taken. */
  get receiveTime(): Micros {
    return this.keeper.receiveTime
  }

  summary(): KeeperSummary {
    return this.keeper.summary()
  }

  /** What is known of the chunk that ends with this entry, once; undefined: it was not followed. */
  take(lastSeq: Seq): FollowedChunk | undefined {
    const chunk = this.followed.get(lastSeq)
    this.followed.delete(lastSeq)
    return chunk
  }

  /** What an entry of the last chunk costs as stored. */
  noteSize(bytesPerEntry: number): void {
    this.bytesPerEntry = bytesPerEntry
  }
}
