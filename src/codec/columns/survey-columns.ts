/** What the header of a columnar chunk must say, from its columns. */
import { ENTRY_KINDS, type EntryKind } from '../../log/entry.ts'
import { microsOf } from '../../market/time.ts'
import { countsOf, type RecordSurvey } from '../record-survey.ts'
import type { OpenedColumns } from './open-columns.ts'

/** `rawBytes` is taken as given: only rendering tells it. */
export const surveyColumns = (
  { firstSeq, entries, receiveTimes, kindsAndFlags }: OpenedColumns,
  rawBytes: number,
): RecordSurvey => {
  const byKind = kindCounts(kindsAndFlags, entries)
  const counts = new Map<EntryKind, number>()
  ENTRY_KINDS.forEach((kind, index) => {
    const count = byKind[index] ?? 0
    if (count > 0) counts.set(kind, count)
  })
  return {
    firstSeq,
    lastSeq: firstSeq + entries - 1,
    firstReceiveTime: microsOf(receiveTimes[0] ?? 0),
    lastReceiveTime: microsOf(receiveTimes[entries - 1] ?? 0),
    entries,
    kinds: countsOf(counts),
    rawBytes,
  }
}

/** A loop of its own: one that ends in what has not run yet is compiled again and again. */
const kindCounts = (kindsAndFlags: Uint16Array, entries: number): Int32Array => {
  const counts = new Int32Array(256)
  for (let entry = 0; entry < entries; entry++) {
    const kind = (kindsAndFlags[entry] ?? 0) & 0xff
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
