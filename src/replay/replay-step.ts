/** What `replay` hands out: an entry or a transaction with its events, as objects. */
import type { EntryKind, Seq } from '../log/entry.ts'
import type { MarketEvent } from '../market/event.ts'
import type { StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'
import type { StreamState } from './stream-state.ts'

interface StepBase {
  readonly stream: StreamId
  /** In order. The caller's own. */
  readonly events: readonly MarketEvent[]
  /** The stream behind this step: it tells the present, which stands still until the next step is asked for. */
  readonly state: StreamState
  /** For `resumeFrom`: the steps behind this one are then told. To be asked before the next step is. */
  readonly position: () => string
}

/** One entry applied, with its events. */
export interface EntryStep extends StepBase {
  readonly kind: 'entry'
  readonly seq: Seq
  /** Microseconds since the Unix epoch. */
  readonly receiveTime: Micros
  readonly entryKind: EntryKind
  /** The entry's payload, where texts were asked for. */
  readonly text: string | undefined
}

/** What the venue meant to be seen together, applied, with its events. */
export interface TransactionStep extends StepBase {
  readonly kind: 'transaction'
  /** Its first and last entry with events. */
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  /** Of its last entry, microseconds since the Unix epoch. */
  readonly receiveTime: Micros
  /**
   * False: the venue did not end it. The book may not be used then (`state.isValid` is false), or nothing was ended for so
   * long that what came is told (auctions).
   */
  readonly isWhole: boolean
}

/** One step of a replay. */
export type ReplayStep = EntryStep | TransactionStep
