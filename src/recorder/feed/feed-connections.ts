/** How the connections of a stream do, by what its feed reports of them. */
import type { StreamState } from '../stream-status.ts'
import type { FeedReport } from './feed-report.ts'

/** So many attempts in a row that could not connect: the stream could not be started. */
const ATTEMPTS_TO_START = 3

export class FeedConnections {
  state: StreamState = 'starting'
  /** How many are open. */
  open = 0
  private failedAttempts = 0

  /** The stream delivers. */
  noteStarted(): void {
    this.failedAttempts = 0
  }

  note(report: FeedReport): void {
    switch (report.kind) {
      case 'connecting':
        if (this.state !== 'refused' && this.open === 0) this.state = 'connecting'
        return
      case 'connected':
        this.open = report.open
        this.state = 'live'
        return
      case 'refused':
        this.open = report.open
        this.state = 'refused'
        return
      case 'unreachable':
        this.failedAttempts++
        this.noteOpen(report.open)
        return
      case 'closed':
      case 'renewed':
        this.noteOpen(report.open)
        return
      case 'request-failed':
        return
    }
  }

  /** Whether this report, noted already, says that a stream that has not started cannot. */
  cannotStart({ kind }: FeedReport): boolean {
    return kind === 'refused' || (kind === 'unreachable' && this.failedAttempts === ATTEMPTS_TO_START)
  }

  private noteOpen(open: number): void {
    this.open = open
    this.state = open > 0 ? 'live' : 'waiting'
  }
}
