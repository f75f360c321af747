/**
 * PORT: a list of the runs that wrote into a store which several machines share, for people and monitoring. Derived: what
 * counts stands in the log's own `run-started` and `run-ended` entries.
 */
import type { StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'
import type { Seq } from './entry.ts'

/** How a run ended: `fenced`: another recorder took the stream over. Null: it goes on, or it crashed and nobody has looked since. */
export type RunEnd = 'stopped' | 'crash' | 'fenced' | null

/** One lifetime of one stream's recorder. */
export interface RunNote {
  readonly stream: StreamId
  /** Number of the run. */
  readonly epoch: number
  /** A name made by chance: the same as long as the recorder's spool is. */
  readonly recorder: string
  /** Name and version. */
  readonly software: string
  /** The entry it begins with. */
  readonly firstSeq: Seq
  readonly startedAt: Micros
  readonly end: RunEnd
  /** The last entry that was stored when it ended; null: it has not, as far as is known. */
  readonly lastSeq: Seq | null
}

/** The runs that wrote into a store which several machines share. */
export interface RunBook {
  /** In the place of the note with the same number; an earlier run without an end is one that crashed. */
  readonly put: (note: RunNote) => Promise<void>
  /** In the order of their numbers. */
  readonly list: (stream: StreamId) => Promise<readonly RunNote[]>
}
