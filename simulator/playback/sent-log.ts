/** Writes down every frame the player sends, as lines of a capture file, so that a recording can be compared with it. */
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'

import { captureLineText, microsOf } from '../../src/index.ts'

export class SentLog {
  private readonly stream: WriteStream
  private failure: Error | undefined
  private draining: Promise<unknown> | undefined

  private constructor(stream: WriteStream) {
    this.stream = stream
    stream.on('error', (error) => (this.failure = error))
  }

  /** Creates or empties the file. Rejects with the system's error when it cannot. */
  static async open(file: string): Promise<SentLog> {
    const stream = createWriteStream(file)
    await once(stream, 'open')
    return new SentLog(stream)
  }

  /** One line: `{"t","conn","dir":"out","text"}`; `t` is now, in microseconds. */
  write(connection: number, text: string): void {
    const receiveTime = microsOf(Date.now() * 1000)
    this.stream.write(`${captureLineText({ kind: 'sent', receiveTime, connection, text })}\n`)
  }

  /** Resolves when more may be written without piling up. */
  async ready(): Promise<void> {
    if (!this.stream.writableNeedDrain || this.failure !== undefined) return
    this.draining ??= once(this.stream, 'drain').then(() => (this.draining = undefined))
    await this.draining
  }

  /** Resolves when every line is in the file; rejects when one could not be written. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.stream.end(resolve))
    if (this.failure !== undefined) throw this.failure
  }
}
