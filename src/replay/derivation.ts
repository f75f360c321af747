/** What is computed of a replay that runs in parts: a module names how a part is visited, and what it tells of it. */
import type { Micros } from '../market/time.ts'
import type { ReplayVisitor } from './stream-state.ts'

/** The part at hand. */
export interface ReplayPart {
  /** The time of the last entries in front of it, which another part visits; undefined: it is the first one. */
  readonly after: Micros | undefined
}

/**
 * Exported by a module under the name `newDerivation`. Called once for each part, on whatever thread: nothing but its
 * arguments may count. `emit` hands out values that can be cloned (see structuredClone), in order; those of all parts
 * come out in the order of the replay. What a visitor carries from entry to entry ends with its part, books excepted: what
 * is not finished then it emits in `replayEnded`, for whoever takes the values to put together.
 */
export type NewDerivation<Argument, Value> = (
  argument: Argument,
  part: ReplayPart,
  emit: (value: Value) => void,
) => ReplayVisitor
