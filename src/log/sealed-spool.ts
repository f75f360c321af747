/**
 * PORT: where the bytes of a sealed chunk are fixed before they are sent to a store on another machine. An attempt may
 * take effect after its sender died: the next one sends the very same bytes, so that the store knows them again.
 */
import type { Chunk, Keyframe } from './chunk.ts'

/** A chunk on its way, and the keyframes that became due with its entries, in order. */
export interface SpooledChunk {
  readonly chunk: Chunk
  readonly keyframes: readonly Keyframe[]
}

/** Holds one chunk of one stream. */
export interface SealedSpool {
  /** In the place of the one before; on disk when it settles. Rejects with StoreFailure. */
  readonly keep: (sealed: SpooledChunk) => Promise<void>
  /** What was kept last, also by an earlier process; undefined: nothing, or it was never whole. Rejects with StoreFailure. */
  readonly kept: () => Promise<SpooledChunk | undefined>
  /** It is stored. */
  readonly forget: () => Promise<void>
}
