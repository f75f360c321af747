/**
 * Decides which clients the flow waits for, and which are cut because they read too slowly: nobody may keep the others
 * waiting, and what waits for all of them together has a bound. Owns no socket and no clock.
 */

/** A client as its reading is judged. */
export interface WatchedClient {
  readonly address: string
  /** Bytes that it has yet to read. */
  readonly waiting: () => number
  /** Whether it is subscribed to something. */
  readonly isReader: () => boolean
  /** Ends it. Called once. */
  readonly cut: () => void
}

export interface SlowReaderLimits {
  /** Above so many bytes waiting a client is behind, until fewer than `caughtUpBytes` wait. */
  readonly behindBytes: number
  readonly caughtUpBytes: number
  /** Milliseconds that the flow waits for a client that is behind while another one is not. */
  readonly hold: number
  /** Milliseconds behind after which a client is cut. */
  readonly patience: number
  /** A client is cut when more waits for it, the one with most when more waits for all. */
  readonly clientBytes: number
  readonly totalBytes: number
  /** Milliseconds that an address is not waited for after one of its clients was cut. */
  readonly distrust: number
}

export const SLOW_READER_LIMITS: SlowReaderLimits = {
  behindBytes: 4_000_000,
  caughtUpBytes: 1_000_000,
  hold: 2_000,
  patience: 30_000,
  clientBytes: 32_000_000,
  totalBytes: 256_000_000,
  distrust: 60_000,
}

/** Where one client stands. */
interface Standing {
  readonly client: WatchedClient
  waiting: number
  behindSince: number | undefined
}

export class SlowReaders {
  private readonly limits: SlowReaderLimits
  private readonly standings = new Map<WatchedClient, Standing>()
  /** Addresses not waited for, and until when. */
  private readonly distrusted = new Map<string, number>()

  constructor(limits: Partial<SlowReaderLimits> = {}) {
    this.limits = { ...SLOW_READER_LIMITS, ...limits }
  }

  add(client: WatchedClient): void {
    this.standings.set(client, { client, waiting: 0, behindSince: undefined })
  }

  remove(client: WatchedClient): void {
    this.standings.delete(client)
  }

  /**
   * Cuts who has to be cut; true when the flow should wait. It waits for one that is behind for as long as `hold` when
   * others are not, and as long as its patience when all are. `now`: milliseconds that only go forward.
   */
  isBehind(now: number): boolean {
    const { hold, patience, clientBytes, totalBytes } = this.limits
    let readers = 0
    let behind = 0
    let isHeld = false
    let total = 0
    let largest: Standing | undefined
    for (const standing of this.standings.values()) {
      const { client } = standing
      const lag = this.lagOf(standing, now)
      if (standing.waiting > clientBytes || lag > patience) {
        this.cut(standing, now)
        continue
      }
      total += standing.waiting
      if (standing.waiting > (largest?.waiting ?? 0)) largest = standing
      if (!client.isReader()) continue
      readers++
      if (lag < 0) continue
      behind++
      if (lag <= hold && !this.isDistrusted(client.address, now)) isHeld = true
    }
    if (largest !== undefined && total > totalBytes) this.cut(largest, now)
    return behind > 0 && (isHeld || behind === readers)
  }

  /** Milliseconds for which a client has been behind; -1 when it is not. */
  private lagOf(standing: Standing, now: number): number {
    const { behindBytes, caughtUpBytes } = this.limits
    standing.waiting = standing.client.waiting()
    if (standing.waiting < (standing.behindSince === undefined ? behindBytes : caughtUpBytes)) {
      standing.behindSince = undefined
      return -1
    }
    standing.behindSince ??= now
    return now - standing.behindSince
  }

  private cut({ client }: Standing, now: number): void {
    this.standings.delete(client)
    for (const [address, until] of this.distrusted) if (until <= now) this.distrusted.delete(address)
    this.distrusted.set(client.address, now + this.limits.distrust)
    client.cut()
  }

  private isDistrusted(address: string, now: number): boolean {
    return now < (this.distrusted.get(address) ?? -Infinity)
  }
}
