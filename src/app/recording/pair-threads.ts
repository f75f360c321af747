/** Starts the threads of a pair's process. A thread that dies takes the process with it: the supervisor starts it again. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'

import { askSealers } from '../../recorder/sealing/sealer-host.ts'
import type { HeldFeed, StreamThreads } from '../../recorder/stream-recorder-options.ts'
import type { FeedStart, FromFeed, KeeperStart, Sealer, ToFeed } from '../../recorder/thread-messages.ts'
import type { FeedThreadData } from './feed-thread.ts'
import type { KeeperThreadData } from './keeper-thread.ts'

const startWorker = (file: string, workerData: unknown, transferList: MessagePort[]): Worker => {
  const worker = new Worker(new URL(file, import.meta.url), { workerData, transferList })
  worker.on('error', (error) => {
    process.stderr.write(`bookreel: ${file} failed: ${error.stack ?? String(error)}\n`)
    process.exit(1)
  })
  return worker
}

const startFeed = (start: FeedStart): { readonly feed: Worker; readonly keeperPort: MessagePort } => {
  const { port1: keeperPort, port2: feedPort } = new MessageChannel()
  const feedData: FeedThreadData = { start, keeper: feedPort }
  return { feed: startWorker('./feed-thread.js', feedData, [feedPort]), keeperPort }
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

export const startStreamThreads = (feedStart: FeedStart, keeperStart: KeeperStart): StreamThreads => {
  const { feed, keeperPort } = startFeed(feedStart)
  const onFeed: StreamThreads['onFeed'] = (listener) => {
    feed.on('message', listener)
  }
  return startKeeper(feed, onFeed, keeperPort, keeperStart)
}

/** What the feed reports before anybody listens is told to the first who does. */
export const startHeldFeed = (start: FeedStart): HeldFeed => {
  const { feed, keeperPort } = startFeed({ ...start, isHeld: true })
  const early: FromFeed[] = []
  let listen = (message: FromFeed): void => void early.push(message)
  const ready = new Promise<void>((resolve) => {
    feed.on('message', (message: FromFeed) => {
      if (message.kind === 'ready') resolve()
      else listen(message)
    })
  })
  return {
    ready,
    begin: ({ manifest, lastSeq, lastReceiveTime, lastConnection }, keeperStart) => {
      const begin: ToFeed = { kind: 'begin', begin: { manifest, lastSeq, lastReceiveTime, lastConnection } }
      const onFeed: StreamThreads['onFeed'] = (listener) => {
        listen = listener
        for (const message of early.splice(0)) listener(message)
      }
      const threads = startKeeper(feed, onFeed, keeperPort, keeperStart)
      feed.postMessage(begin)
      return threads
    },
    end: async () => {
      await feed.terminate()
    },
  }
}

export const startSealerThread = (): { readonly sealer: Sealer; readonly end: () => Promise<void> } => {
  const worker = startWorker('./sealer-thread.js', undefined, [])
  return {
    sealer: askSealers(worker),
    end: async () => {
      await worker.terminate()
    },
  }
}
