/** Entry of a feed's thread: one venue's socket of one pair, so that nobody else's work delays its receive times. */
import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'

import type { FeedStart } from '../../recorder/thread-messages.ts'
import { runFeed } from './run-feed.ts'

/** What the thread is started with; `keeper`: the way to the live book's thread. */
export interface FeedThreadData {
  readonly start: FeedStart
  readonly keeper: MessagePort
}

const { start, keeper } = workerData as FeedThreadData
if (parentPort === null) throw new Error('a feed thread is started by a pair process')
runFeed(start, parentPort, keeper)
