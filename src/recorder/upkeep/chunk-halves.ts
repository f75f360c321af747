/** Makes two chunks of one, so that what stands in one of them can be taken out. Entries and chain stay what they are. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { encodeChunk } from '../../codec/chunk-columns.ts'
import { decodeChunk } from '../../codec/chunk-format.ts'
import type { ChainHeads } from '../../log/chain.ts'
import type { Chunk, ChunkHeader, Verdict } from '../../log/chunk.ts'
import { recordsAfter, type Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { openChunk } from '../../replay/reading/chunk-reader.ts'
import { StreamPlayer } from '../../replay/reading/stream-player.ts'
import type { Venue } from '../../venues/venue.ts'
import { chainBefore, headsOfHalves } from './chunk-heads.ts'

/** What replaying the entries before `at`, and from there on, shows. */
const verdictsOf = async (
  store: EventStore,
  venue: Venue,
  { stream, firstSeq, lastSeq }: ChunkHeader,
  at: Seq,
): Promise<readonly [Verdict, Verdict]> => {
  const range = { from: { kind: 'seq', seq: firstSeq }, to: { kind: 'seq', seq: lastSeq } } as const
  const player = new StreamPlayer({ store, stream, venue, range })
  let first: Verdict | undefined
  try {
    await player.seek()
    while (player.head !== undefined || (await player.fetch())) {
      const seq = player.head?.seq
      if (seq === firstSeq) player.keeper.takeVerdict()
      if (seq === at) first = player.keeper.takeVerdict()
      player.step()
    }
  } finally {
    await player.close()
  }
  if (first === undefined) throw new Error(`entry ${String(at)} is not in its chunk`)
  return [first, player.keeper.takeVerdict()]
}

const newChunk = (
  { stream }: ChunkHeader,
  venue: Venue,
  records: Uint8Array,
  heads: ChainHeads,
  verdict: Verdict,
): Chunk => {
  const chunk = encodeChunk({ stream, records, ...heads, verdict, hints: venue.columnHints })
  // The old bytes are gone afterwards: the new ones must give the same.
  const decoded = decodeChunk(chunk.header, chunk.payload)
  if (isLeft(decoded) || Buffer.compare(records, decoded.right) !== 0)
    throw new Error(`the chunk made of entry ${String(chunk.header.firstSeq)} and later does not read back`)
  return chunk
}

/**
 * Puts two chunks in the place of one, the second beginning with entry `at`, which is in the chunk and not its first.
 * Throws StoreFailure.
 */
export const splitChunk = async (
  store: EventStore,
  venue: Venue,
  header: ChunkHeader,
  at: Seq,
): Promise<void> => {
  const { records } = await openChunk(store, header)
  const second = recordsAfter(records, at - 1)
  const first = records.subarray(0, records.length - second.length)
  const heads = headsOfHalves(await chainBefore(store, header), header, { first, second, lastSeq: at - 1 })
  const verdicts = await verdictsOf(store, venue, header, at)
  const done = await store.split(
    newChunk(header, venue, first, heads[0], verdicts[0]),
    newChunk(header, venue, second, heads[1], verdicts[1]),
  )()
  if (isLeft(done)) throw new StoreFailure(done.left)
}
