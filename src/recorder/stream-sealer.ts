/**
 * Seals the chunks of one stream: replays each with its own book, takes the verdict, goes on with the chain, adds a
 * keyframe when one is due. Pure: reading, storing and threads are others' business.
 */
import { OrderBook } from '../book/order-book.ts'
import { encodeChunk } from '../codec/chunk-plain.ts'
import { encodeKeyframe } from '../codec/keyframe.ts'
import { surveyRecords } from '../codec/record-survey.ts'
import { Chain } from '../log/chain.ts'
import type { Chunk, Keyframe } from '../log/chunk.ts'
import { recordsAfter, type Seq } from '../log/entry.ts'
import type { StreamId } from '../market/instrument.ts'
import { BookKeeper } from '../replay/book-keeper.ts'
import type { Venue } from '../venues/venue.ts'

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
  readonly keyframe: Keyframe | undefined
}

/** Reaching any entry takes at most `entries` behind a keyframe, or `entriesPerOrder` for each resting order. */
export interface KeyframeCadence {
  readonly entries: number
  readonly entriesPerOrder: number
}

const CADENCE: KeyframeCadence = { entries: 100_000, entriesPerOrder: 8 }

const restingIn = (book: ReturnType<BookKeeper['book']>): number =>
  book instanceof OrderBook
    ? book.orderCount('bid') + book.orderCount('ask')
    : book.levelCount('bid') + book.levelCount('ask')

export class StreamSealer {
  private readonly stream: StreamId
  private readonly venue: Venue
  private readonly keeper: BookKeeper
  private readonly chain: Chain
  private chainSeq: Seq
  private lastSeq: Seq
  private keyframeSeq: Seq
  private readonly cadence: KeyframeCadence

  constructor(venue: Venue, start: SealerStart, cadence = CADENCE) {
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

  /** Makes a chunk of the records that follow. Throws when they do not follow. */
  seal(records: Uint8Array): SealedChunk {
    const { stream, chain, keeper, venue } = this
    const chainBefore = chain.head()
    chain.add(records)
    keeper.applyRecords(records)
    const verdict = keeper.takeVerdict()
    const chainAfter = chain.head()
    const chunk = encodeChunk({
      stream,
      records,
      chainBefore,
      chainAfter,
      chainBlock: chain.blockHead(),
      verdict,
    })
    const { lastSeq: seq, lastReceiveTime: receiveTime, entries } = chunk.header
    this.lastSeq = this.chainSeq = seq
    // Due when the tail would become too long with another chunk of as many entries.
    const { entries: floor, entriesPerOrder } = this.cadence
    const longestTail = Math.max(floor, entriesPerOrder * restingIn(keeper.book()))
    if (seq - this.keyframeSeq + entries <= longestTail) return { chunk, keyframe: undefined }
    this.keyframeSeq = seq
    const { decoderVersion } = venue
    return {
      chunk,
      keyframe: encodeKeyframe({ stream, seq, receiveTime, decoderVersion, state: keeper.save() }),
    }
  }

  /** Book and decoder as they stand: what a live book goes on with. */
  save(): Uint8Array {
    return this.keeper.save()
  }
}
