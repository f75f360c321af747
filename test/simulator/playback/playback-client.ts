/** A bare WebSocket client for tests of simulated venues: sends what it is told, keeps what it gets. */
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'

import { WebSocket } from 'ws'

export interface PlainClient {
  readonly frames: readonly string[]
  readonly send: (value: object | string) => void
  readonly close: () => Promise<void>
  readonly isClosed: () => boolean
  /** Stops reading from the socket. */
  readonly pause: () => void
  readonly resume: () => void
}

export const connect = async (url: string): Promise<PlainClient> => {
  const socket = new WebSocket(url)
  const frames: string[] = []
  socket.on('message', (data: Buffer) => frames.push(data.toString('utf8')))
  await once(socket, 'open')
  return {
    frames,
    send: (value) => socket.send(typeof value === 'string' ? value : JSON.stringify(value)),
    close: async () => {
      if (socket.readyState === WebSocket.CLOSED) return
      socket.close()
      await once(socket, 'close')
    },
    isClosed: () => socket.readyState === WebSocket.CLOSED,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  }
}

/** Resolves when the condition holds; throws when it does not within the limit. */
export const until = async (what: string, condition: () => boolean, limit = 120_000): Promise<void> => {
  const end = performance.now() + limit
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`)
    await setTimeout(5)
  }
}
