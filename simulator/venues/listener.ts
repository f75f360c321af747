/**
 * One loopback port that answers HTTP requests and WebSocket clients. Owns opening and closing the port and what no
 * client may exceed, whatever it is; what is said there is the venue server's matter.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { type WebSocket, WebSocketServer } from 'ws'

import type { LinkGuard } from '../faults/link-guard.ts'

/** A client of the WebSocket side. */
export interface ClientConnection {
  readonly socket: WebSocket
  /** The path of its request, with query. */
  readonly path: string
  /** Where it comes from, without port. */
  readonly address: string
  /** The TCP socket below: to cork many frames into one write. */
  readonly wire: Socket
  /** Whether frames may be written to `wire` as they are: nothing compresses, changes or counts them. */
  readonly isPlain: boolean
}

export interface ListenerOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** Whether permessage-deflate is agreed to when the client offers it. */
  readonly compression: boolean
  readonly client: (connection: ClientConnection) => void
  readonly request: (request: IncomingMessage, response: ServerResponse) => void
  /** The HTTP status with which a WebSocket client of this address is refused; undefined when it is welcome. */
  readonly refuse?: (address: string) => number | undefined
  /** TCP connections that one address may have; a further one is closed at once. 1,000 when left out. */
  readonly connectionsPerAddress?: number
  /** Stands between the clients and the server. */
  readonly guard?: LinkGuard | undefined
}

export interface Listener {
  readonly port: number
  /** `ws://127.0.0.1:PORT` */
  readonly ws: string
  /** `http://127.0.0.1:PORT` */
  readonly rest: string
  /** Cuts every client, closes the port. May be called again. */
  readonly close: () => Promise<void>
}

const CONNECTIONS_PER_ADDRESS = 1000
/** A longer message of a client ends its socket with code 1009. */
const MAXIMAL_MESSAGE_BYTES = 1_048_576
/** A connection that has not made its request by then, or does not take its answer, is closed; in milliseconds. */
const REQUEST_TIME = 10_000
const ANSWER_TIME = 30_000
/** Connections that may wait for being accepted: a crowd that comes at once shall not keep others out. */
const BACKLOG = 4096
/** For the close frame to be read, after a client broke the WebSocket protocol. */
const LAST_WORDS = 1000

const HTTP_TIMES = {
  headersTimeout: REQUEST_TIME,
  requestTimeout: REQUEST_TIME,
  connectionsCheckingInterval: REQUEST_TIME / 4,
  keepAliveTimeout: ANSWER_TIME,
}

/** Opens the port on 127.0.0.1. Rejects with the system's error (`EADDRINUSE` ...) when it cannot. */
export const openListener = async (options: ListenerOptions): Promise<Listener> => {
  const http = createServer(HTTP_TIMES, (request, response) => {
    const answer = (): void => options.request(request, response)
    if (options.guard === undefined) answer()
    else options.guard.request(request, response, answer)
  })
  http.on('connection', (socket) => {
    if (options.guard?.isDown() === true) socket.destroy()
  })
  http.setTimeout(ANSWER_TIME)
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: options.compression,
    maxPayload: MAXIMAL_MESSAGE_BYTES,
    maxFragments: 1000,
    maxBufferedChunks: 10_000,
  })
  countConnections(http, options.connectionsPerAddress ?? CONNECTIONS_PER_ADDRESS)
  http.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    const address = addressOf(request.socket)
    const refusal = options.refuse?.(address)
    if (refusal !== undefined) {
      refuseUpgrade(stream, refusal)
      return
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // A client that resets its connection or breaks the protocol is no failure of the server.
      socket.on('error', () => setTimeout(() => socket.terminate(), LAST_WORDS).unref())
      options.guard?.client({ socket, wire: request.socket })
      const isPlain = options.guard === undefined && socket.extensions === ''
      options.client({ socket, path: request.url ?? '/', address, wire: request.socket, isPlain })
    })
  })
  await listen(http, options.port)
  const { port } = http.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      http.close(() => resolve())
      http.closeAllConnections()
    })
    return closing
  }
  return { port, ws: `ws://127.0.0.1:${String(port)}`, rest: `http://127.0.0.1:${String(port)}`, close }
}

const addressOf = (socket: Socket): string => socket.remoteAddress ?? ''

const listen = (http: Server, port: number): Promise<void> =>
  new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, () => {
      http.off('error', reject)
      resolve()
    })
  })

/** Half-open connections count as any other. */
const countConnections = (http: Server, most: number): void => {
  const counts = new Map<string, number>()
  http.on('connection', (socket: Socket) => {
    const address = addressOf(socket)
    const count = (counts.get(address) ?? 0) + 1
    if (count > most) {
      socket.destroy()
      return
    }
    counts.set(address, count)
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1
      if (left === 0) counts.delete(address)
      else counts.set(address, left)
    })
  })
}

const refuseUpgrade = (stream: Duplex, status: number): void => {
  stream.end(
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  )
  setTimeout(() => stream.destroy(), LAST_WORDS).unref()
}

/** Answers a request with JSON text. */
export const answerJson = (
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const body = Buffer.from(text)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    ...headers,
  })
  response.end(body)
}
