/** What stands between a listener and the server behind it, where faults or a log of what was sent are wanted. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import type { WebSocket } from 'ws'

export interface GuardedConnection {
  readonly socket: WebSocket
  /** The TCP socket below. */
  readonly wire: Socket
}

export interface LinkGuard {
  /** True while nobody is let in: connections are cut at once. */
  readonly isDown: () => boolean
  /** Called before the server sees the client. */
  readonly client: (connection: GuardedConnection) => void
  /** Has the first word on a request; `answer` lets the server answer. */
  readonly request: (request: IncomingMessage, response: ServerResponse, answer: () => void) => void
}
