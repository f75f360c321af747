/** What a replay in parallel and its threads say to each other. */
import type { StreamId } from '../../market/instrument.ts'
import type { ReplayError } from '../../replay/replay-failure.ts'
import type { ReplaySummary } from '../../replay/replay-summary.ts'

/** Where a module lies that exports `newDerivation`, and the argument it is given; the latter can be cloned. */
export interface NamedDerivation {
  /** URL of a JavaScript module. */
  readonly module: string
  readonly argument: unknown
}

/** What a thread is started with. */
export interface ReplayThreadData {
  readonly url: string
  readonly streams: readonly StreamId[]
  /** Undefined: only summaries are wanted. */
  readonly derivation: NamedDerivation | undefined
  /** Two cells, see TAKEN and STOP. */
  readonly shared: Int32Array
}

/** Cell: how many batches of values were taken of this thread. */
export const TAKEN = 0
/** Cell: whether the thread is to go on. */
export const STOP = 1
/** Values of STOP: end what is under way, and tell how far it came; or drop it, nobody listens any more. */
export const STOPPED = 1
export const DROPPED = 2

/** Answers of the thread: the first two any number of times, then one of the others for each slice. */
export type FromReplayer =
  | { readonly kind: 'entries'; readonly entries: number }
  | { readonly kind: 'values'; readonly values: readonly unknown[] }
  | { readonly kind: 'done'; readonly summary: ReplaySummary }
  | { readonly kind: 'failed'; readonly error: ReplayError; readonly summary: ReplaySummary | undefined }
  /** The derivation threw this. */
  | { readonly kind: 'threw'; readonly cause: unknown }
