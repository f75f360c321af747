/** Entry of a feed's thread: one venue's socket of one pair, so that nobody else's work delays its receive times. */
import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'

import type { FeedStart } from '../../recorder/thread-messages.ts'
import { restBehind } from '../../transport/rest-port.ts'
import { runFeed } from './run-feed.ts'

/** What the thread is started with; `keeper`: the way to the live book's thread, `rest`: to who makes requests. */
export interface FeedThreadData {
  readonly start: FeedStart
  readonly keeper: MessagePort
  readonly rest: MessagePort
}

const { start, keeper, rest } = workerData as FeedThreadData
if (parentPort === null) throw new Error('a feed thread is started by a pair process')
runFeed(start, { main: parentPort, keeper, get: restBehind(rest) })
