/** A client connection without a network: what the server sends is kept, what the client sends is said by the test. */
import { EventEmitter } from 'node:events'

import type { ClientConnection } from '../../../simulator/venues/listener.ts'

export class FakeConnection {
  readonly sent: string[] = []
  /** Code and reason of the close frame; `cut` when the connection ended without one. */
  ending: readonly [number | undefined, string] | 'cut' | undefined
  /** Bytes that the client has not read. */
  bufferedAmount = 0
  isPaused = false
  readonly connection: ClientConnection
  private readonly events = new EventEmitter()
  private readyState = 1

  constructor(address = '127.0.0.1') {
    const wire = { cork: (): void => undefined, uncork: (): void => undefined }
    const socket = {
      OPEN: 1,
      on: (name: string, listener: (...values: unknown[]) => void): void => {
        this.events.on(name, listener)
      },
      send: (text: string): void => void this.sent.push(text),
      close: (code?: number, reason = ''): void => {
        this.ending ??= [code, reason]
        this.readyState = 2
      },
      pause: (): void => {
        this.isPaused = true
      },
      terminate: (): void => this.gone('cut'),
    }
    Object.defineProperty(socket, 'readyState', { get: () => this.readyState })
    Object.defineProperty(socket, 'bufferedAmount', { get: () => this.bufferedAmount })
    this.connection = { socket, wire, path: '/', address } as unknown as ClientConnection
  }

  get frames(): unknown[] {
    return this.sent.map((text) => JSON.parse(text) as unknown)
  }

  /** The client sends a frame. */
  say(value: object | string): void {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    this.events.emit('message', Buffer.from(text), false)
  }

  ping(): void {
    this.events.emit('ping', Buffer.from(''))
  }

  /** The connection is over. */
  gone(how?: 'cut'): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.ending ??= how
    this.events.emit('close')
  }
}
