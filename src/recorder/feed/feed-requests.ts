/** The REST requests of one feed: one at a time of each purpose, every answer logged. What they mean is the decoder's. */

import type { RestResponse } from '../../log/payloads.ts'
import type { GetRest } from '../../transport/rest.ts'
import { NamedTimers } from '../named-timers.ts'
import type { Scheduler } from '../scheduler.ts'

/** A level-3 book of tens of MB needs its time. */
const REQUEST_TIMEOUT = 60_000
/** For what an entry has ahead of a body: a large one is not copied to become one. */
const ROOM_AHEAD = 2048

export interface FeedRequestsOptions {
  readonly baseUrl: string
  readonly get: GetRest
  readonly mayRequest: ((granted: () => void) => void) | undefined
  readonly headers: (path: string) => Readonly<Record<string, string>>
  readonly scheduler: Scheduler
  readonly onResponse: (response: RestResponse) => void
}

export class FeedRequests {
  private readonly options: FeedRequestsOptions
  private readonly delays: NamedTimers
  /** Purposes under way, and the path to ask next where a newer request of the purpose waits for this one. */
  private readonly running = new Map<string, string | undefined>()
  private readonly abort = new AbortController()

  constructor(options: FeedRequestsOptions) {
    this.options = options
    this.delays = new NamedTimers(options.scheduler)
  }

  /** Asks after `delay` ms; a newer request of a purpose replaces one that waits. */
  request(purpose: string, path: string, delay: number): void {
    if (this.abort.signal.aborted) return
    this.delays.set(purpose, delay, () => {
      if (this.running.has(purpose)) this.running.set(purpose, path)
      else void this.run(purpose, path)
    })
  }

  /** Asks as soon as the venue's limit lets it, and settles when the answer is logged. */
  async run(purpose: string, path: string): Promise<void> {
    const { baseUrl, get, headers, mayRequest, onResponse } = this.options
    this.running.set(purpose, undefined)
    const url = baseUrl + path
    if (mayRequest !== undefined) await new Promise<void>(mayRequest)
    if (this.abort.signal.aborted) return
    const answer = await get({
      url,
      headers: headers(path),
      timeout: REQUEST_TIMEOUT,
      roomAhead: ROOM_AHEAD,
      signal: this.abort.signal,
    })
    if (this.abort.signal.aborted) return
    onResponse({ method: 'GET', url, status: answer.status, body: answer.body })
    const next = this.running.get(purpose)
    this.running.delete(purpose)
    if (next !== undefined) await this.run(purpose, next)
  }

  /** Gives up what runs and what waits. */
  stop(): void {
    this.delays.cancelAll()
    this.abort.abort()
  }
}
