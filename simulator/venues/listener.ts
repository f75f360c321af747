/**
 * One loopback port that answers HTTP requests and WebSocket clients. Owns opening and closing the port; what is said
 * there is the venue server's matter.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import { type WebSocket, WebSocketServer } from 'ws'

/** A client of the WebSocket side. */
export interface ClientConnection {
  readonly socket: WebSocket
  /** The path of its request, with query. */
  readonly path: string
  /** The TCP socket below: to cork many frames into one write. */
  readonly wire: Socket
}

export interface ListenerOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** Whether permessage-deflate is agreed to when the client offers it. */
  readonly compression: boolean
  readonly client: (connection: ClientConnection) => void
  readonly request: (request: IncomingMessage, response: ServerResponse) => void
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

/** Opens the port on 127.0.0.1. Rejects with the system's error (`EADDRINUSE` ...) when it cannot. */
export const openListener = async (options: ListenerOptions): Promise<Listener> => {
  const http = createServer(options.request)
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: options.compression })
  http.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // A client that resets its connection is no failure of the server.
      socket.on('error', () => socket.terminate())
      options.client({ socket, path: request.url ?? '/', wire: request.socket })
    })
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port, '127.0.0.1', () => {
      http.off('error', reject)
      resolve()
    })
  })
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

/** Answers a request with JSON text. */
export const answerJson = (response: ServerResponse, status: number, text: string): void => {
  const body = Buffer.from(text)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  })
  response.end(body)
}
