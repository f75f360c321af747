/** The note of a hole where a chunk stood. */
import type { ChunkHeader } from '../../src/log/chunk.ts'
import type { Tombstone } from '../../src/log/tombstone.ts'

export const tombstoneOf = (header: ChunkHeader, changes: Partial<Tombstone> = {}): Tombstone => ({
  kind: 'deleted',
  stream: header.stream,
  firstSeq: header.firstSeq,
  lastSeq: header.lastSeq,
  firstReceiveTime: header.firstReceiveTime,
  lastReceiveTime: header.lastReceiveTime,
  headBefore: header.chainBefore,
  headAfter: header.chainAfter,
  restartsChain: false,
  reason: 'A test.',
  ...changes,
})
