/** Chunk format `plain-1`: the packed records as they are, compressed. Checks of header against content are chunk-format's. */
import { createHash } from 'node:crypto'

import type { Either } from 'fp-ts/lib/Either.js'

import type { ChainHeads } from '../log/chain.ts'
import type { Chunk, Verdict } from '../log/chunk.ts'
import type { StreamId } from '../market/instrument.ts'
import { packBlock, unpackBlock } from './compressed-block.ts'
import { surveyRecords } from './record-survey.ts'

export const PLAIN_FORMAT = 'plain-1'

const PLAIN_TAG = 1

/** What a chunk is made of; the heads are those that `Chain.addChunk` gives. */
export interface ChunkContent extends ChainHeads {
  readonly stream: StreamId
  /** Packed records, at least one, seqs without holes, times never going back, at most 512 MiB. */
  readonly records: Uint8Array
  readonly verdict: Verdict
}

/** Makes a chunk and fills its header. Throws when the records are not as ChunkContent says: a broken invariant. */
export const encodeChunk = (content: ChunkContent): Chunk => {
  const { stream, records, chainBefore, chainAfter, chainFirstBlock, chainBlock, verdict } = content
  const survey = surveyRecords(records)
  const payload = packBlock(PLAIN_TAG, records)
  const payloadHash = createHash('sha256').update(payload).digest('hex')
  return {
    header: {
      format: PLAIN_FORMAT,
      stream,
      ...survey,
      storedBytes: payload.length,
      payloadHash,
      chainBefore,
      chainAfter,
      chainFirstBlock,
      chainBlock,
      verdict,
    },
    payload,
  }
}

/** The packed records of a payload, at most `limit` bytes; Left: what is wrong with it. */
export const unpackPlain = (payload: Uint8Array, limit: number): Either<string, Uint8Array> =>
  unpackBlock(PLAIN_TAG, payload, limit)
