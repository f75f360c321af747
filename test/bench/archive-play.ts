/** One replay of archived streams, as a user would run it: from the store to the final books. */
import type { EventStore } from '../../src/log/event-store.ts'
import { playMerged } from '../../src/replay/merge.ts'
import type { ChunkOpener } from '../../src/replay/reading/chunk-opener.ts'
import { StreamPlayer } from '../../src/replay/reading/stream-player.ts'
import type { ArchivedStream } from './archive-store.ts'
import { threadTime } from './thread-time.ts'

export interface Played {
  readonly milliseconds: number
  /** Processor time of the thread that applies. */
  readonly applying: number
  readonly entries: number
  readonly events: number
  /** By stream. */
  readonly digests: readonly string[]
  readonly areValid: boolean
}

type Named = Pick<ArchivedStream, 'stream' | 'venue'>

/** All of it: opening, decoding, books, digests. `opener`: chunks are opened ahead by it. */
export const play = async (
  store: EventStore,
  streams: readonly Named[],
  opener: ChunkOpener | undefined,
  onEntries?: () => void,
): Promise<Played> => {
  const started = performance.now()
  const before = threadTime()
  const players = streams.map(({ stream, venue }) => new StreamPlayer({ store, stream, venue, opener }))
  const [only] = players
  if (only !== undefined && players.length === 1) {
    while (await only.fetch()) {
      while (only.step());
      onEntries?.()
    }
    await only.close()
  } else await playMerged(players, {})
  const summaries = players.map(({ keeper }) => keeper.summary())
  const digests = players.map(({ keeper }) => keeper.digest().digest)
  return {
    milliseconds: performance.now() - started,
    applying: threadTime() - before,
    entries: summaries.reduce((sum, { entries }) => sum + entries, 0),
    events: summaries.reduce((sum, { events }) => sum + events, 0),
    digests,
    areValid: summaries.every(({ valid, verified }) => valid && verified),
  }
}
