/** What the players' servers need and tell, whatever the venue. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { LinkGuard } from '../faults/link-guard.ts'
import type { PlayOrigin, PlayStage } from './play-stage.ts'
import type { SentLog } from './sent-log.ts'

export interface RestAnswer {
  readonly status: number
  /** JSON. */
  readonly text: string
}

export interface PlaybackServerOptions {
  readonly origin: PlayOrigin
  readonly stage: PlayStage
  /** 0 takes a free one. */
  readonly port: number
  readonly log: SentLog | undefined
  /** Stands between the clients and the server. */
  readonly guard?: LinkGuard | undefined
  /** True while a log on the way to the clients has more to write than it should: plays wait for it. */
  readonly isLogBehind?: () => boolean
  /** Has the first word on every request; true when it answers. */
  readonly intercept: (request: IncomingMessage, response: ServerResponse) => boolean
  /** The answer to a request for this path and query; undefined: there is none here. */
  readonly answer: (target: string) => Promise<RestAnswer | undefined>
  /** Told when what is played can no longer be read. */
  readonly failed: (error: unknown) => void
}

/** How far the plays are. */
export interface PlaybackActivity {
  /** Clients so far, those gone included. */
  readonly connections: number
  /** Plays that began: at least one per client that subscribed to something. */
  readonly begunPlays: number
  /** Plays that have not come to the end. */
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
