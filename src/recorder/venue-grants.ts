/**
 * Grants new connections and REST requests, one after the other as they were asked for, within the limits of each venue: it counts by
 * address, so that all pairs of a recorder share them, whatever comes and goes.
 */
import { microsOf } from '../market/time.ts'
import type { RateLimit } from '../venues/venue.ts'
import type { Limited } from './asked-grants.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { Scheduler } from './scheduler.ts'
import type { StreamConfig } from './thread-messages.ts'

interface Queue {
  readonly limiter: RateLimiter
  readonly waiting: (() => void)[]
  cancel: (() => void) | undefined
}

export class VenueGrants {
  private readonly scheduler: Scheduler
  private readonly now: () => number
  private readonly queues = new Map<string, Queue>()

  /** `now`: milliseconds that only grow. */
  constructor(scheduler: Scheduler, now: () => number) {
    this.scheduler = scheduler
    this.now = now
  }

  /** Calls `granted` now, or when the venue lets this stream do what it asks for. */
  askFor(
    { venue, endpoints, connectLimit, requestLimit }: StreamConfig,
    what: Limited,
    granted: () => void,
  ): void {
    if (what === 'request') this.ask(`${venue} ${endpoints.rest}`, requestLimit, granted)
    else this.ask(`${venue} ${endpoints.ws}`, connectLimit, granted)
  }

  /** Calls `granted` now, or when it is its turn. `address`: whom it is for; those of one share its limit. */
  ask(address: string, limit: RateLimit, granted: () => void): void {
    let queue = this.queues.get(address)
    if (queue === undefined) {
      queue = { limiter: new RateLimiter(limit), waiting: [], cancel: undefined }
      this.queues.set(address, queue)
    }
    queue.waiting.push(granted)
    this.serve(queue)
  }

  /** Nobody waits any more. */
  stop(): void {
    for (const { cancel } of this.queues.values()) cancel?.()
    this.queues.clear()
  }

  private serve(queue: Queue): void {
    if (queue.cancel !== undefined) return
    while (queue.waiting.length > 0) {
      const wait = queue.limiter.take(microsOf(Math.round(this.now() * 1000)))
      if (wait > 0) {
        queue.cancel = this.scheduler.after(wait, () => {
          queue.cancel = undefined
          this.serve(queue)
        })
        return
      }
      queue.waiting.shift()?.()
    }
  }
}
