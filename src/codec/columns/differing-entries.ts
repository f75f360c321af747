/** The check behind encoding: which entries of a payload just made do not read back as they were scanned. */
import type { EntryHeads } from './entry-columns.ts'
import type { OpenedColumns } from './open-columns.ts'
import type { RowSurvey, ScannedRows } from './row-survey.ts'

/** What was encoded. */
export interface EncodedEntries {
  readonly heads: EntryHeads
  readonly rows: ScannedRows
  readonly verbatim: readonly Uint8Array[]
}

/** Entries whose heads or rows differ; the bytes of verbatim ones are compared as well. */
export const differingEntries = (
  opened: OpenedColumns,
  { heads, rows, verbatim }: EncodedEntries,
  { rowStarts, values }: Pick<RowSurvey, 'rowStarts' | 'values'>,
): ReadonlySet<number> => {
  const differing = new Set<number>()
  const { receiveTimes, kindsAndFlags, connections } = heads
  const { entryTemplates, scales } = rows
  let verbatims = 0
  for (let entry = 0; entry < entryTemplates.length; entry++) {
    const template = entryTemplates[entry] ?? -1
    const start = rowStarts[entry] ?? 0
    let isSame =
      opened.receiveTimes[entry] === receiveTimes[entry] &&
      opened.kindsAndFlags[entry] === kindsAndFlags[entry] &&
      opened.connections[entry] === connections[entry] &&
      opened.templates[entry] === (template < 0 ? -1 - verbatims : template) &&
      opened.rowStarts[entry] === start
    if (template < 0) {
      const from = opened.verbatimStarts[verbatims] ?? 0
      const stored = opened.verbatim.subarray(from, opened.verbatimStarts[verbatims + 1])
      const payload = verbatim[verbatims++]
      isSame &&= payload !== undefined && sameBytes(stored, payload)
    } else {
      const end = rowStarts[entry + 1] ?? 0
      for (let at = start; at < end; at++)
        if (opened.values[at] !== values[at] || opened.scales[at] !== scales[at]) isSame = false
    }
    if (!isSame) differing.add(entry)
  }
  return differing
}

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])
