/**
 * PORT: where chunks and keyframes are kept. Coarse and opaque: it moves whole chunks and knows nothing of frames.
 * Every backend passes the one contract suite of test/contract/event-store.contract.ts.
 */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import type { StreamId } from '../market/instrument.ts'
import type { Chunk, ChunkHeader, Keyframe } from './chunk.ts'
import type { Seq } from './entry.ts'
import type { RunBook } from './run-book.ts'
import type { StreamLeases } from './stream-leases.ts'
import type { LogPart, Tombstone } from './tombstone.ts'

/** What can go wrong, named by what the operator does next. `detail` and `message` are whole sentences. */
export type StoreError =
  /** The chunk does not begin at stored lastSeq + 1 (or differs from the stored chunk of the same first seq). */
  | { readonly kind: 'does-not-follow'; readonly expected: Seq; readonly found: Seq }
  /** Stored bytes are not what was written. */
  | { readonly kind: 'damaged'; readonly stream: StreamId; readonly seq: Seq; readonly detail: string }
  | { readonly kind: 'disk-full'; readonly message: string }
  /**
   * Not a store, not writable, locked, or the medium failed. `isAway`: it is on another machine and does not answer, or
   * takes nothing just now: it may be back without anybody's help.
   */
  | { readonly kind: 'unavailable'; readonly message: string; readonly isAway?: true }

/** The form in which reading methods throw a StoreError. */
export class StoreFailure extends Error {
  readonly error: StoreError

  constructor(error: StoreError) {
    super(describeStoreError(error))
    this.error = error
  }
}

/** One sentence for people. */
export const describeStoreError = (error: StoreError): string => {
  switch (error.kind) {
    case 'does-not-follow':
      return `The chunk begins at entry ${String(error.found)}, but the store expects entry ${String(error.expected)} next.`
    case 'damaged':
      return `Stream ${error.stream} is damaged at entry ${String(error.seq)}: ${error.detail}`
    case 'disk-full':
    case 'unavailable':
      return error.message
  }
}

/** A range of entries, both ends included; left out: from the first, to the last. */
export interface SeqRange {
  readonly from?: Seq | undefined
  readonly to?: Seq | undefined
}

/** Where a keyframe stands. */
export type KeyframeRef = Omit<Keyframe, 'payload'>

/** What was put aside as damaged, without its bytes. */
export interface QuarantineRef {
  readonly stream: StreamId
  /** 1, 2, 3 … per stream, in the order of putting aside. */
  readonly number: number
  /** The entry it was stored at. */
  readonly firstSeq: Seq
  /** Bytes of its header and its payload, as they were found. */
  readonly headerBytes: number
  readonly payloadBytes: number
}

/** What was put aside, exactly as it was stored. */
export interface QuarantinedChunk extends QuarantineRef {
  readonly header: Uint8Array
  readonly payload: Uint8Array
}

/** A keyframe whose note cannot be read. */
export interface DamagedKeyframe {
  readonly seq: Seq
  readonly detail: string
}

/** Where chunks and keyframes of streams are kept; one implementation per backend. */
export interface EventStore {
  /** Who may write which stream; undefined: the store is on one machine, where the journal's owner is the stream's. */
  readonly leases?: StreamLeases | undefined
  /** The runs that wrote into it; undefined: the store is on one machine. */
  readonly runs?: RunBook | undefined
  /** Every stream that has a chunk or a hole, sorted by name. */
  readonly streams: () => Promise<readonly StreamId[]>
  /** The last stored entry, or the last one of a hole at the end; 0 for a stream without chunks. */
  readonly lastSeq: (stream: StreamId) => Promise<Seq>
  /**
   * Appends a chunk that begins at stored lastSeq + 1. Right means it is durable. The identical chunk again is
   * answered as done, so a retry is exactly-once.
   */
  readonly append: (chunk: Chunk) => TaskEither<StoreError, void>
  /** Headers of the chunks that touch the range, in order. Throws StoreFailure when one cannot be read. */
  readonly headers: (stream: StreamId, range?: SeqRange) => Promise<readonly ChunkHeader[]>
  /**
   * The parts of the log that touch the range, in order, at most `most` of them: chunks, holes, and what cannot be
   * read, which is told and not thrown.
   */
  readonly parts: (stream: StreamId, range?: SeqRange, most?: number) => Promise<readonly LogPart[]>
  /** The payload of the chunk that begins at this entry. Throws StoreFailure. */
  readonly payload: (stream: StreamId, firstSeq: Seq) => Promise<Uint8Array>
  /** Puts a chunk in the place of the chunks that together hold exactly its entries, atomically. */
  readonly replace: (chunk: Chunk) => TaskEither<StoreError, void>
  /**
   * Puts two chunks in the place of the one that holds exactly their entries, atomically. The identical two again are
   * answered as done.
   */
  readonly split: (first: Chunk, second: Chunk) => TaskEither<StoreError, void>
  /** Puts a header in the place of the one of the same chunk (same payload, same heads): only its verdict may differ. */
  readonly putHeader: (header: ChunkHeader) => TaskEither<StoreError, void>
  /**
   * Puts a tombstone of kind `deleted` in the place of the chunks and holes that together are exactly its entries,
   * atomically. They and the keyframes between its first and its last entry are gone for good. The identical tombstone
   * again is answered as done.
   */
  readonly bury: (tombstone: Tombstone) => TaskEither<StoreError, void>
  /**
   * Puts the parts that begin at these entries aside and a tombstone (if any) in their place, atomically: nothing is
   * deleted. The tombstone may cover no other part, and must follow what stands before it; one of kind `deleted` may
   * only be copied behind the last part, with nothing put aside.
   */
  readonly quarantine: (
    stream: StreamId,
    firstSeqs: readonly Seq[],
    tombstone: Tombstone | undefined,
  ) => TaskEither<StoreError, void>
  /** What was put aside, in that order. */
  readonly quarantined: (stream: StreamId) => Promise<readonly QuarantineRef[]>
  /** Throws StoreFailure when nothing was put aside under this number. */
  readonly quarantinedChunk: (stream: StreamId, number: number) => Promise<QuarantinedChunk>
  /** Adds a keyframe, or puts it in the place of the one at the same entry. */
  readonly putKeyframe: (keyframe: Keyframe) => TaskEither<StoreError, void>
  /** Removes the keyframe at this entry, if there is one. */
  readonly dropKeyframe: (stream: StreamId, seq: Seq) => TaskEither<StoreError, void>
  /** The keyframes whose notes cannot be read, in order. */
  readonly damagedKeyframes: (stream: StreamId) => Promise<readonly DamagedKeyframe[]>
  /** All keyframes of a stream in order, without payloads; those whose notes cannot be read are left out. */
  readonly keyframes: (stream: StreamId) => Promise<readonly KeyframeRef[]>
  /** Throws StoreFailure when there is none at this entry. */
  readonly keyframe: (stream: StreamId, seq: Seq) => Promise<Keyframe>
  /**
   * Removes what writers that died have left behind for long, also while others write; undefined: nothing is ever left.
   * Throws StoreFailure.
   */
  readonly sweep?:
    ((stream: StreamId) => Promise<{ readonly removed: number; readonly noted: number }>) | undefined
  /** Nothing may be asked of the store afterwards. */
  readonly close: () => Promise<void>
}
