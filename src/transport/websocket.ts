/**
 * One websocket client connection. Owns the driver and the receive stamp, which is taken when bytes arrive at the
 * socket, before any parsing; leaves what to send, when to give up and when to come back to its user.
 */
import type { Buffer } from 'node:buffer'

import { WebSocket } from 'ws'

import type { Micros } from '../market/time.ts'

/** Frames up to this size are taken; a larger one closes the connection with 1009. */
const LARGEST_FRAME_BYTES = 128 * 1024 * 1024

export interface SocketHandlers {
  readonly onOpen: () => void
  /**
   * One frame, its bytes unchanged and valid only during the call. The time is that of the bytes that completed it; on a
   * connection that negotiated compression, of the bytes that had arrived when it was inflated.
   */
  readonly onMessage: (bytes: Uint8Array, isBinary: boolean, receiveTime: Micros) => void
  /** Told once, also when the connection never opened. `detail`: the reason the peer gave, or what failed. */
  readonly onClose: (code: number, detail: string) => void
}

export interface Socket {
  readonly send: (text: string) => void
  /** Says goodbye; frames still come in until the peer answers and `onClose` is called. */
  readonly close: () => void
  /** Ends at once; `onClose` follows. */
  readonly terminate: () => void
  /** Stops reading from the socket: the peer feels it, nothing is buffered here. */
  readonly pause: () => void
  readonly resume: () => void
}

export interface SocketOptions {
  readonly url: string
  readonly offersCompression: boolean
  /** Milliseconds. */
  readonly handshakeTimeout: number
  readonly now: () => Micros
}

export type ConnectSocket = (options: SocketOptions, handlers: SocketHandlers) => Socket

/** The words for a failed connection; drivers sometimes leave the message empty and set only a code. */
const describeFailure = (error: Error & { readonly code?: string }): string =>
  error.message === '' ? (error.code ?? error.name) : error.message

/** `onPause`: a connection that is not open yet cannot be paused and has to remember it. */
const socketOf = (client: WebSocket, onPause: (isPaused: boolean) => void): Socket => ({
  send: (text) => {
    if (client.readyState === WebSocket.OPEN) client.send(text)
  },
  close: () => {
    client.close(1000)
  },
  terminate: () => {
    client.terminate()
  },
  pause: () => {
    onPause(true)
    client.pause()
  },
  resume: () => {
    onPause(false)
    client.resume()
  },
})

/** Opens a connection. Never throws: whatever goes wrong arrives at `onClose`. The URL must be a ws or wss URL. */
export const connectWebSocket: ConnectSocket = (options, handlers) => {
  const { url, offersCompression, handshakeTimeout, now } = options
  let receiveTime = now()
  let failure: string | undefined
  let isPaused = false
  const client = new WebSocket(url, {
    handshakeTimeout,
    maxPayload: LARGEST_FRAME_BYTES,
    perMessageDeflate: offersCompression,
    skipUTF8Validation: true,
    followRedirects: false,
  })
  client.on('upgrade', (response) => {
    receiveTime = now()
    response.socket.prependListener('data', () => {
      receiveTime = now()
    })
  })
  client.on('open', () => {
    if (isPaused) client.pause()
    handlers.onOpen()
  })
  client.on('message', (data, isBinary) => {
    handlers.onMessage(data as Buffer, isBinary, receiveTime)
  })
  client.on('error', (error) => {
    failure ??= describeFailure(error)
  })
  client.on('close', (code, reason) => {
    handlers.onClose(code, reason.length > 0 ? reason.toString('utf8') : (failure ?? ''))
  })
  return socketOf(client, (wantsPause) => {
    isPaused = wantsPause
  })
}
