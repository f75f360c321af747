/** Where faults are written down: one JSON line each, and counts by kind. */
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'

import type { Fault, FaultKind } from './fault.ts'

/** Where a fault was injected. */
export interface FaultPlaceNote {
  readonly venue: string
  /** Of frames: the connection, from 1; 0 for a request. */
  readonly connection: number
  /** Of frames: their number on the connection as the server meant to send them; of requests: the number of the request. */
  readonly frame: number
  /** Of frames: how many frames had been sent, or stood in line, before the fault. */
  readonly sent?: number
  readonly channel?: string
  readonly path?: string
}

export class FaultLog {
  private readonly stream: WriteStream | undefined
  private failure: Error | undefined
  private readonly numbers = new Map<FaultKind, number>()

  private constructor(stream: WriteStream | undefined) {
    this.stream = stream
    stream?.on('error', (error) => (this.failure = error))
  }

  /** Creates or empties the file, where one is given. Rejects with the system's error when it cannot. */
  static async open(file: string | undefined): Promise<FaultLog> {
    if (file === undefined) return new FaultLog(undefined)
    const stream = createWriteStream(file)
    await once(stream, 'open')
    return new FaultLog(stream)
  }

  /** One line: `{"t","venue","connection","frame","channel","fault",...figures of the fault}`; `t` is now, microseconds. */
  note(place: FaultPlaceNote, { kind, ...figures }: Fault): void {
    this.numbers.set(kind, (this.numbers.get(kind) ?? 0) + 1)
    this.stream?.write(`${JSON.stringify({ t: Date.now() * 1000, ...place, fault: kind, ...figures })}\n`)
  }

  /** How many of each kind. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.numbers].sort(([one], [other]) => (one < other ? -1 : 1)))
  }

  /** Resolves when every line is in the file; rejects when one could not be written. */
  async close(): Promise<void> {
    const { stream } = this
    if (stream === undefined) return
    await new Promise<void>((resolve) => stream.end(resolve))
    if (this.failure !== undefined) throw this.failure
  }
}
