/** Replays streams in slices, several at a time on threads; what comes out is what one replay of the whole gives. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { isLeft } from 'fp-ts/lib/Either.js'

import { StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { ReplayRange } from '../../replay/position.ts'
import { ReplayFailure } from '../../replay/replay-failure.ts'
import { type ReplaySlice, sliceReplay } from '../../replay/replay-slices.ts'
import { joinSummaries, type ReplaySummary } from '../../replay/replay-summary.ts'
import { openStore, venueOfStream } from '../production.ts'
import {
  DROPPED,
  type FromReplayer,
  type NamedDerivation,
  type ReplayThreadData,
  STOP,
  STOPPED,
  TAKEN,
} from './replay-messages.ts'
import { SliceQueue } from './slice-queue.ts'

/** What to replay, and on how many threads. */
export interface ParallelReplay {
  /** The store, as `--store` names it. */
  readonly url: string
  /** In the order that decides between entries of one instant. */
  readonly streams: readonly StreamId[]
  readonly range?: ReplayRange | undefined
  /** Threads at most. */
  readonly workers: number
  /** What is to be computed; left out: the summary alone. */
  readonly derivation?: NamedDerivation | undefined
  /** Gets what the derivation emits, in the order of the replay; while it answers with a promise nothing more comes. */
  readonly onValue?: ((value: unknown) => void | Promise<void>) | undefined
  /** Told now and then how many further entries were passed. */
  readonly onEntries?: ((entries: number) => void) | undefined
  /** Once aborted, what was replayed up to the first entry that was not is answered. */
  readonly signal?: AbortSignal | undefined
  /** A range without entries is no error. */
  readonly mayBeEmpty?: boolean | undefined
}

/** Keyframes are further apart in all but small streams. */
const LEAST_ENTRIES = 500
/** More slices than threads: one that ends early takes another. */
const SLICES_PER_WORKER = 4

const slicesOf = async (asked: ParallelReplay): Promise<readonly ReplaySlice[]> => {
  const { url, streams, range = {}, workers } = asked
  const store = await openStore(url, 'read')()
  if (isLeft(store)) throw new ReplayFailure({ kind: 'store', error: store.left })
  try {
    const held = await store.right.streams()
    const known = streams.map((stream) => {
      if (!held.includes(stream)) throw new ReplayFailure({ kind: 'unknown-stream', stream, held })
      const venue = venueOfStream(stream)
      if (venue === undefined) throw new ReplayFailure({ kind: 'unknown-venue', stream })
      return { stream, venue }
    })
    const limits = { mostSlices: workers < 2 ? 1 : workers * SLICES_PER_WORKER, leastEntries: LEAST_ENTRIES }
    return await sliceReplay(store.right, known, range, limits)
  } catch (error) {
    throw error instanceof StoreFailure ? new ReplayFailure({ kind: 'store', error: error.error }) : error
  } finally {
    await store.right.close()
  }
}

class ParallelRun {
  private readonly asked: ParallelReplay
  private readonly slices: readonly ReplaySlice[]
  private readonly queue: SliceQueue
  private readonly threads: readonly { readonly worker: Worker; readonly shared: Int32Array }[]
  private begun = 0
  private readonly summaries: ReplaySummary[] = []

  constructor(asked: ParallelReplay, slices: readonly ReplaySlice[]) {
    this.asked = asked
    this.slices = slices
    this.queue = new SliceQueue(slices.length)
    const { url, streams, derivation, workers } = asked
    this.threads = Array.from({ length: Math.min(workers, slices.length) }, () => {
      const shared = new Int32Array(new SharedArrayBuffer(8))
      const workerData: ReplayThreadData = { url, streams, derivation, shared }
      const worker = new Worker(new URL('./replay-thread.js', import.meta.url), { workerData })
      this.attach(worker, shared)
      return { worker, shared }
    })
  }

  /** Gives a thread one slice after the other, in order. */
  private attach(worker: Worker, shared: Int32Array): void {
    const taken = (): void => {
      Atomics.add(shared, TAKEN, 1)
      Atomics.notify(shared, TAKEN)
    }
    let slice = -1
    const goOn = (): void => {
      slice = this.begun
      if (slice >= this.slices.length) return
      this.begun++
      worker.postMessage(this.slices[slice])
    }
    worker.on('message', (message: FromReplayer) => {
      if (message.kind === 'entries') this.asked.onEntries?.(message.entries)
      else this.queue.add(slice, { message, taken })
      if (message.kind !== 'entries' && message.kind !== 'values') goOn()
    })
    worker.on('error', (cause) => {
      // A thread that dies ends the replay: at its slice, or at the first that nobody will begin.
      const message = { kind: 'threw', cause } as const
      this.queue.add(slice, { message, taken })
      for (; this.begun < this.slices.length; this.begun++) this.queue.add(this.begun, { message, taken })
    })
    goOn()
  }

  private stop(how: number): void {
    for (const { shared } of this.threads) {
      Atomics.store(shared, STOP, how)
      Atomics.notify(shared, TAKEN)
    }
  }

  /** The summary of the slices up to the end, or to the one that was left before its end. */
  async run(): Promise<ReplaySummary> {
    const { signal } = this.asked
    const stop = (): void => {
      this.stop(STOPPED)
    }
    signal?.addEventListener('abort', stop)
    if (signal?.aborted === true) stop()
    try {
      for (const slice of this.slices.keys()) {
        const summary = await this.read(slice)
        this.summaries.push(summary)
        if (!summary.isComplete) break
      }
      return joinSummaries(this.summaries)
    } finally {
      signal?.removeEventListener('abort', stop)
      await this.close()
    }
  }

  private async read(slice: number): Promise<ReplaySummary> {
    for (;;) {
      const { message, taken } = await this.queue.next(slice)
      switch (message.kind) {
        case 'values':
          for (const value of message.values) await this.asked.onValue?.(value)
          taken()
          break
        case 'done':
          return message.summary
        case 'failed':
          throw new ReplayFailure(
            message.error,
            message.summary && joinSummaries([...this.summaries, message.summary]),
          )
        case 'threw':
          throw message.cause
      }
    }
  }

  /** Lets the threads close their stores first; one that failed has ended already. */
  private async close(): Promise<void> {
    this.begun = this.slices.length
    this.stop(DROPPED)
    const left = this.threads.filter(({ worker }) => worker.threadId >= 0)
    await Promise.all(
      left.map(async ({ worker }) => {
        const ended = once(worker, 'exit')
        worker.postMessage(undefined)
        // One that dies meanwhile has ended as well.
        await ended.catch(() => undefined)
      }),
    )
  }
}

/**
 * The summary that `visit` gives, and what the derivation emits: both are the same with any number of workers. Throws
 * ReplayFailure, and what the derivation throws, at the place where one replay of the whole would. Built code is needed:
 * threads run JavaScript files.
 */
export const replayInParallel = async (asked: ParallelReplay): Promise<ReplaySummary> => {
  const slices = await slicesOf(asked)
  const summary = await new ParallelRun(asked, slices).run()
  if (summary.isComplete && summary.entries === 0 && asked.mayBeEmpty !== true)
    throw new ReplayFailure({ kind: 'empty-range', streams: asked.streams }, summary)
  return summary
}
