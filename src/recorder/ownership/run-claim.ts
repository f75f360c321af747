/**
 * The first entry of a run in a store that several machines share. Stored by itself, before any frame: from then on nobody
 * else's entries can follow what stood there before.
 */
import { EntryWriter } from '../../log/entry.ts'
import { encodeJson, type RunManifest } from '../../log/payloads.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { BookKeeper } from '../../replay/keeper/book-keeper.ts'
import type { Venue } from '../../venues/venue.ts'
import type { LogEnd } from '../recovery.ts'
import type { RunOptions } from '../stream-recorder-options.ts'

export interface RunClaim {
  /** Packed: one entry. */
  readonly records: Uint8Array
  /** The end of the log with it. */
  readonly end: LogEnd
}

export const newClaim = (manifest: RunManifest, before: LogEnd, now: Micros): RunClaim => {
  const lastSeq = before.lastSeq + 1
  const lastReceiveTime = microsOf(Math.max(now, before.lastReceiveTime))
  const writer = new EntryWriter(1024)
  writer.append('run-started', lastSeq, lastReceiveTime, 0, encodeJson(manifest))
  const records = writer.take() ?? new Uint8Array(0)
  return { records, end: { ...before, lastSeq, lastReceiveTime, lastKind: 'run-started' } }
}

/** Book and decoder after the claim alone: a run begins with nothing, whatever stood before it. */
export const stateAfter = (venue: Venue, { records }: RunClaim): Uint8Array => {
  const keeper = new BookKeeper(venue)
  keeper.applyRecords(records)
  return keeper.save()
}

type RunIdentity = Pick<RunOptions, 'config' | 'venue' | 'software'>

/** What every run of the stream says of itself. */
export const manifestOf = ({ config, venue, software }: RunIdentity): RunManifest => {
  const { pair, stream, symbol, feed, mode, sampling } = config
  const manifest = { software, stream, venue: venue.id, pair, symbol, feed, mode, assumeEmptyBook: false }
  return sampling === undefined ? manifest : { ...manifest, ...sampling }
}

/** What the feed of a run of samples begins with: the live book behind it is that of its frames. */
export const liveManifestOf = (options: RunIdentity): RunManifest => ({
  ...manifestOf(options),
  mode: 'full',
})
