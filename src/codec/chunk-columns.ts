/**
 * Chunk format `columns-1`: frames as templates and typed columns, see docs/storage-format.md. Checks of header against
 * content are chunk-format's.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js'

import type { Chunk } from '../log/chunk.ts'
import { type ColumnHints, NO_HINTS } from '../log/column-hints.ts'
import { type ChunkContent, sealPayload } from './chunk-content.ts'
import { encodeChunk as encodePlain } from './chunk-plain.ts'
import { ChunkScan } from './chunk-scan.ts'
import { MalformedColumns } from './columns/byte-stream.ts'
import { encodeColumns } from './columns/encode-columns.ts'
import { openColumns, type OpenedColumns } from './columns/open-columns.ts'
import type { ContentLimits } from './columns/open-directory.ts'

export const COLUMNS_FORMAT = 'columns-1'

/** What a columnar chunk is made of. */
export interface ColumnarContent extends ChunkContent {
  /** A scan over exactly these records that has come to its end; left out: they are scanned here. */
  readonly scan?: ChunkScan | undefined
  /** What the venue knows of its frames; they change the size alone. */
  readonly hints?: ColumnHints | undefined
}

/** Makes a chunk and fills its header; one of plain records where columns of them do not read back. Throws when the records are not as ChunkContent says: a broken invariant. */
export const encodeChunk = (content: ColumnarContent): Chunk => {
  const scan = content.scan ?? new ChunkScan(content.records)
  scan.finish()
  const survey = scan.survey()
  const payload = encodeColumns(scan, content.hints ?? NO_HINTS)
  return payload === undefined ? encodePlain(content) : sealPayload(COLUMNS_FORMAT, content, survey, payload)
}

/** The entries of a payload; Left: what is wrong with it. */
export const openColumnar = (payload: Uint8Array, limits: ContentLimits): Either<string, OpenedColumns> => {
  try {
    return right(openColumns(payload, limits))
  } catch (error) {
    if (error instanceof MalformedColumns) return left(error.message)
    // Arrays that a forged header made larger than memory.
    if (error instanceof RangeError) return left('it holds more than memory does')
    throw error
  }
}
