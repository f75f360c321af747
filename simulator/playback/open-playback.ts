/**
 * Opens the port of a player and sets up each of its clients: a sender, a number, an end. Owns what is the same for every
 * venue; what is said there is the venue's conversation.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { WebSocket } from 'ws'

import { faultControl } from '../faults/fault-control.ts'
import type { Links } from '../faults/links.ts'
import { answerJson, type ClientConnection, openListener } from '../venues/listener.ts'
import { ClientSender } from './client-sender.ts'
import { controlRequests } from './control-requests.ts'
import type { PlayContext } from './play-group.ts'
import type { PlayOrigin, PlayStage } from './play-stage.ts'
import type { TradeHistory } from './trade-history.ts'

export interface RestAnswer {
  readonly status: number
  /** JSON. */
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface PlaybackServerOptions {
  readonly origin: PlayOrigin
  readonly stage: PlayStage
  /** 0 takes a free one. */
  readonly port: number
  /** Faults and logs on the way to the clients. */
  readonly links: Links
  /** Whether the addresses under /simulator/ are answered. */
  readonly control: boolean
  /** Closed when the server stops. */
  readonly trades: TradeHistory
  /** The answer to a request for this path and query; undefined: there is none here. */
  readonly answer: (target: string) => Promise<RestAnswer | undefined>
  /** Told when what is played can no longer be read. */
  readonly failed: (error: unknown) => void
  /** By the wall clock, a client that has too much to read for so many milliseconds is cut; 30 s when left out. */
  readonly patience?: number | undefined
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

/** One client's talk with its venue. */
export interface Conversation {
  /** A frame from the client. */
  readonly receive: (data: Buffer, isBinary: boolean) => void
  /** The client is gone. */
  readonly ended: () => void
}

export interface PlaybackVenue {
  readonly converse: (context: PlayContext, socket: WebSocket) => Conversation
  /** The answer where there is none. */
  readonly missing: RestAnswer
}

const PATIENCE_MILLISECONDS = 30_000

/** Answers the REST requests: the control addresses first, then what is recorded. */
const requestsOf = (options: PlaybackServerOptions, missing: RestAnswer) => {
  const { links, stage, control, answer, failed } = options
  const controls = control ? [faultControl(links), controlRequests(stage)] : []
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (controls.some((answers) => answers(request, response))) return
    answer(request.url ?? '/')
      .then((found) => {
        const { status, text, headers } = found ?? missing
        answerJson(response, status, text, headers)
      })
      .catch((error: unknown) => {
        failed(error)
        response.destroy()
      })
  }
}

/** Rejects with the system's error when the port cannot be opened. */
export const openPlayback = async (
  options: PlaybackServerOptions,
  { converse, missing }: PlaybackVenue,
): Promise<PlaybackServer> => {
  const { origin, stage, links, trades, failed, patience = PATIENCE_MILLISECONDS } = options
  const guard = links.guardOf(origin.venue)
  const isLogBehind = (): boolean => links.isBehind()
  const counts = { connections: 0, begunPlays: 0, runningPlays: 0 }
  const playing = (change: 1 | -1): void => {
    if (change === 1) counts.begunPlays++
    counts.runningPlays += change
  }
  const client = (connection: ClientConnection): void => {
    const { socket } = connection
    const number = ++counts.connections
    const sender = new ClientSender({ client: connection, connection: number, isLogBehind })
    const gone = new AbortController()
    const context = { origin, stage, trades, sender, signal: gone.signal, patience, playing, failed }
    const { receive, ended } = converse(context, socket)
    socket.on('message', receive)
    socket.on('close', () => {
      ended()
      gone.abort()
    })
  }
  // A venue may decline compression; on loopback it only costs.
  const request = requestsOf(options, missing)
  const listener = await openListener({ port: options.port, compression: false, client, guard, request })
  const stop = async (): Promise<void> => {
    await listener.close()
    await trades.close()
  }
  return { ws: listener.ws, rest: listener.rest, activity: () => ({ ...counts }), stop }
}
