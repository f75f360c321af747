/** What streams asked their supervisor for and was not granted yet: connections and requests, which venues count by address. */
import type { StreamId } from '../market/instrument.ts'

/** What a venue limits: new connections, and REST requests. */
export type Limited = 'connection' | 'request'

/** Calls back when the venue's limit lets a stream open a connection, or send a request. */
export type AskGrant = (what: Limited, granted: () => void) => void

export class AskedGrants {
  private readonly tell: (stream: StreamId, what: Limited) => void
  private readonly waiting = new Map<string, (() => void)[]>()

  /** `tell`: passes a question on. */
  constructor(tell: (stream: StreamId, what: Limited) => void) {
    this.tell = tell
  }

  /** How a stream asks. */
  of(stream: StreamId): AskGrant {
    return (what, granted) => {
      const place = `${what} ${stream}`
      const waiting = this.waiting.get(place) ?? []
      waiting.push(granted)
      this.waiting.set(place, waiting)
      this.tell(stream, what)
    }
  }

  /** What this stream asked for first may be done. */
  grant(stream: StreamId, what: Limited): void {
    this.waiting.get(`${what} ${stream}`)?.shift()?.()
  }

  /** This stream asks no more; what is granted late is nobody's. */
  forget(stream: StreamId): void {
    this.waiting.delete(`connection ${stream}`)
    this.waiting.delete(`request ${stream}`)
  }
}
