/** Finds the keyframe to go on from: the last one that fits, or an earlier one where that cannot be used. */
import type { Seq } from '../../log/entry.ts'
import type { EventStore, KeyframeRef } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { Venue } from '../../venues/venue.ts'
import { readKeyframe } from './keyframe-reader.ts'

/** Book and decoder after entry `seq`. */
export interface SavedPlace {
  readonly seq: Seq
  readonly state: Uint8Array
}

/**
 * The last keyframe of the venue's present decoder that `fits`; undefined when there is none. A damaged one is passed
 * over: `verify` tells of it. Throws StoreFailure when the store cannot be read at all.
 */
export const nearestKeyframe = async (
  store: EventStore,
  stream: StreamId,
  venue: Venue,
  fits: (reference: KeyframeRef) => boolean,
): Promise<SavedPlace | undefined> => {
  const references = await store.keyframes(stream)
  for (let index = references.length - 1; index >= 0; index--) {
    const reference = references[index]
    if (reference === undefined || reference.decoderVersion !== venue.decoderVersion) continue
    if (!fits(reference)) continue
    const state = await readKeyframe(store, stream, reference.seq)
    if (state !== undefined) return { seq: reference.seq, state }
  }
  return undefined
}
