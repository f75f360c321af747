/** Keeps new connections within the venue's limit a minute. */
import type { Micros } from '../../market/time.ts'

const MINUTE_MICROS = 60_000_000

export class ConnectLimiter {
  private readonly perMinute: number
  private readonly recent: Micros[] = []

  constructor(perMinute: number) {
    this.perMinute = Math.max(1, Math.floor(perMinute))
  }

  /** Milliseconds to wait before the next connection may be opened; 0: it may, and is counted. */
  take(now: Micros): number {
    const { recent } = this
    while (recent[0] !== undefined && recent[0] <= now - MINUTE_MICROS) recent.shift()
    if (recent.length >= this.perMinute && recent[0] !== undefined)
      return Math.ceil((recent[0] + MINUTE_MICROS - now) / 1000)
    recent.push(now)
    return 0
  }
}
