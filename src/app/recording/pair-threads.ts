/** Starts the threads of a pair's process. A thread that dies takes the process with it: the supervisor starts it again. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'

import { askSealers } from '../../recorder/sealing/sealer-host.ts'
import type { StreamThreads } from '../../recorder/stream-recorder-options.ts'
import type { FeedStart, KeeperStart, Sealer } from '../../recorder/thread-messages.ts'
import type { FeedThreadData } from './feed-thread.ts'
import type { KeeperThreadData } from './keeper-thread.ts'

export const startWorker = (file: string, workerData: unknown, transferList: MessagePort[] = []): Worker => {
  const worker = new Worker(new URL(file, import.meta.url), { workerData, transferList })
  worker.on('error', (error) => {
    process.stderr.write(`bookreel: ${file} failed: ${error.stack ?? String(error)}\n`)
    process.exit(1)
  })
  return worker
}

/** A sealing thread, and how it is ended. */
export interface SealerThread {
  readonly sealer: Sealer
  readonly end: () => Promise<void>
}

/** How the streams of a process get their threads. */
export interface ProcessThreads {
  readonly startSealer: () => SealerThread
  readonly startThreads: (feedStart: FeedStart, keeperStart: KeeperStart) => StreamThreads
}

const startStreamThreads = (feedStart: FeedStart, keeperStart: KeeperStart): StreamThreads => {
  const { port1, port2 } = new MessageChannel()
  const keeperData: KeeperThreadData = { start: keeperStart, feed: port1 }
  const keeper = startWorker('./keeper-thread.js', keeperData, [port1])
  const feedData: FeedThreadData = { start: feedStart, keeper: port2 }
  const feed = startWorker('./feed-thread.js', feedData, [port2])
  return {
    tellFeed: (message) => {
      feed.postMessage(message)
    },
    onFeed: (listener) => {
      feed.on('message', listener)
    },
    onKeeper: (listener) => {
      keeper.on('message', listener)
    },
    end: async () => {
      await Promise.all([feed.terminate(), keeper.terminate()])
    },
  }
}

const startSealerThread = (): SealerThread => {
  const worker = startWorker('./sealer-thread.js', undefined)
  return {
    sealer: askSealers(worker),
    end: async () => {
      await worker.terminate()
    },
  }
}

/** A feed thread and a keeper thread for each stream. */
export const ownThreads: ProcessThreads = {
  startSealer: startSealerThread,
  startThreads: startStreamThreads,
}
