/** What new settings change in what one process records: as names of pairs for people, and stream by stream for the process. */
import { isDeepStrictEqual } from 'node:util'

import type { StreamId } from '../market/instrument.ts'
import type { PairConfig, StreamChange } from './pair-messages.ts'
import type { StreamConfig } from './thread-messages.ts'

/** What new settings change, as names of pairs. */
export interface PairChanges {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Recorded with other settings. */
  readonly changed: readonly string[]
  /** Had been given up, and are tried again. */
  readonly resumed: readonly string[]
}

/** The pairs of these streams, each once. */
export const pairsOf = (streams: readonly StreamConfig[]): readonly string[] => [
  ...new Set(streams.map(({ pair }) => pair)),
]

/** But for its streams, and for how it began. */
const isSameApart = (one: PairConfig, other: PairConfig): boolean =>
  isDeepStrictEqual({ ...one, takesOver: false, streams: [] }, { ...other, takesOver: false, streams: [] })

/** A process that records `before` can go on with `after`: its streams alone are others, and the others of them do not mind. */
export const canGoOn = (before: PairConfig, after: PairConfig): boolean =>
  after.mode === 'light' && isSameApart(before, after)

/** What `after` changes for pairs recorded with `before`. `ended`: streams that had been given up. */
export const changesOf = (
  before: PairConfig,
  after: PairConfig,
  ended: readonly StreamConfig[],
): PairChanges => {
  const isSame = isSameApart(before, after)
  const of = ({ streams }: PairConfig, pair: string): readonly StreamConfig[] =>
    streams.filter((stream) => stream.pair === pair)
  const [old, wanted] = [pairsOf(before.streams), pairsOf(after.streams)]
  const added = wanted.filter((pair) => !old.includes(pair))
  const changed = wanted.filter(
    (pair) => old.includes(pair) && !(isSame && isDeepStrictEqual(of(before, pair), of(after, pair))),
  )
  const isOther = new Set([...added, ...changed])
  return {
    added,
    removed: old.filter((pair) => !wanted.includes(pair)),
    changed,
    resumed: pairsOf(ended).filter((pair) => wanted.includes(pair) && !isOther.has(pair)),
  }
}

/** From streams to others. `again`: those that begin anew even if they stay as they were. */
export const streamChange = (
  before: readonly StreamConfig[],
  after: readonly StreamConfig[],
  again: ReadonlySet<StreamId>,
): StreamChange => {
  const known = new Map(before.map((config) => [config.stream, config]))
  const wanted = new Set(after.map(({ stream }) => stream))
  return {
    leaves: before.map(({ stream }) => stream).filter((stream) => !wanted.has(stream)),
    begins: after.filter(
      (config) => again.has(config.stream) || !isDeepStrictEqual(known.get(config.stream), config),
    ),
  }
}
