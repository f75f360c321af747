/**
 * PORT: where the bytes of a sealed chunk are fixed before they are sent to a store on another machine. An attempt may
 * take effect after its sender died: the next one sends the very same bytes, so that the store knows them again. And what
 * this machine knows of the store while it is away: the last entry that it stored there.
 */
import type { Micros } from '../market/time.ts'
import type { Chunk, Keyframe } from './chunk.ts'
import type { EntryKind, Seq } from './entry.ts'

/** A chunk on its way, and the keyframes that became due with its entries, in order. */
export interface SpooledChunk {
  readonly chunk: Chunk
  readonly keyframes: readonly Keyframe[]
}

/** The end of a stream's log as this machine last knew it in the store: all entries up to there are stored. */
export interface StoredMark {
  readonly lastSeq: Seq
  readonly lastReceiveTime: Micros
  /** The highest connection number seen near the end; 0: none. */
  readonly lastConnection: number
  /** Undefined: nobody knows how the log ended, or it is empty. */
  readonly lastKind: EntryKind | undefined
  /** Number of the last run that this machine began; 0: none. */
  readonly epoch: number
}

/** Holds one chunk of one stream. */
export interface SealedSpool {
  /** In the place of the one before; on disk when it settles. Rejects with StoreFailure. */
  readonly keep: (sealed: SpooledChunk) => Promise<void>
  /** What was kept last, also by an earlier process; undefined: nothing, or it was never whole. Rejects with StoreFailure. */
  readonly kept: () => Promise<SpooledChunk | undefined>
  /** It is stored. */
  readonly forget: () => Promise<void>
  /** In the place of the one before; on disk when it settles. Rejects with StoreFailure. */
  readonly keepMark: (mark: StoredMark) => Promise<void>
  /** Undefined: none was ever kept, or it cannot be read. Rejects with StoreFailure. */
  readonly mark: () => Promise<StoredMark | undefined>
}
