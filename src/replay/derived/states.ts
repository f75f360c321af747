/** The streams of a replay looked at from instant to instant, whole books and all. Owns nothing but when. */
import type { Micros } from '../../market/time.ts'
import type { ReplayVisitor, StreamState } from '../stream-state.ts'
import { eachInterval } from './intervals.ts'

/**
 * Calls `onInstant` with every stream at each multiple of `every` microseconds since the epoch: `state` is that after all
 * entries received up to the instant, from the first one behind the stream's first entry on, streams in their order. Look
 * at `state.isValid` before its book. Throws RangeError for an interval that is none.
 */
export const statesTo = (
  every: number,
  onInstant: (state: StreamState, time: Micros) => void,
): ReplayVisitor =>
  eachInterval(every, (state) => ({
    sink: undefined,
    intervalEnded: (_start, end) => {
      onInstant(state, end)
    },
  }))
