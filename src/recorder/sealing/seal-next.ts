/** Has the next chunk of a stream sealed: as the sealing thread holds it, or from the records as the journal has them. */
import { Buffer } from 'node:buffer'

import { recordsAfter, type Seq } from '../../log/entry.ts'
import type { Journal } from '../../log/journal.ts'
import type { StreamId } from '../../market/instrument.ts'
import { endAfter, type LogEnd } from '../recovery.ts'
import type { Sealer } from '../thread-messages.ts'
import type { SealedChunk } from './stream-sealer.ts'

interface SealingPlace {
  readonly stream: StreamId
  readonly journal: Journal
  readonly sealer: Sealer
}

/** A sealed chunk, and where the log ends once it is stored. */
interface NextChunk {
  readonly sealed: SealedChunk
  readonly stored: LogEnd
}

/** The records behind entry `after`, through `end`. */
const readThrough = async (journal: Journal, after: Seq, end: Seq): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  for await (const { records, lastSeq } of journal.read(after)) {
    const behind = lastSeq > end ? recordsAfter(records, end).length : 0
    parts.push(records.subarray(0, records.length - behind))
    if (lastSeq >= end) break
  }
  return Buffer.concat(parts)
}

/** The chunk behind `stored` that ends with entry `end`. */
export const sealNext = async (
  { stream, journal, sealer }: SealingPlace,
  stored: LogEnd,
  end: Seq,
): Promise<NextChunk> => {
  // What is stored must not be ahead of what a crash would leave.
  await journal.written()
  const held = await sealer.sealHeld?.(stream, end)
  if (held !== undefined) {
    const { sealed, lastKind, lastConnection } = held
    const { lastSeq, lastReceiveTime } = sealed.chunk.header
    const highest = Math.max(stored.lastConnection, lastConnection)
    return { sealed, stored: { lastSeq, lastReceiveTime, lastKind, lastConnection: highest } }
  }
  const records = await readThrough(journal, stored.lastSeq, end)
  // Before the seal, which takes the records away.
  const next = endAfter(stored, records)
  return { sealed: await sealer.seal(stream, records), stored: next }
}
