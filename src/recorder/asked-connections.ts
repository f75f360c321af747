/** Connections that streams asked their supervisor for and that were not granted yet. */
import type { StreamId } from '../market/instrument.ts'

export class AskedConnections {
  private readonly tell: (stream: StreamId) => void
  private readonly waiting = new Map<StreamId, (() => void)[]>()

  /** `tell`: passes a question on. */
  constructor(tell: (stream: StreamId) => void) {
    this.tell = tell
  }

  /** How a stream asks. */
  of(stream: StreamId): (granted: () => void) => void {
    return (granted) => {
      const waiting = this.waiting.get(stream) ?? []
      waiting.push(granted)
      this.waiting.set(stream, waiting)
      this.tell(stream)
    }
  }

  /** The connection of this stream that was asked for first may be opened. */
  grant(stream: StreamId): void {
    this.waiting.get(stream)?.shift()?.()
  }
}
