/** What a SupervisedPair is made of: every effect as a capability. */
import type { PairProcess } from './pair-messages.ts'
import type { WriteLog } from './recorder-log.ts'
import type { Scheduler } from './scheduler.ts'
import type { StagedStart } from './staged-start.ts'
import type { VenueGrants } from './venue-grants.ts'

export interface SupervisedPairOptions {
  readonly fork: (pair: string) => PairProcess
  readonly scheduler: Scheduler
  readonly random: () => number
  /** Milliseconds that only grow. */
  readonly now: () => number
  readonly writeLog: WriteLog
  /** Where processes wait for their turn to start. */
  readonly starts: StagedStart<object>
  /** Where connections and requests are granted. */
  readonly grants: VenueGrants
  /** How many times longer than one alone a process may take to end. */
  readonly turnsToStop: () => number
  /** A stream told that it delivers, that it could, or that it could not start. */
  readonly onNews: () => void
  /** Its disk is full; one sentence. */
  readonly onNoRoom: (sentence: string) => void
  /** Its process has ended, and none is started until `begin`. */
  readonly onOver: () => void
}
