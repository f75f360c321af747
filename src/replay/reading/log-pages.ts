/** Goes through the parts of a log a page at a time, so that a long one needs no more memory than a short one. */
import type { Seq } from '../../log/entry.ts'
import type { EventStore, SeqRange } from '../../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'

/** Parts fetched at once. */
const PAGE = 64

/** The parts that touch the range, each once, also when those before it are put together meanwhile. */
export async function* pagedParts(
  store: EventStore,
  stream: StreamId,
  { from: first = 1, to }: SeqRange = {},
): AsyncGenerator<LogPart, void> {
  for (let from: Seq = first; ;) {
    const page = await store.parts(stream, { from, to }, PAGE)
    for (const part of page) if (from === first || firstSeqOf(part) >= from) yield part
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    from = lastSeqOf(last) + 1
  }
}
