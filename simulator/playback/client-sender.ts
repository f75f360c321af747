/**
 * Sends frames to one client no faster than it reads them, many to a write, and writes them down. Owns the client's
 * socket for sending and closing.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { ClientConnection } from '../venues/listener.ts'
import { FrameBatch } from './frame-batch.ts'
import type { SentLog } from './sent-log.ts'

/** Bytes that may wait for a client before the player waits. */
const BUFFER_LIMIT = 1024 * 1024
/** Bytes that are gathered before they are written. */
const BATCH_BYTES = 64 * 1024
/** A log that is behind is looked at again after so many milliseconds. */
const LOG_MILLISECONDS = 5

export interface SenderOptions {
  readonly client: ClientConnection
  /** The number of the connection: 1, 2, 3 ... in the order of connecting. */
  readonly connection: number
  readonly log: SentLog | undefined
  /** Something stands between server and client, so that every frame must pass through the socket's own `send`. */
  readonly isGuarded: boolean
  /** True while a log on the way to the client has more to write than it should. */
  readonly isLogBehind: (() => boolean) | undefined
}

export class ClientSender {
  readonly connection: number
  private readonly client: ClientConnection
  private readonly log: SentLog | undefined
  private readonly isLogBehind: () => boolean
  private readonly batch: FrameBatch | undefined
  private isFlushDue = false
  private readonly waiting = new Set<() => void>()
  private sentFrames = 0

  constructor({ client, connection, log, isGuarded, isLogBehind }: SenderOptions) {
    this.client = client
    this.connection = connection
    this.log = log
    this.isLogBehind = isLogBehind ?? ((): boolean => log?.isBehind ?? false)
    // Compressed frames depend on those before them: the socket's own affair.
    const isPlain = client.socket.extensions === '' && !isGuarded
    this.batch = isPlain ? new FrameBatch(BATCH_BYTES) : undefined
    client.socket.on('close', () => this.wake())
  }

  get isOpen(): boolean {
    return this.client.socket.readyState === this.client.socket.OPEN
  }

  get frameCount(): number {
    return this.sentFrames
  }

  readonly send = (text: string): void => {
    if (!this.isOpen) return
    this.sentFrames++
    this.log?.write(this.connection, text)
    if (this.batch === undefined) {
      this.client.socket.send(text, () => this.wake())
      return
    }
    this.batch.addText(text)
    this.gather(this.batch)
  }

  /** Sends a text frame whose UTF-8 bytes are at hand; they are copied. */
  sendBytes(bytes: Uint8Array): void {
    if (this.batch === undefined || this.log !== undefined) {
      this.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
      return
    }
    if (!this.isOpen) return
    this.sentFrames++
    this.batch.addBytes(bytes)
    this.gather(this.batch)
  }

  private gather(batch: FrameBatch): void {
    if (batch.byteLength >= BATCH_BYTES) this.flush()
    else if (!this.isFlushDue) {
      this.isFlushDue = true
      process.nextTick(() => this.flush())
    }
  }

  /** Writes what was gathered. */
  flush(): void {
    this.isFlushDue = false
    const bytes = this.batch?.take()
    if (bytes !== undefined && this.isOpen) this.client.wire.write(bytes, () => this.wake())
  }

  /** True when the client has so much to read that the player should wait. */
  get isFull(): boolean {
    return this.client.socket.bufferedAmount > BUFFER_LIMIT || this.isLogBehind()
  }

  /** Resolves when more may be sent, or the client is gone; false when it read too little in so many milliseconds. */
  async ready(milliseconds: number): Promise<boolean> {
    while (this.isLogBehind()) await sleep(LOG_MILLISECONDS)
    const end = performance.now() + milliseconds
    while (this.isOpen && this.client.socket.bufferedAmount > BUFFER_LIMIT) {
      if (performance.now() >= end) return false
      await this.woken(milliseconds)
    }
    return true
  }

  private async woken(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = milliseconds === Infinity ? undefined : setTimeout(() => this.wake(), milliseconds)
      this.waiting.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Closes as the recording's connection was closed; a code that no close frame may carry just ends the socket. */
  close(code: number, reason: string): void {
    this.flush()
    const isSayable = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000) // prettier-ignore
    if (isSayable) this.client.socket.close(code, Buffer.byteLength(reason) > 120 ? '' : reason)
    else this.client.wire.end(() => this.client.socket.terminate())
  }

  /** A last word to a client that does not read, then the end. */
  cut(text: string | undefined): void {
    if (text !== undefined) this.send(text)
    this.client.socket.terminate()
  }

  private wake(): void {
    const { waiting } = this
    for (const woken of [...waiting]) {
      waiting.delete(woken)
      woken()
    }
  }
}
