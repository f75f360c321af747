/** What a replay is asked for. Clocks, timers and the venues come in from outside: a replay itself has none. */
import type { StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'
import type { Venue } from '../venues/venue.ts'
import type { ReplayRange } from './position.ts'
import type { ChunkOpener } from './reading/chunk-opener.ts'

/** Holds a replay back; see ReplayPace. */
export interface Pace {
  /**
   * Asked once for every entry of the range, in order. Resolves when the entry is due, or promptly once the signal is
   * aborted; undefined: it is due already.
   */
  readonly due: (time: Micros, signal: AbortSignal | undefined) => Promise<void> | undefined
}

/** What `visit` is asked for. */
export interface ReplayOptions {
  /** The venue whose decoder understands a stream; undefined: there is none. */
  readonly venueOf: (stream: StreamId) => Venue | undefined
  /**
   * Entries are told by receive time, those of one instant in this order of their streams. Left out: those of
   * `resumeFrom`, else all that the store holds, by name.
   */
  readonly streams?: readonly StreamId[] | undefined
  /** Both ends are included; left out: everything. Each stream is sought to its keyframe before `from`. */
  readonly range?: ReplayRange | undefined
  /** A `position` given earlier: what was not told then is told now; it takes the place of `range.from`. */
  readonly resumeFrom?: string | undefined
  /** Left out: as fast as possible. */
  readonly pace?: Pace | undefined
  /** Once aborted, no further entry is applied; what the replay came to is answered as usual. */
  readonly signal?: AbortSignal | undefined
  /**
   * Given: the replay goes on with what is being recorded. Called when a stream has nothing more; resolves when it is time
   * to look again, or with false to end there. Other streams wait meanwhile: the order stays the stated one.
   */
  readonly waitForMore?: (() => Promise<boolean>) | undefined
  /** Opens chunks ahead of the entries that are applied, elsewhere; left out: they are opened here. It stays open. */
  readonly opener?: ChunkOpener | undefined
  /** Called now and then; resolves after signals and timers of the process had their turn. Left out: they may wait. */
  readonly breathe?: (() => Promise<void>) | undefined
  /** Told now and then how many further entries were passed, those in front of the range included. */
  readonly onEntries?: ((entries: number) => void) | undefined
  /** A range without entries is no error. */
  readonly mayBeEmpty?: boolean | undefined
}
