/**
 * PORT: the local append-only log that a stream's entries reach first. Holds packed batches as they came; sealing them
 * into chunks, and deciding what to do after a failure, is the recorder's.
 */
import type { Seq } from './entry.ts'
import type { StoreError } from './event-store.ts'
import type { SealedSpool } from './sealed-spool.ts'

/** Packed records as they were appended, those before the place read from cut off. */
export interface JournaledBatch {
  readonly records: Uint8Array
  readonly firstSeq: Seq
  readonly lastSeq: Seq
}

/** The journal of one stream, owned by one process at a time. */
export interface Journal {
  /** The last entry that was appended, or found at opening; 0 when there is none (all were discarded, or never any). */
  readonly lastSeq: () => Seq
  /** Bytes appended that have not reached the operating system yet. The caller bounds them. */
  readonly pendingBytes: () => number
  /** Bytes of entries, stored ones not freed yet among them, that are held on disk or on their way there. */
  readonly heldBytes: () => number
  /** Where sealed chunks are fixed before they are sent; undefined: the store takes each in one step on this machine. */
  readonly sealedSpool?: SealedSpool | undefined
  /** What stopped the journal for good, once something did. */
  readonly failure: () => StoreError | undefined
  /**
   * Takes packed records `firstSeq` … `lastSeq` and returns at once; the batch must not change until it is `written`.
   * They reach the operating system as soon as earlier ones have (so that kill -9 keeps them), the disk within the
   * durability given at opening. Throws StoreFailure once the journal failed, Error when the batch does not follow.
   */
  readonly append: (batch: Uint8Array, firstSeq: Seq, lastSeq: Seq) => void
  /** Resolves when the operating system has everything appended so far. Rejects with StoreFailure. */
  readonly written: () => Promise<void>
  /** Resolves when everything appended so far is on disk. Rejects with StoreFailure. */
  readonly flushed: () => Promise<void>
  /** The entries behind `seq` that had been appended at the call, as packed batches in order. Throws StoreFailure. */
  readonly read: (seq: Seq) => AsyncIterable<JournaledBatch>
  /** Entries up to `seq` are kept elsewhere now; frees their space sooner or later. Rejects with StoreFailure. */
  readonly discardThrough: (seq: Seq) => Promise<void>
  /** Flushes, then gives the stream free for another owner, even when the flush failed. Rejects with StoreFailure. */
  readonly close: () => Promise<void>
}
