/** Which connections of the recording a play goes through, and when the client's own must close as the last of them did. */
import type { EntryView } from '../../src/index.ts'
import type { PlayOrigin } from './play-stage.ts'

/** How a recorded connection ended. */
export interface RecordedClose {
  /** The WebSocket close code; 1006 where the socket just ended. */
  readonly code: number
  readonly reason: string
}

/** Connections of one source that carried a frame and are open. */
type Open = Set<number>

export class RecordedConnections {
  private readonly origin: PlayOrigin
  private readonly open: readonly Open[]

  constructor(origin: PlayOrigin) {
    this.origin = origin
    this.open = origin.sources.map(() => new Set())
  }

  /** A frame that was played. */
  carried(frame: EntryView, source: number): void {
    const open = this.open[source]
    if (open !== undefined && !open.has(frame.connection)) open.add(frame.connection)
  }

  /** An entry that is no frame. Tells how to close the client's connection, when that must be done. */
  note(entry: EntryView, source: number): RecordedClose | undefined {
    const open = this.open[source]
    if (entry.kind !== 'closed' || open?.delete(entry.connection) !== true) return undefined
    // Another connection goes on: to the client it is one feed. Behind the last frame there is nothing to come back for.
    const lastFrame = this.origin.stored?.[source]?.lastFrame ?? 0
    return open.size > 0 || entry.seq > lastFrame ? undefined : closeOf(entry.text())
  }
}

const closeOf = (text: string): RecordedClose => {
  try {
    const { code, reason } = JSON.parse(text) as { readonly code: unknown; readonly reason: unknown }
    return {
      code: typeof code === 'number' ? code : 1006,
      reason: typeof reason === 'string' ? reason : '',
    }
  } catch {
    return { code: 1006, reason: '' }
  }
}
