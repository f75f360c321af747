/** Entry of the thread that all sockets of a light recording share. */
import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'

import type { FeedStart } from '../../recorder/thread-messages.ts'
import { restBehind } from '../../transport/rest-port.ts'
import { runFeed } from './run-feed.ts'

/** What the thread is started with: the way to who makes requests. */
export interface FeedsThreadData {
  readonly rest: MessagePort
}

/** One more feed; `main`: the way to the thread that journals its stream. */
export interface AddFeed {
  readonly start: FeedStart
  readonly main: MessagePort
}

if (parentPort === null) throw new Error('the feeds thread is started by a pair process')
const get = restBehind((workerData as FeedsThreadData).rest)
parentPort.on('message', ({ start, main }: AddFeed) => {
  runFeed(start, { main, keeper: undefined, get })
})
