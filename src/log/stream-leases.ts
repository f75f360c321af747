/**
 * PORT: who may write which stream of a store that several machines share. A lease only says who should; what keeps two
 * writers apart is that the store appends nothing but what follows. No clock of any machine is compared with another's.
 */
import type { StreamId } from '../market/instrument.ts'

/** Who holds a stream. */
export interface Lease {
  readonly stream: StreamId
  /** A name that one process has for its lifetime; '': the lease is free. */
  readonly owner: string
  /** The recorder that the process belongs to: the same after a restart with the same spool. */
  readonly recorder: string
  /** Grows with every taking: the number of the run that follows. */
  readonly epoch: number
  /** Grows while the owner lives. */
  readonly beat: number
}

/** Every method rejects with StoreFailure when the store cannot be asked. */
export interface StreamLeases {
  /** Undefined: nobody ever held it. */
  readonly read: (stream: StreamId) => Promise<Lease | undefined>
  /** Puts `next` in the place of the lease as it was seen; false: it is another by now. */
  readonly take: (seen: Lease | undefined, next: Lease) => Promise<boolean>
  /** Says that the owner lives. Gives those of the streams that it holds still. */
  readonly renew: (owner: string, streams: readonly StreamId[]) => Promise<readonly StreamId[]>
  /** Gives a stream free; nothing when the owner does not hold it. */
  readonly release: (owner: string, stream: StreamId) => Promise<void>
}
