/** The REST side of a venue's links: what befalls a request. Remembers books, so that an old one can be given again. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerJson } from '../venues/listener.ts'
import { captureAnswer, type CapturedAnswer, releaseAnswer } from './captured-answer.ts'
import type { FaultSource, RequestFault } from './fault.ts'
import type { FaultLog } from './fault-log.ts'
import type { VenueDialect } from './frame-dialect.ts'

export interface RequestOptions {
  readonly venue: string
  readonly dialect: VenueDialect
  readonly plan: FaultSource
  readonly faults: FaultLog
  readonly seconds: () => number
  readonly clockShift: () => number
  /** Frames of every client wait so long. */
  readonly hold: (seconds: number) => void
}

/** Answers remembered at once, one for each URL. */
const MOST_REMEMBERED = 32

/** Of the venues' own words where they are known. */
const errorBody = (venue: string, status: number): string => {
  if (venue === 'bitfinex')
    return JSON.stringify(['error', status === 429 ? 11_010 : 10_020, `simulated: ${String(status)}`])
  return JSON.stringify({
    message: status === 429 ? 'Public rate limit exceeded' : `simulated: ${String(status)}`,
  })
}

export class FaultyRequests {
  private readonly options: RequestOptions
  private readonly remembered = new Map<string, CapturedAnswer>()
  private requests = 0

  constructor(options: RequestOptions) {
    this.options = options
  }

  /** Numbers began anew: older books are of another count. */
  forget(): void {
    this.remembered.clear()
  }

  handle(request: IncomingMessage, response: ServerResponse, answer: () => void): void {
    const { plan, venue, seconds, faults } = this.options
    const path = request.url ?? '/'
    this.requests++
    const fault = plan.onRequest({ venue, path, seconds: seconds() })
    const old = this.remembered.get(path)
    if (fault === undefined || (fault.kind === 'stale-body' && old === undefined)) {
      this.capture(path, response, answer, (said) => releaseAnswer(response, said))
      return
    }
    faults.note({ venue, connection: 0, frame: this.requests, path }, fault)
    this.befall(fault, old, path, response, answer)
  }

  private befall(
    fault: RequestFault,
    old: CapturedAnswer | undefined,
    path: string,
    response: ServerResponse,
    answer: () => void,
  ): void {
    const release = (said: CapturedAnswer): void => releaseAnswer(response, said)
    switch (fault.kind) {
      case 'http-error':
        answerJson(response, fault.status, fault.body ?? errorBody(this.options.venue, fault.status))
        return
      case 'http-timeout':
        after(fault.seconds, () => response.destroy())
        return
      case 'http-delay':
        this.capture(path, response, answer, (said) => after(fault.seconds, () => release(said)))
        return
      case 'http-truncate':
        this.capture(path, response, answer, ({ body, ...head }) =>
          release({ ...head, body: body.subarray(0, Math.floor(body.length / 2)) }),
        )
        return
      case 'stale-body':
        if (old !== undefined) release(old)
        return
      case 'newer-body':
        // The frames of this while come after the answer that holds what they say.
        this.options.hold(2 * fault.seconds)
        after(fault.seconds, () => {
          this.capture(path, response, answer, release)
        })
    }
  }

  private capture(
    path: string,
    response: ServerResponse,
    answer: () => void,
    take: (answer: CapturedAnswer) => void,
  ): void {
    const { dialect, clockShift } = this.options
    captureAnswer(response, ({ status, headers, body }) => {
      const text = dialect.body(path, body.toString('utf8'), clockShift())
      const said = { status, headers, body: Buffer.from(text) }
      if (status === 200 && path.includes('/book')) this.remember(path, said)
      take(said)
    })
    answer()
  }

  private remember(path: string, answer: CapturedAnswer): void {
    this.remembered.delete(path)
    this.remembered.set(path, answer)
    const oldest = this.remembered.keys().next().value
    if (this.remembered.size > MOST_REMEMBERED && oldest !== undefined) this.remembered.delete(oldest)
  }
}

const after = (seconds: number, run: () => void): void => {
  setTimeout(run, seconds * 1000).unref()
}
