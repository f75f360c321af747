/** What `startPlayback` needs of the server of one venue. */
import type { Pace } from './pacer.ts'
import type { SentLog } from './sent-log.ts'

export interface PlaybackServerOptions {
  /** A capture's file or folder. */
  readonly capture: string
  readonly pace: Pace
  /** 0 takes a free one. */
  readonly port: number
  readonly log: SentLog | undefined
  /** Told when the capture can no longer be read. */
  readonly failed: (error: unknown) => void
}

/** How far the plays are. */
export interface PlaybackActivity {
  /** Clients so far, those gone included. */
  readonly connections: number
  /** Plays that began: at least one per client that subscribed to something. */
  readonly begunPlays: number
  /** Plays that have not come to the capture's end. */
  readonly runningPlays: number
}

export interface PlaybackServer {
  readonly ws: string
  readonly rest: string
  readonly activity: () => PlaybackActivity
  readonly stop: () => Promise<void>
}

/** Counts clients and plays. */
export class ActivityCounter {
  private connections = 0
  private begunPlays = 0
  private runningPlays = 0

  /** The number of a new connection: 1, 2, 3 ... */
  connected(): number {
    return ++this.connections
  }

  readonly playing = (change: 1 | -1): void => {
    if (change === 1) this.begunPlays++
    this.runningPlays += change
  }

  readonly activity = (): PlaybackActivity => ({
    connections: this.connections,
    begunPlays: this.begunPlays,
    runningPlays: this.runningPlays,
  })
}
