/**
 * Follows a stream that has no live book of its own: the sealing thread's book takes each batch as it comes, so that what
 * the decoder asks of the feed is asked at once, and has each chunk's verdict and keyframes ready when it is sealed. Pure.
 */
import type { ChunkScan } from '../../codec/chunk-scan.ts'
import { GrowingScan } from '../../codec/growing-scan.ts'
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
import { HeldBytes } from './held-bytes.ts'
import { isKeyframeDue, KEYFRAME_CADENCE, type KeyframeCadence } from './keyframe-cadence.ts'

/** What replaying a chunk would show. */
export interface FollowedChunk {
  readonly verdict: Verdict
  /** Those that became due with its entries, in order. */
  readonly keyframes: readonly Keyframe[]
  /** Of its records; undefined: they are not held. */
  readonly scan?: GrowingScan | undefined
}

/** A chunk that can be sealed without being scanned again. */
interface HeldChunk extends FollowedChunk {
  readonly scan: GrowingScan
}

export interface FollowerOptions extends Pick<ApplierOptions, 'onCommand' | 'onStarted' | 'listener'> {
  readonly stream: StreamId
  readonly venue: Venue
  /** Of book and decoder at the end of the log; see BookKeeper.restore. */
  readonly state: Uint8Array
  readonly cadence?: KeyframeCadence
  /** Shared with the other streams of the thread; left out: chunks are not held for their seal. */
  readonly room?: HeldBytes
}

/** While more chunks wait for the seal no keyframes are made for them: a verdict is small, a keyframe is not. */
const MOST_WAITING = 2
/** … and while more wait than these no further one is held for it: it is scanned again. */
const MOST_HELD = 1

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
  private readonly room: HeldBytes
  /** Of the open chunk; undefined: it has no entry yet, or is not held. */
  private open: GrowingScan | undefined
  /** The open chunk is not held: there was no room for it. */
  private isUnheld = false

  constructor({ stream, venue, state, cadence, room, ...options }: FollowerOptions) {
    this.stream = stream
    this.venue = venue
    this.cadence = cadence ?? KEYFRAME_CADENCE
    this.room = room ?? new HeldBytes(0)
    this.keeper = new BookKeeper(venue, options)
    this.keeper.restore(state)
    this.keeper.takeVerdict()
    this.keyframeSeq = this.keeper.seq
  }

  /** Takes the entries that follow. */
  follow({ records, endsChunk, lastSeq }: EntryBatch): void {
    this.apply(this.held(records) ?? new ScanningCursor(records, this.scanner))
    if (!endsChunk) return
    this.followed.set(lastSeq, {
      verdict: this.keeper.takeVerdict(),
      keyframes: this.keyframes,
      scan: this.open,
    })
    this.keyframes = []
    this.open = undefined
    this.isUnheld = false
  }

  private apply(cursor: ScanningCursor): void {
    const { keeper, cadence } = this
    while (cursor.next()) {
      keeper.apply(cursor)
      if (isKeyframeDue(cadence, cursor.seq - this.keyframeSeq, keeper.book(), this.bytesPerEntry))
        this.addKeyframe()
    }
  }

  /** The open chunk's scan, these records behind it; undefined: the chunk is not held. */
  private held(records: Uint8Array): ChunkScan | undefined {
    if (this.isUnheld) return undefined
    if (this.followed.size <= MOST_HELD && this.room.take(records.length)) {
      const scan = (this.open ??= new GrowingScan())
      scan.extend(records)
      return scan
    }
    this.letGo(this.open)
    this.open = undefined
    this.isUnheld = true
    return undefined
  }

  private letGo(scan: GrowingScan | undefined): void {
    if (scan !== undefined) this.room.give(scan.packed.length)
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

  /** What is known of the chunk that ends with this entry, once, without its scan; undefined: it was not followed. */
  take(lastSeq: Seq): FollowedChunk | undefined {
    const chunk = this.followed.get(lastSeq)
    if (chunk === undefined) return undefined
    this.followed.delete(lastSeq)
    this.letGo(chunk.scan)
    const { verdict, keyframes } = chunk
    return { verdict, keyframes }
  }

  /** As `take`, with the scan; undefined, and nothing taken: these entries and no others are not what is held. */
  takeHeld(firstSeq: Seq, lastSeq: Seq): HeldChunk | undefined {
    const scan = this.followed.get(lastSeq)?.scan
    if (scan === undefined || scan.entries === 0 || scan.firstSeq !== firstSeq || scan.seq !== lastSeq)
      return undefined
    const chunk = this.take(lastSeq)
    return chunk === undefined ? undefined : { ...chunk, scan }
  }

  /** Nothing more is followed. */
  end(): void {
    this.letGo(this.open)
    for (const { scan } of this.followed.values()) this.letGo(scan)
  }

  /** What an entry of the last chunk costs as stored. */
  noteSize(bytesPerEntry: number): void {
    this.bytesPerEntry = bytesPerEntry
  }
}
