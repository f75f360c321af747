/**
 * Holds the leases of a process's streams: takes them, says at intervals that it lives, notices when another took one
 * over. Time is counted in own looks, so that neither a wall clock nor a process that slept declares anybody dead.
 */
import { describeStoreError, StoreFailure } from '../../log/event-store.ts'
import type { Lease, StreamLeases } from '../../log/stream-leases.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { Scheduler } from '../scheduler.ts'
import type { StreamStatus } from '../stream-status.ts'

const RENEW_INTERVAL = 3000
/** A renewal that is not answered by then is passed over. */
const RENEW_TIMEOUT = 5000
const LOOK_INTERVAL = 1000

export interface LeaseKeeperOptions {
  /** A name that no other process has. */
  readonly owner: string
  readonly recorder: string
  readonly scheduler: Scheduler
  /** Milliseconds that a lease must stand still, while the server answers, until its owner counts as dead. */
  readonly patience: number
  readonly onLost: (stream: StreamId) => void
}

/** `refused`: another recorder holds it, and lives. */
export type Taking =
  | { readonly kind: 'held'; readonly epoch: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'aborted' }

export interface TakeOptions {
  readonly stream: StreamId
  /** The run that follows has this number, or a higher one. */
  readonly leastEpoch: number
  /** Waits until it is free, however long that takes, also while the server is away. */
  readonly waits: boolean
  readonly signal: AbortSignal
}

export class LeaseKeeper {
  private readonly options: LeaseKeeperOptions
  /** By the number of its run. */
  private readonly held = new Map<StreamId, number>()
  private leases: StreamLeases | undefined
  private cancelRenewal: (() => void) | undefined
  private away: { readonly why: string; readonly since: number } | undefined

  constructor(options: LeaseKeeperOptions) {
    this.options = options
  }

  /** Why and for how long the store has not answered when it was told that a stream's owner lives; null: it did, or was not told. */
  get storeAway(): StreamStatus['storeAway'] {
    if (this.away === undefined) return null
    const { why, since } = this.away
    return { why, milliseconds: Math.round(performance.now() - since) }
  }

  /** Throws StoreFailure when the store does not answer. */
  async take(leases: StreamLeases, options: TakeOptions): Promise<Taking> {
    this.leases = leases
    const { stream, leastEpoch, waits, signal } = options
    let last: Lease | undefined
    let looks = 0
    while (!signal.aborted) {
      const lease = await this.look(leases, stream, waits)
      if (lease === 'away') last = undefined
      else {
        const isSame = last !== undefined && last.owner === lease?.owner && last.beat === lease.beat
        if (last !== undefined && !isSame && !waits && !this.isFree(lease)) return { kind: 'refused' }
        looks = isSame ? looks + 1 : 0
        last = lease
        if (this.isFree(lease) || looks * LOOK_INTERVAL >= this.options.patience) {
          const epoch = await this.tryTake(leases, stream, lease, leastEpoch)
          if (epoch !== undefined) return { kind: 'held', epoch }
          looks = 0
          if (this.isFree(lease)) last = undefined
          continue
        }
      }
      await this.pause(LOOK_INTERVAL, signal)
    }
    return { kind: 'aborted' }
  }

  /** Gives a stream free; what cannot be told to the store is noticed by whoever waits. */
  async release(stream: StreamId): Promise<void> {
    if (!this.held.delete(stream)) return
    if (this.held.size === 0) {
      this.cancelRenewal?.()
      this.away = undefined
    }
    await this.leases?.release(this.options.owner, stream).catch(ignoreFailure)
  }

  private isFree(lease: Lease | undefined): boolean {
    const { owner, recorder } = this.options
    // The same recorder: its process before this one is dead, the lock on its spool proves it.
    return lease === undefined || lease.owner === '' || lease.owner === owner || lease.recorder === recorder
  }

  private async look(
    leases: StreamLeases,
    stream: StreamId,
    waits: boolean,
  ): Promise<Lease | undefined | 'away'> {
    try {
      return await leases.read(stream)
    } catch (error) {
      if (waits && error instanceof StoreFailure) return 'away'
      throw error
    }
  }

  private async tryTake(
    leases: StreamLeases,
    stream: StreamId,
    seen: Lease | undefined,
    leastEpoch: number,
  ): Promise<number | undefined> {
    const { owner, recorder } = this.options
    const epoch = Math.max((seen?.epoch ?? 0) + 1, leastEpoch)
    if (!(await leases.take(seen, { stream, owner, recorder, epoch, beat: 0 }))) return undefined
    this.held.set(stream, epoch)
    this.renewLater()
    return epoch
  }

  private renewLater(): void {
    this.cancelRenewal?.()
    this.cancelRenewal = this.options.scheduler.after(RENEW_INTERVAL, () => {
      void this.renew().then(() => {
        if (this.held.size > 0) this.renewLater()
      })
    })
  }

  private async renew(): Promise<void> {
    const { owner, scheduler, onLost } = this.options
    const held = [...this.held]
    const streams = held.map(([stream]) => stream)
    const renewal = this.leases?.renew(owner, streams).then((kept) => {
      this.away = undefined
      for (const [stream, epoch] of held) {
        // One that was given free and taken anew meanwhile is not lost.
        if (kept.includes(stream) || this.held.get(stream) !== epoch) continue
        this.held.delete(stream)
        onLost(stream)
      }
    })
    let cancel: (() => void) | undefined
    const timeout = new Promise<void>((resolve) => {
      cancel = scheduler.after(RENEW_TIMEOUT, () => {
        this.noteAway('The store does not answer.')
        resolve()
      })
    })
    const failed = renewal?.catch((error: unknown) => {
      if (!(error instanceof StoreFailure)) throw error
      this.noteAway(describeStoreError(error.error))
    })
    await Promise.race([failed, timeout])
    cancel?.()
  }

  private noteAway(why: string): void {
    if (this.held.size > 0) this.away = { why, since: this.away?.since ?? performance.now() }
  }

  private async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = this.options.scheduler.after(milliseconds, end)
      signal.addEventListener('abort', end)
    })
  }
}

/** A store that does not answer is told of elsewhere. */
const ignoreFailure = (error: unknown): void => {
  if (!(error instanceof StoreFailure)) throw error
}
