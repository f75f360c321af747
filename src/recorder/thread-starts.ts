/** What the threads of one run of a stream begin with, by the stream's mode. */
import { liveManifestOf, manifestOf } from './ownership/run-claim.ts'
import type { LogEnd } from './recovery.ts'
import type { RunOptions } from './stream-recorder-options.ts'
import type { FeedStart, KeeperStart } from './thread-messages.ts'

export interface ThreadStarts {
  readonly feed: FeedStart
  readonly keeper: KeeperStart
}

/** `state`: of book and decoder at the end of the log. `writesManifest`: the log does not have this run's first entry yet. */
export const threadStarts = (
  options: RunOptions,
  { lastSeq, lastReceiveTime, lastConnection }: LogEnd,
  state: Uint8Array,
  writesManifest: boolean,
): ThreadStarts => {
  const { clock, config, venue } = options
  const manifest = writesManifest ? manifestOf(options) : undefined
  const place = { manifest, clock, lastSeq, lastReceiveTime }
  const feed = { ...place, config, lastConnection }
  const keeper = { stream: config.stream, venue: venue.id, state, sampler: undefined }
  const { sampling } = config
  if (sampling === undefined) return { feed, keeper }
  return {
    // Its entries are numbered for themselves: the log is that of the samples.
    feed: { ...feed, manifest: liveManifestOf(options), lastSeq: 0 },
    keeper: { ...keeper, sampler: { ...place, ...sampling } },
  }
}
