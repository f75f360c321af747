/** Reads a stream's chunks in order, the next one fetched while this one is used, and checks each against its header. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeChunk } from '../codec/chunk-format.ts'
import type { ChunkHeader } from '../log/chunk.ts'
import { type EventStore, type SeqRange, StoreFailure } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'

/** A chunk opened: its header and its packed records. */
export interface OpenedChunk {
  readonly header: ChunkHeader
  readonly records: Uint8Array
}

/** Fetches and opens one chunk. Throws StoreFailure `damaged` when its bytes are not what its header says. */
const openChunk = async (store: EventStore, header: ChunkHeader): Promise<OpenedChunk> => {
  const payload = await store.payload(header.stream, header.firstSeq)
  const decoded = decodeChunk(header, payload)
  if (isLeft(decoded)) {
    const { stream, firstSeq } = header
    throw new StoreFailure({ kind: 'damaged', stream, seq: firstSeq, detail: decoded.left.detail })
  }
  return { header, records: decoded.right }
}

/** Opens the chunks that touch the range, in order. Throws StoreFailure at the first damaged one. */
export async function* readChunks(
  store: EventStore,
  stream: StreamId,
  range: SeqRange = {},
): AsyncGenerator<OpenedChunk, void> {
  const headers = await store.headers(stream, range)
  const open = (index: number): Promise<OpenedChunk> | undefined => {
    const header = headers[index]
    const opening = header === undefined ? undefined : openChunk(store, header)
    // A failure shows where it is awaited; a reader that stops early must not leave it unhandled.
    opening?.catch(() => undefined)
    return opening
  }
  let next = open(0)
  for (let index = 0; index < headers.length; index++) {
    const current = await next
    next = open(index + 1)
    if (current !== undefined) yield current
  }
}
