/** What a Feed is made of: the venue, where it lives, and every effect as a capability. */
import type { RunManifest } from '../../log/payloads.ts'
import type { Micros } from '../../market/time.ts'
import type { GetRest } from '../../transport/rest.ts'
import type { ConnectSocket } from '../../transport/websocket.ts'
import type { SessionContext, Venue } from '../../venues/venue.ts'
import type { Scheduler } from '../scheduler.ts'
import type { EntryLog } from './entry-log.ts'
import type { FeedReport } from './feed-report.ts'

export interface FeedOptions {
  readonly venue: Venue
  /** Undefined: the log has this run's first entry already. */
  readonly manifest: RunManifest | undefined
  readonly session: Omit<SessionContext, 'unixSeconds'>
  readonly endpoints: { readonly ws: string; readonly rest: string }
  /** Calls back when the venue's limit lets this feed open a connection. */
  readonly mayConnect: (granted: () => void) => void
  /** As `mayConnect`, for a request; left out: at once. */
  readonly mayRequest?: ((granted: () => void) => void) | undefined
  /** Redundant connections that are kept at a time; left out: one. */
  readonly lines?: number | undefined
  /** Milliseconds after which a connection is renewed, the new one up first; 0 or left out: never. */
  readonly renewAfter?: number | undefined
  /** Connections the stream has had in earlier runs. */
  readonly lastConnection: number
  readonly log: Pick<EntryLog, 'append' | 'appendRecord' | 'flush'>
  readonly connect: ConnectSocket
  readonly get: GetRest
  readonly now: () => Micros
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly onReport: (report: FeedReport) => void
}
