/**
 * Opens chunks on threads of their own, so that decompressing and reading columns takes no time of whoever applies the
 * entries. Threads start with the first chunk, and keep no process alive while they have nothing to do.
 */
import { once } from 'node:events'
import os from 'node:os'
import { Worker } from 'node:worker_threads'

import { type Either, left, right } from 'fp-ts/lib/Either.js'

import { contentsFromMessage } from '../../codec/chunk-contents.ts'
import { type ChunkContents, type ChunkDamage, openPayload } from '../../codec/chunk-format.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import type { ChunkOpener } from '../../replay/reading/chunk-opener.ts'
import type { FromOpener, OpenTask } from './open-thread.ts'

/** Two keep up with one thread that applies; more would take memory alone. */
const MOST_THREADS = 2

interface Waiting extends OpenTask {
  readonly settle: (opened: Either<ChunkDamage, ChunkContents>) => void
  readonly fail: (error: Error) => void
}

/** One thread and its tasks, answered in their order. */
class OpenThread {
  readonly tasks: Waiting[] = []
  /** It ended, or never began: what it had is opened here. */
  hasEnded = false
  private readonly worker: Worker

  constructor() {
    this.worker = new Worker(new URL('./open-thread.js', import.meta.url))
    this.worker.unref()
    this.worker.on('message', (answer: FromOpener) => {
      this.take(answer)
    })
    this.worker.on('error', () => {
      this.giveUp()
    })
    this.worker.on('exit', () => {
      this.giveUp()
    })
  }

  add(task: Waiting): void {
    if (this.tasks.length === 0) this.worker.ref()
    this.tasks.push(task)
    // The payload may be the store's own: the thread gets a copy.
    const payload = new Uint8Array(task.payload)
    this.worker.postMessage({ header: task.header, payload } satisfies OpenTask, [payload.buffer])
  }

  private take(answer: FromOpener): void {
    // While it is being closed its end is waited for.
    if (this.hasEnded) return
    const task = this.tasks.shift()
    if (this.tasks.length === 0) this.worker.unref()
    task?.settle(answer.kind === 'opened' ? right(contentsFromMessage(answer.contents)) : left(answer.damage))
  }

  private giveUp(): void {
    this.hasEnded = true
    for (const { header, payload, settle } of this.tasks.splice(0)) settle(openPayload(header, payload))
  }

  async close(): Promise<void> {
    this.hasEnded = true
    for (const { fail } of this.tasks.splice(0)) fail(new Error('the threads that open chunks were closed'))
    if (this.worker.threadId < 0) return
    // It ends by itself: one that is stopped in the middle of decompressing takes the process with it.
    this.worker.ref()
    const ended = once(this.worker, 'exit')
    this.worker.postMessage(undefined)
    await ended.catch(() => undefined)
  }
}

export class OpenThreads implements ChunkOpener {
  private readonly threads: OpenThread[] = []
  private readonly most: number

  /** `most`: threads at most; left out: as many as help on this machine. */
  constructor(most = Math.max(1, Math.min(MOST_THREADS, os.availableParallelism() - 1))) {
    this.most = most
  }

  async open(header: ChunkHeader, payload: Uint8Array): Promise<Either<ChunkDamage, ChunkContents>> {
    const thread = this.leastBusy()
    if (thread.hasEnded) return openPayload(header, payload)
    return await new Promise((settle, fail) => {
      thread.add({ header, payload, settle, fail })
    })
  }

  private leastBusy(): OpenThread {
    const [first = this.start(), ...others] = this.threads
    let chosen = first
    for (const thread of others) if (thread.tasks.length < chosen.tasks.length) chosen = thread
    return chosen.tasks.length > 0 && this.threads.length < this.most ? this.start() : chosen
  }

  private start(): OpenThread {
    const thread = new OpenThread()
    this.threads.push(thread)
    return thread
  }

  /** Ends the threads; what is under way is rejected. */
  async close(): Promise<void> {
    for (const thread of this.threads.splice(0)) await thread.close()
  }
}
