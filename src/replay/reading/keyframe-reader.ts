/** Reads keyframes where a damaged one is no reason to stop: there are earlier ones, and they are derived anyway. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeKeyframe } from '../../codec/keyframe.ts'
import type { Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'

/** The saved state, undefined when it is damaged or not there. Throws StoreFailure when the store as a whole fails. */
export const readKeyframe = async (
  store: EventStore,
  stream: StreamId,
  seq: Seq,
): Promise<Uint8Array | undefined> => {
  try {
    const state = decodeKeyframe(await store.keyframe(stream, seq))
    return isLeft(state) ? undefined : state.right
  } catch (error) {
    if (error instanceof StoreFailure && error.error.kind === 'damaged') return undefined
    throw error
  }
}
