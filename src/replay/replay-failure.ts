/** What can stop a replay, as a small union; what a visitor throws is thrown on as it is. */
import { describeStoreError, type StoreError } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'
import type { ReplaySummary } from './replay-summary.ts'

/** Why a replay stopped or could not begin; `kind` tells which. */
export type ReplayError =
  /** The store holds nothing. */
  | { readonly kind: 'empty-store' }
  /** The store has no such stream; `held`: those it has. */
  | { readonly kind: 'unknown-stream'; readonly stream: StreamId; readonly held: readonly StreamId[] }
  /** Nobody knows the venue of a stream. */
  | { readonly kind: 'unknown-venue'; readonly stream: StreamId }
  /** A stream is asked for twice. */
  | { readonly kind: 'stream-twice'; readonly stream: StreamId }
  /** No stream has an entry in the range. */
  | { readonly kind: 'empty-range'; readonly streams: readonly StreamId[] }
  /** The text to resume from is no position, or not one of these streams. `detail`: one sentence. */
  | { readonly kind: 'bad-position'; readonly detail: string }
  /** A visitor is called synchronously, and this method of it answers later. */
  | { readonly kind: 'asynchronous-visitor'; readonly method: string }
  /** The store failed, or what it holds is damaged. */
  | { readonly kind: 'store'; readonly error: StoreError }

/** One sentence for people. */
export const describeReplayError = (error: ReplayError): string => {
  switch (error.kind) {
    case 'empty-store':
      return 'The store is empty: there is nothing to replay.'
    case 'unknown-stream': {
      const known = error.held.length === 0 ? 'it is empty' : `it holds ${error.held.join(', ')}`
      return `The store has no stream ${error.stream}: ${known}.`
    }
    case 'unknown-venue':
      return `The venue of ${error.stream} is not known.`
    case 'stream-twice':
      return `The stream ${error.stream} is asked for twice.`
    case 'empty-range':
      return `The range holds no entry of ${error.streams.join(', ')}.`
    case 'bad-position':
      return error.detail
    case 'asynchronous-visitor':
      return `A visitor is called synchronously: its method ${error.method} must not be async or return a promise.`
    case 'store':
      return describeStoreError(error.error)
  }
}

/** Thrown by `visit` and `replay`; everything was closed before. */
export class ReplayFailure extends Error {
  readonly error: ReplayError
  /** How far the replay came; undefined where it had not begun. */
  readonly summary: ReplaySummary | undefined

  constructor(error: ReplayError, summary?: ReplaySummary) {
    super(describeReplayError(error))
    this.error = error
    this.summary = summary
  }
}
