/** What a chunk is made of, and the header, which every format fills alike. The payload's bytes are each format's own. */
import { createHash } from 'node:crypto'

import type { ChainHeads } from '../log/chain.ts'
import type { Chunk, Verdict } from '../log/chunk.ts'
import type { StreamId } from '../market/instrument.ts'
import type { RecordSurvey } from './record-survey.ts'

/** What a chunk is made of; the heads are those that `Chain.addChunk` gives. */
export interface ChunkContent extends ChainHeads {
  readonly stream: StreamId
  /** Packed records, at least one, seqs without holes, times never going back, at most 512 MiB. */
  readonly records: Uint8Array
  readonly verdict: Verdict
}

/** The chunk of a payload of this format, its header filled. */
export const sealPayload = (
  format: string,
  { stream, chainBefore, chainAfter, chainFirstBlock, chainBlock, verdict }: ChunkContent,
  survey: RecordSurvey,
  payload: Uint8Array,
): Chunk => ({
  header: {
    format,
    stream,
    ...survey,
    storedBytes: payload.length,
    payloadHash: createHash('sha256').update(payload).digest('hex'),
    chainBefore,
    chainAfter,
    chainFirstBlock,
    chainBlock,
    verdict,
  },
  payload,
})
