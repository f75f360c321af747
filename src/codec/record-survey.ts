/** What a run of packed records holds, found by walking over it once. */
import type { EntryCounts } from '../log/chunk.ts'
import {
  ENTRY_KINDS,
  EntryCursor,
  type EntryKind,
  MalformedBatch,
  RECORD_HEADER_BYTES,
  type Seq,
} from '../log/entry.ts'
import type { Micros } from '../market/time.ts'

export interface RecordSurvey {
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly firstReceiveTime: Micros
  readonly lastReceiveTime: Micros
  readonly entries: number
  readonly kinds: EntryCounts
  /** Bytes of all payloads. */
  readonly rawBytes: number
}

/** Counts by kind, in the order of ENTRY_KINDS, those of zero left out. */
export const countsOf = (counts: ReadonlyMap<EntryKind, number>): EntryCounts =>
  Object.fromEntries(
    ENTRY_KINDS.flatMap((kind) => {
      const count = counts.get(kind)
      return count === undefined ? [] : [[kind, count] as const]
    }),
  )

/** Throws MalformedBatch when there is no record, a seq does not follow, or a time goes back. */
export const surveyRecords = (records: Uint8Array): RecordSurvey => {
  const cursor = new EntryCursor(records)
  if (!cursor.next()) throw new MalformedBatch('no record')
  const firstSeq = cursor.seq
  const firstReceiveTime = cursor.receiveTime
  let lastSeq = firstSeq
  let lastReceiveTime = firstReceiveTime
  const counts = new Map<EntryKind, number>()
  let kind = cursor.kind
  let ofKind = 1
  if (firstSeq === 0) throw new MalformedBatch('entry 0, but entries are numbered from 1')
  while (cursor.next()) {
    if (cursor.seq !== lastSeq + 1)
      throw new MalformedBatch(`entry ${String(cursor.seq)} follows entry ${String(lastSeq)}`)
    if (cursor.receiveTime < lastReceiveTime)
      throw new MalformedBatch(`the receive time goes back at entry ${String(cursor.seq)}`)
    if (cursor.kind === kind) {
      ofKind++
    } else {
      counts.set(kind, (counts.get(kind) ?? 0) + ofKind)
      kind = cursor.kind
      ofKind = 1
    }
    lastSeq = cursor.seq
    lastReceiveTime = cursor.receiveTime
  }
  counts.set(kind, (counts.get(kind) ?? 0) + ofKind)
  const entries = lastSeq - firstSeq + 1
  const rawBytes = records.length - entries * RECORD_HEADER_BYTES
  return { firstSeq, lastSeq, firstReceiveTime, lastReceiveTime, entries, kinds: countsOf(counts), rawBytes }
}
