/**
 * Seals the chunks of one stream: replays each with its own book, takes the verdict, goes on with the chain, adds a
 * keyframe when one is due. Pure: reading, storing and threads are others' business.
 */
import { encodeChunk } from '../../codec/chunk-columns.ts'
import { ChunkScan } from '../../codec/chunk-scan.ts'
import { encodeKeyframe } from '../../codec/keyframe.ts'
import { surveyRecords } from '../../codec/record-survey.ts'
import { Chain } from '../../log/chain.ts'
import type { Chunk, Keyframe } from '../../log/chunk.ts'
import { recordsAfter, type Seq } from '../../log/entry.ts'
import type { StreamId } from '../../market/instrument.ts'
import { BookKeeper } from '../../replay/keeper/book-keeper.ts'
import type { Venue } from '../../venues/venue.ts'
import { isKeyframeDue, KEYFRAME_CADENCE, type KeyframeCadence } from './keyframe-cadence.ts'
import type { FollowedChunk } from './stream-follower.ts'

/** Where sealing goes on. */
export interface SealerStart {
  readonly stream: StreamId
  /** The last full block of the chain and its head. */
  readonly chainSeq: Seq
  readonly chainHead: string
  /** The keyframe to begin with; seq 0: none. */
  readonly keyframeSeq: Seq
  readonly keyframeState: Uint8Array | undefined
}

export interface SealedChunk {
  readonly chunk: Chunk
  /** Those that became due with its entries, in order: rarely more than one. */
  readonly keyframes: readonly Keyframe[]
}

export class StreamSealer {
  private readonly stream: StreamId
  private readonly venue: Venue
  private readonly keeper: BookKeeper
  private readonly chain: Chain
  private chainSeq: Seq
  private lastSeq: Seq
  private keyframeSeq: Seq
  /** Of the last chunk as stored; 0: none was sealed yet. */
  private bytesPerEntry = 0
  private readonly cadence: KeyframeCadence
  /** Chunks were sealed that only a follower replayed. */
  private isBehind = false

  constructor(venue: Venue, start: SealerStart, cadence = KEYFRAME_CADENCE) {
    this.cadence = cadence
    this.stream = start.stream
    this.venue = venue
    this.keeper = new BookKeeper(venue)
    if (start.keyframeState !== undefined) this.keeper.restore(start.keyframeState)
    this.chain = new Chain(start.chainSeq, start.chainHead)
    this.chainSeq = start.chainSeq
    this.keyframeSeq = this.lastSeq = start.keyframeSeq
  }

  /** Takes stored records, in order, from the earlier of chain and keyframe on: what is known already is passed over. */
  catchUp(records: Uint8Array): void {
    const unchained = recordsAfter(records, this.chainSeq)
    this.chain.add(unchained)
    const unseen = recordsAfter(records, this.lastSeq)
    this.keeper.applyRecords(unseen)
    this.keeper.takeVerdict()
    const { lastSeq } = surveyRecords(records)
    this.chainSeq = Math.max(this.chainSeq, lastSeq)
    this.lastSeq = Math.max(this.lastSeq, lastSeq)
  }

  /**
   * Makes a chunk of the records that follow; `followed`: what a follower found in exactly them, so that they need not be
   * replayed here, nor scanned where it has the scan, which is of no use behind it. Throws when they do not follow.
   */
  seal(records: Uint8Array, followed?: FollowedChunk): SealedChunk {
    const { stream, chain } = this
    if (this.isBehind && followed === undefined)
      throw new Error('a chunk was not followed behind one that was')
    this.isBehind = followed !== undefined
    const heads = chain.addChunk(records)
    // Scanned once, for the decoder and for the chunk.
    const scan = followed?.scan ?? new ChunkScan(records)
    const { verdict, keyframes } = followed ?? this.replayed(scan)
    const chunk = encodeChunk({
      stream,
      records,
      ...heads,
      verdict,
      scan,
      hints: this.venue.columnHints,
    })
    scan.release()
    const { lastSeq, storedBytes, entries } = chunk.header
    this.lastSeq = this.chainSeq = lastSeq
    this.bytesPerEntry = storedBytes / entries
    // The decoder may still have its last row.
    scan.rows.lookAway()
    return { chunk, keyframes }
  }

  /** The entry that the next chunk begins with. */
  get nextSeq(): Seq {
    return this.chainSeq + 1
  }

  /** Of the last chunk as stored; 0: none was sealed yet. */
  get storedBytesPerEntry(): number {
    return this.bytesPerEntry
  }

  /** Brings the book to the end of the scan. */
  private replayed(cursor: ChunkScan): FollowedChunk {
    const { stream, keeper, cadence } = this
    const { decoderVersion } = this.venue
    const keyframes: Keyframe[] = []
    while (cursor.next()) {
      keeper.apply(cursor)
      const { seq, receiveTime } = cursor
      if (!isKeyframeDue(cadence, seq - this.keyframeSeq, keeper.book(), this.bytesPerEntry)) continue
      keyframes.push(encodeKeyframe({ stream, seq, receiveTime, decoderVersion, state: keeper.save() }))
      this.keyframeSeq = seq
    }
    return { verdict: keeper.takeVerdict(), keyframes }
  }

  /** Book and decoder as they stand: what a live book goes on with. */
  save(): Uint8Array {
    return this.keeper.save()
  }
}
