/** The codec as the benchmark uses it: records of one chunk to stored bytes, and back as columns or as records. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { encodeChunk } from '../../src/codec/chunk-columns.ts'
import { type ChunkContents, openPayload } from '../../src/codec/chunk-format.ts'
import { encodeHeader } from '../../src/codec/documents.ts'
import { Chain } from '../../src/log/chain.ts'
import type { Chunk } from '../../src/log/chunk.ts'
import type { ColumnHints } from '../../src/log/column-hints.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'

/** Nothing was judged: what the book is like is not measured here. */
const verdict = new BookKeeper(coinbaseVenue).takeVerdict()

/** What a header says of the chain. */
type Heads = ReturnType<Chain['addChunk']>

export class ChunkCodec {
  private readonly stream: StreamId
  private readonly hints: ColumnHints | undefined
  private chain = new Chain()

  constructor(stream: StreamId, hints: ColumnHints | undefined) {
    this.stream = stream
    this.hints = hints
  }

  /** The heads that `encode` puts into the header of these records, which follow those before. Not codec's work. */
  follow(records: Uint8Array): Heads {
    return this.chain.addChunk(records)
  }

  encode(records: Uint8Array, heads: Heads): Chunk {
    return encodeChunk({ stream: this.stream, records, ...heads, verdict, hints: this.hints })
  }
}

/** Of payload and header, as they are stored. */
export const storedBytes = ({ header, payload }: Chunk): number =>
  payload.length + encodeHeader(header).length

/** Opens a chunk, all checks included: its columns stand decoded. */
export const openChunk = ({ header, payload }: Chunk): ChunkContents => {
  const opened = openPayload(header, payload)
  if (isLeft(opened)) throw new Error(opened.left.detail)
  return opened.right
}

/** Walks over the rows of an opened chunk, which is released as a replay does; how many there are. */
export const walkRows = (contents: ChunkContents): number => {
  const cursor = contents.cursor()
  let rows = 0
  while (cursor.next()) if (cursor.row !== undefined) rows++
  contents.release()
  return rows
}

/** All records of an opened chunk, which is released. */
export const recordsOf = (contents: ChunkContents): Uint8Array => {
  const records = contents.records()
  contents.release()
  if (isLeft(records)) throw new Error(records.left.detail)
  return records.right
}
