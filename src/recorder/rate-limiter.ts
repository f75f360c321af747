/** Keeps new connections, or requests, within a venue's limit. */
import type { Micros } from '../market/time.ts'
import type { RateLimit } from '../venues/venue.ts'

export class RateLimiter {
  private readonly most: number
  private readonly span: number
  private readonly recent: Micros[] = []

  constructor({ most, milliseconds }: RateLimit) {
    this.most = Math.max(1, Math.floor(most))
    this.span = milliseconds * 1000
  }

  /** Milliseconds to wait before the next one may be made; 0: it may, and is counted. */
  take(now: Micros): number {
    const { recent, span } = this
    while (recent[0] !== undefined && recent[0] <= now - span) recent.shift()
    if (recent.length >= this.most && recent[0] !== undefined)
      return Math.ceil((recent[0] + span - now) / 1000)
    recent.push(now)
    return 0
  }
}
