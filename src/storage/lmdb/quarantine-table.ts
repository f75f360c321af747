/** The table of an LMDB store where damaged chunks are put aside: bytes as they were found, numbered per stream. */
import type { Database } from 'lmdb'

import type { Seq } from '../../log/entry.ts'
import { type QuarantinedChunk, type QuarantineRef, StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { noQuarantined } from '../chunk-rules.ts'

/** Stream, number, entry it was stored at, what it is. */
export type QuarantineKey = [StreamId, number, Seq, 'header' | 'payload']
export type QuarantineTable = Database<Uint8Array, QuarantineKey>

/** Puts bytes under the stream's next number. Part of the caller's transaction. */
export const putAside = (
  table: QuarantineTable,
  stream: StreamId,
  firstSeq: Seq,
  header: Uint8Array,
  payload: Uint8Array,
): void => {
  const [newest] = table.getKeys({
    start: [stream, Infinity],
    end: [stream, 0],
    reverse: true,
    limit: 1,
  })
  const number = (newest?.[1] ?? 0) + 1
  table.putSync([stream, number, firstSeq, 'header'], header)
  table.putSync([stream, number, firstSeq, 'payload'], payload)
}

const keysOf = (table: QuarantineTable, stream: StreamId): readonly QuarantineKey[] => [
  ...table.getKeys({ start: [stream, 0], end: [stream, Infinity] }),
]

/** What was put aside, in that order. */
export const listAside = (table: QuarantineTable, stream: StreamId): readonly QuarantineRef[] =>
  keysOf(table, stream)
    .filter(([, , , what]) => what === 'header')
    .map(([, number, firstSeq]) => ({
      stream,
      number,
      firstSeq,
      headerBytes: table.getBinary([stream, number, firstSeq, 'header'])?.length ?? 0,
      payloadBytes: table.getBinary([stream, number, firstSeq, 'payload'])?.length ?? 0,
    }))

/** Throws StoreFailure. */
export const readAside = (table: QuarantineTable, stream: StreamId, number: number): QuarantinedChunk => {
  const key = keysOf(table, stream).find((candidate) => candidate[1] === number)
  if (key === undefined) throw new StoreFailure(noQuarantined(stream, number))
  const firstSeq = key[2]
  const header = table.getBinary([stream, number, firstSeq, 'header']) ?? new Uint8Array(0)
  const payload = table.getBinary([stream, number, firstSeq, 'payload']) ?? new Uint8Array(0)
  return {
    stream,
    number,
    firstSeq,
    headerBytes: header.length,
    payloadBytes: payload.length,
    header,
    payload,
  }
}
