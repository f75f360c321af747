/** Sends frames to one client no faster than it reads them, and writes them down. */
import type { WebSocket } from 'ws'

import type { SentLog } from './sent-log.ts'

/** Bytes that may wait for a client before the player waits. */
const BUFFER_LIMIT = 1024 * 1024

export class ClientSender {
  /** The number of the connection: 1, 2, 3 ... in the order of connecting. */
  readonly connection: number
  private readonly socket: WebSocket
  private readonly log: SentLog | undefined
  private waiting: (() => void) | undefined
  private sentFrames = 0

  constructor(socket: WebSocket, connection: number, log: SentLog | undefined) {
    this.socket = socket
    this.connection = connection
    this.log = log
    socket.on('close', () => this.wake())
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  get frameCount(): number {
    return this.sentFrames
  }

  readonly send = (text: string): void => {
    if (!this.isOpen) return
    this.sentFrames++
    this.log?.write(this.connection, text)
    this.socket.send(text, () => this.wake())
  }

  /** Resolves when the client has read enough that more may be sent, or is gone. */
  async ready(): Promise<void> {
    await this.log?.ready()
    while (this.isOpen && this.socket.bufferedAmount > BUFFER_LIMIT) {
      await new Promise<void>((resolve) => (this.waiting = resolve))
    }
  }

  private wake(): void {
    const { waiting } = this
    this.waiting = undefined
    waiting?.()
  }
}
