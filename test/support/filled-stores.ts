/** Stores filled with sample chunks, and which entries their chunks hold. */
import { right } from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'

import type { EventStore, SeqRange } from '../../src/log/event-store.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { sampleChunk } from './sample-chunks.ts'

type Span = readonly [first: number, last: number]

/** Appends a sample chunk for each span; every one must be taken. */
export const fillStore = async (
  store: EventStore,
  stream: StreamId,
  spans: readonly Span[],
): Promise<void> => {
  for (const [from, to] of spans)
    expect(await store.append(sampleChunk(stream, from, to))()).toEqual(right(undefined))
}

/** First and last entry of each chunk that touches the range. */
export const chunkSpans = async (
  store: EventStore,
  stream: StreamId,
  range: SeqRange,
): Promise<readonly Span[]> => {
  const headers = await store.headers(stream, range)
  return headers.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq] as const)
}
