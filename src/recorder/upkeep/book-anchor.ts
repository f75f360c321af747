/** Makes the keyframe that a book goes on from where the entries before it are about to be taken out. */
import { encodeKeyframe } from '../../codec/keyframe.ts'
import type { Keyframe } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import type { EventStore } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { pagedParts } from '../../replay/reading/log-pages.ts'
import { StreamPlayer } from '../../replay/reading/stream-player.ts'
import type { Venue } from '../../venues/venue.ts'

/** The last entry that is missing behind `from` and before `to`; 0: none is. */
const lastMissing = async (store: EventStore, stream: StreamId, from: Seq, to: Seq): Promise<Seq> => {
  let last: Seq = 0
  for await (const part of pagedParts(store, stream, { from: from + 1, to }))
    if (part.kind === 'hole' && part.tombstone.kind !== 'unused') last = part.tombstone.lastSeq
  return last
}

/**
 * Book and decoder after entry `seq`, which must be stored; undefined: they are not known, because entries before it
 * are missing. Throws StoreFailure.
 */
export const keyframeAt = async (
  store: EventStore,
  stream: StreamId,
  venue: Venue,
  seq: Seq,
): Promise<Keyframe | undefined> => {
  const position = { kind: 'seq', seq } as const
  const player = new StreamPlayer({ store, stream, venue, range: { from: position, to: position } })
  let receiveTime: Micros = microsOf(0)
  try {
    await player.seek()
    const missing = await lastMissing(store, stream, player.place, seq)
    let isKnown = missing <= player.place
    while (player.head !== undefined || (await player.fetch())) {
      const { head } = player
      if (head?.kind === 'run-started' && head.seq > missing) isKnown = true
      receiveTime = head?.receiveTime ?? receiveTime
      player.step()
    }
    if (!isKnown || player.place !== seq) return undefined
  } finally {
    await player.close()
  }
  const { decoderVersion } = venue
  return encodeKeyframe({ stream, seq, receiveTime, decoderVersion, state: player.keeper.save() })
}
