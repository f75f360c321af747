/** What a running recorder tells of itself to whoever asks: plain data, the same over HTTP and the local socket. */
import type { StreamStatus } from '../../recorder/stream-status.ts'

export interface RecorderReport {
  readonly process: number
  readonly software: string
  /** When it started and when this was told: microseconds since the Unix epoch. */
  readonly startedAt: number
  readonly now: number
  /** Without user, password and settings. */
  readonly store: string
  /** The folder of its journals, as the system names it: whoever has it writes the streams. */
  readonly journal: string
  readonly healthy: boolean
  /** One sentence for each stream in trouble. */
  readonly troubles: readonly string[]
  /** Why nothing is recorded just now, one sentence; null: it is. */
  readonly paused: string | null
  /** How often each pair's process was started again. */
  readonly restarts: Readonly<Record<string, number>>
  /** Bytes free where entries are journaled; null: unknown. */
  readonly freeBytes: number | null
  readonly streams: readonly StreamStatus[]
}
