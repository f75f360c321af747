/** Sends frames to one client no faster than it reads them, many to a write. Owns its socket for sending and closing. */
import { setTimeout as sleep } from 'node:timers/promises'

import { isSayableCode, MOST_REASON_BYTES } from '../venues/close-code.ts'
import { endClient } from '../venues/end-client.ts'
import type { ClientConnection } from '../venues/listener.ts'
import { FrameBatch } from './frame-batch.ts'

/** Bytes that may wait for a client before the player waits. */
const BUFFER_LIMIT = 1024 * 1024
/** Bytes that are gathered before they are written. */
const BATCH_BYTES = 64 * 1024
/** A log that is behind is looked at again after so many milliseconds. */
const LOG_MILLISECONDS = 5
const POLICY_VIOLATION = 1008

export interface SenderOptions {
  readonly client: ClientConnection
  /** The number of the connection: 1, 2, 3 ... in the order of connecting. */
  readonly connection: number
  /** True while a log on the way to the client has more to write than it should. */
  readonly isLogBehind: () => boolean
}

export class ClientSender {
  readonly connection: number
  private readonly client: ClientConnection
  private readonly isLogBehind: () => boolean
  private readonly batch: FrameBatch | undefined
  private isFlushDue = false
  private readonly waiting = new Set<() => void>()
  private sentFrames = 0

  constructor({ client, connection, isLogBehind }: SenderOptions) {
    this.client = client
    this.connection = connection
    this.isLogBehind = isLogBehind
    this.batch = client.isPlain ? new FrameBatch(BATCH_BYTES) : undefined
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
    if (this.batch === undefined) {
      this.client.socket.send(text, () => this.wake())
      return
    }
    this.batch.addText(text)
    this.gather(this.batch)
  }

  /** Sends a text frame whose UTF-8 bytes are at hand; they are copied. */
  sendBytes(bytes: Uint8Array): void {
    if (this.batch === undefined) {
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
    if (isSayableCode(code))
      this.client.socket.close(code, Buffer.byteLength(reason) > MOST_REASON_BYTES ? '' : reason)
    else this.client.wire.end(() => this.client.socket.terminate())
  }

  /** A last word to a client that does not read, then the end. */
  cut(text: string | undefined): void {
    this.flush()
    endClient(this.client, POLICY_VIOLATION, 'too slow', text)
  }

  private wake(): void {
    const { waiting } = this
    for (const woken of [...waiting]) {
      waiting.delete(woken)
      woken()
    }
  }
}
