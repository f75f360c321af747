/** Chunk format `plain-1`: the packed records as they are, compressed. Checks of header against content are chunk-format's. */
import type { Either } from 'fp-ts/lib/Either.js'

import type { Chunk } from '../log/chunk.ts'
import { type ChunkContent, sealPayload } from './chunk-content.ts'
import { packBlock, unpackBlock } from './compressed-block.ts'
import { surveyRecords } from './record-survey.ts'

export const PLAIN_FORMAT = 'plain-1'

const PLAIN_TAG = 1

/** Makes a chunk and fills its header. Throws when the records are not as ChunkContent says: a broken invariant. */
export const encodeChunk = (content: ChunkContent): Chunk => {
  const survey = surveyRecords(content.records)
  return sealPayload(PLAIN_FORMAT, content, survey, packBlock(PLAIN_TAG, content.records))
}

/** The packed records of a payload, at most `limit` bytes; Left: what is wrong with it. */
export const unpackPlain = (payload: Uint8Array, limit: number): Either<string, Uint8Array> =>
  unpackBlock(PLAIN_TAG, payload, limit)
