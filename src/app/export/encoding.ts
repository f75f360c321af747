/**
 * Encodes the files of an export beside the replay: on a thread of its own where there is built code, here where there is
 * none. Owns the order, and how far the replay may be ahead.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { type Batch, buffersOf } from '../../export/columns/column-data.ts'
import type { FileEncoder, FilePlan } from '../../export/formats/format.ts'
import { type Format, newEncoder } from '../../export/formats/new-encoder.ts'
import type { EncodeTask } from './export-thread.ts'

/** Batches that wait or are under way while the replay may go on. */
const MOST_AHEAD = 2

/** Where the bytes of the file under way go, in order. */
type WriteBytes = (bytes: Uint8Array) => Promise<void>

interface Waiting {
  readonly settle: (pieces: readonly Uint8Array[]) => void
  readonly fail: (error: Error) => void
}

const isBuilt = import.meta.url.endsWith('.js')

export class Encoding {
  private worker: Worker | undefined
  /** Why the thread takes no tasks any more. */
  private ended: Error | undefined
  private encoder: FileEncoder | undefined
  private readonly waiting: Waiting[] = []
  private write: WriteBytes = () => Promise.resolve()
  /** Of everything asked for so far; what failed is told by whoever waits. */
  private written: Promise<void> = Promise.resolve()
  private ahead = 0
  private failure: Error | undefined
  private onRoom: (() => void) | undefined

  private begun(): Worker {
    const worker = new Worker(new URL('./export-thread.js', import.meta.url))
    worker.on('message', (pieces: readonly Uint8Array[]) => {
      this.waiting.shift()?.settle(pieces)
    })
    worker.on('error', (error: Error) => {
      this.giveUp(error)
    })
    worker.on('exit', () => {
      this.giveUp(new Error('the thread that encodes has ended'))
    })
    this.worker = worker
    return worker
  }

  private giveUp(error: Error): void {
    this.ended ??= error
    for (const { fail } of this.waiting.splice(0)) fail(error)
  }

  private async ask(task: EncodeTask): Promise<readonly Uint8Array[]> {
    if (this.ended !== undefined) throw this.ended
    const worker = this.worker ?? this.begun()
    return await new Promise((settle, fail) => {
      this.waiting.push({ settle, fail })
      worker.postMessage(task, task.kind === 'batch' ? buffersOf(task.batch) : [])
    })
  }

  /** A file begins; `write` gets its bytes. */
  async begin(format: Format, plan: FilePlan, write: WriteBytes): Promise<void> {
    this.write = write
    if (isBuilt) await this.ask({ kind: 'begin', format, plan })
    else this.encoder = await newEncoder(format, plan)
  }

  /** The next rows; returns at once. The batch is the encoder's from here on. */
  add(batch: Batch): void {
    this.ahead++
    const bytes = isBuilt
      ? this.ask({ kind: 'batch', batch })
      : Promise.resolve(this.encoder?.encode(batch) ?? [])
    this.written = this.written
      .then(async () => {
        for (const piece of await bytes) await this.write(piece)
      })
      .catch((error: unknown) => {
        this.failure ??= error instanceof Error ? error : new Error(String(error))
      })
      .then(() => {
        this.ahead--
        this.onRoom?.()
      })
    // Whoever waits for the writing is told.
    bytes.catch(() => undefined)
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure
  }

  /** Resolves when more rows may come. Throws what went wrong meanwhile. */
  async room(): Promise<void> {
    while (this.ahead > MOST_AHEAD && this.failure === undefined)
      await new Promise<void>((resolve) => {
        this.onRoom = resolve
      })
    this.check()
  }

  /** The file's rows are complete: the rest of it is written. Resolves to what takes the place of its beginning, or to nothing. */
  async end(): Promise<Uint8Array> {
    await this.written
    this.check()
    const pieces = isBuilt ? await this.ask({ kind: 'end' }) : (this.encoder?.end() ?? [])
    for (const piece of pieces) await this.write(piece)
    const [head] = isBuilt ? await this.ask({ kind: 'head' }) : [this.encoder?.head?.()]
    return head ?? new Uint8Array(0)
  }

  /** Ends the thread, when it has done what it was given. */
  async close(): Promise<void> {
    await this.written
    const { worker } = this
    if (worker === undefined || worker.threadId < 0) return
    const ended = once(worker, 'exit')
    worker.postMessage(undefined)
    await ended.catch(() => undefined)
  }
}
