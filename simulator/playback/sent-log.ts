/** Writes down every frame a venue sends, as lines of a capture file, so that a recording can be compared with it. */
import type { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'

import { captureLineText, microsOf } from '../../src/index.ts'

export class SentLog {
  private readonly stream: WriteStream
  private failure: Error | undefined

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

  /**
   * One line: `{"t","conn","dir":"out","text"}`; `t` is now, in microseconds. A binary frame has `bytes` in base64 in place
   * of `text`; `venue` is added where one is given.
   */
  write(connection: number, data: string | Buffer, venue?: string): void {
    const receiveTime = microsOf(Date.now() * 1000)
    const more = venue === undefined ? {} : { venue }
    if (typeof data !== 'string')
      this.line({ t: receiveTime, conn: connection, dir: 'out', bytes: data.toString('base64'), ...more })
    else if (venue === undefined)
      this.stream.write(`${captureLineText({ kind: 'sent', receiveTime, connection, text: data })}\n`)
    else this.line({ t: receiveTime, conn: connection, dir: 'out', text: data, ...more })
  }

  /** A line that is no frame, `"dir":"mark"`, in its place between the frames of a connection. */
  mark(connection: number, venue: string, text: string): void {
    this.line({ t: Date.now() * 1000, conn: connection, dir: 'mark', text, venue })
  }

  /** True while more waits to be written than should. */
  get isBehind(): boolean {
    return this.stream.writableNeedDrain && this.failure === undefined
  }

  private line(fields: Readonly<Record<string, unknown>>): void {
    this.stream.write(`${JSON.stringify(fields)}\n`)
  }

  /** Resolves when every line is in the file; rejects when one could not be written. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.stream.end(resolve))
    if (this.failure !== undefined) throw this.failure
  }
}
