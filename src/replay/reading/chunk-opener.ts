/** PORT: opening chunks away from where their entries are applied. What a thread is belongs to the app. */
import type { Either } from 'fp-ts/lib/Either.js'

import type { ChunkContents, ChunkDamage } from '../../codec/chunk-format.ts'
import type { ChunkHeader } from '../../log/chunk.ts'

export interface ChunkOpener {
  /** As `openPayload` of the codec, elsewhere. Any number may be under way at once; the payload stays as it is. */
  readonly open: (header: ChunkHeader, payload: Uint8Array) => Promise<Either<ChunkDamage, ChunkContents>>
}
