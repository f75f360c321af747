/** Starts the threads of a pair's process. A thread that dies takes the process with it: the supervisor starts it again. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'

import type { SealerThread } from '../../recorder/pair-capabilities.ts'
import { askSealers } from '../../recorder/sealing/sealer-host.ts'
import type { HeldFeed, RunOptions, StreamThreads } from '../../recorder/stream-recorder-options.ts'
import type { FeedStart, KeeperStart, ToSealer } from '../../recorder/thread-messages.ts'
import { getRest } from '../../transport/rest.ts'
import { answerRest } from '../../transport/rest-port.ts'
import type { FeedThreadData } from './feed-thread.ts'
import { holdFeed } from './held-feed.ts'
import type { KeeperThreadData } from './keeper-thread.ts'

export const startWorker = (file: string, workerData: unknown, transferList: MessagePort[] = []): Worker => {
  const worker = new Worker(new URL(file, import.meta.url), { workerData, transferList })
  worker.on('error', (error) => {
    process.stderr.write(`bookreel: ${file} failed: ${error.stack ?? String(error)}\n`)
    process.exit(1)
  })
  return worker
}

/** The way to this thread, which makes the requests of one that has sockets to stamp. */
export const restPort = (): MessagePort => {
  const { port1, port2 } = new MessageChannel()
  answerRest(port1, getRest)
  return port2
}

/** How the streams of a process get their threads. */
export interface ProcessThreads {
  readonly startSealer: () => SealerThread
  readonly startThreads: (feedStart: FeedStart, keeperStart: KeeperStart) => StreamThreads
  readonly startHeldFeed: (feedStart: FeedStart, askGrant: RunOptions['askGrant']) => HeldFeed
}

const startFeed = (start: FeedStart): { readonly feed: Worker; readonly keeperPort: MessagePort } => {
  const { port1: keeperPort, port2: feedPort } = new MessageChannel()
  const rest = restPort()
  const feedData: FeedThreadData = { start, keeper: feedPort, rest }
  return { feed: startWorker('./feed-thread.js', feedData, [feedPort, rest]), keeperPort }
}

const startKeeper = (
  feed: Worker,
  onFeed: StreamThreads['onFeed'],
  keeperPort: MessagePort,
  start: KeeperStart,
): StreamThreads => {
  const keeperData: KeeperThreadData = { start, feed: keeperPort }
  const keeper = startWorker('./keeper-thread.js', keeperData, [keeperPort])
  return {
    tellFeed: (message) => {
      feed.postMessage(message)
    },
    onFeed,
    onKeeper: (listener) => {
      keeper.on('message', listener)
    },
    end: async () => {
      await Promise.all([feed.terminate(), keeper.terminate()])
    },
  }
}

const startStreamThreads = (feedStart: FeedStart, keeperStart: KeeperStart): StreamThreads => {
  const { feed, keeperPort } = startFeed(feedStart)
  const onFeed: StreamThreads['onFeed'] = (listener) => {
    feed.on('message', listener)
  }
  return startKeeper(feed, onFeed, keeperPort, keeperStart)
}

const startHeldFeed: ProcessThreads['startHeldFeed'] = (start, askGrant) => {
  const { feed, keeperPort } = startFeed({ ...start, isHeld: true })
  return holdFeed(feed, {
    askGrant,
    begin: (onFeed, keeperStart) => startKeeper(feed, onFeed, keeperPort, keeperStart),
    end: async () => {
      await feed.terminate()
    },
  })
}

/** What a sealing thread is asked and told. */
export const sealingOn = (worker: Worker): Pick<SealerThread, 'sealer' | 'forget'> => ({
  sealer: askSealers(worker),
  forget: (stream) => {
    const message: ToSealer = { kind: 'forget', stream }
    worker.postMessage(message)
  },
})

const startSealerThread = (): SealerThread => {
  const worker = startWorker('./sealer-thread.js', undefined)
  return {
    ...sealingOn(worker),
    end: async () => {
      await worker.terminate()
    },
  }
}

/** A feed thread and a keeper thread for each stream. */
export const ownThreads: ProcessThreads = {
  startSealer: startSealerThread,
  startThreads: startStreamThreads,
  startHeldFeed,
}
